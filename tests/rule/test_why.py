"""Why a rule said what it said: observations, thresholds and timers, in words."""

import json
from typing import Any

import msgspec
import pytest
from story import START, event, level, rule, series

from minerlib.errors import ArchiveError, SettingError
from minerlib.event import Event
from minerlib.event.moment import MINUTE, rfc3339
from minerlib.rule import Begun, Events, Rule, Stream, backtest, why

STREAM = Stream("acme.web.prod", "e")
TICK = event("9d", None, 100_000, kind="tick")
HOLD = {"after": "3m", "then": "hold"}


def said(about: Rule, events: list[Event], number: int = -1) -> list[str]:
    """The lines about one of a backtest's transitions."""
    found = backtest(about, Events([*events, TICK]))
    return found.why(found.transitions[number]).lines


def test_raised():
    """What was observed, what it was compared with, since when that held, and for how long it had to."""
    slow = rule(measure={"of": "v", "agg": "max", "over": "2m", "every": "1m"}, levels=[level("> 80", "2m")])
    assert said(slow, series("70 90x4"), 0) == [
        "The max of v over 2m was 90 at 2024-10-04 00:03:00, which is > 80.",
        "That had held since 2024-10-04 00:01:00, for 2m: warning asks for 2m.",
    ]
    assert said(rule(), series("70 90"), 0) == [
        "v was 90 at 2024-10-04 00:01:00, which is > 80.", "For warning one observation is enough.",
    ]  # fmt: skip


def test_escalated():
    """It fired already, at a level below."""
    levels = [level("> 80"), level("> 95", "1m", "critical")]
    assert said(rule(levels=levels), series("90 99 99"), 1) == [
        "v was 99 at 2024-10-04 00:02:00, which is > 95.",
        "That had held since 2024-10-04 00:01:00, for 1m: critical asks for 1m.",
        "It fired already, at warning.",
    ]


def test_cleared():
    """By the timer of clear; or by none, where the rule has none of its own."""
    assert said(rule(clear={"when": "< 75", "for": "1m"}), series("90 70 70"), 1) == [
        "v was 70 at 2024-10-04 00:02:00, which is < 75.",
        "That had held since 2024-10-04 00:01:00, for 1m: clear asks for 1m.",
    ]
    assert said(rule(), series("90 70"), 1) == [
        "v was 70 at 2024-10-04 00:01:00, which is <= 80.", "For clear one observation is enough.",
        "The rule has no clear of its own: it clears where its lowest level does not hold.",
    ]  # fmt: skip


def test_what_is_usual():
    """The line, how it is made, and what of."""
    unusual = rule(usual={"shared": {"centre": [60], "spread": [5]}}, levels=[level("> usual + 4 * spread")])
    assert said(unusual, series("70 90"), 0)[0] == (
        "v was 90 at 2024-10-04 00:01:00, which is > 80 (usual + 4 * spread; usual was 60, spread was 5 in that hour)."
    )


def test_missing_and_back():
    """The last event, when the next was due; how long it was away."""
    events = series("90 _x9 90")
    held = said(rule(missing=HOLD), events, 1)
    assert held == [
        "Its last event was at 2024-10-04 00:00:00; the rule waits 3m for the next one.",
        "None came until 2024-10-04 00:03:00: state (firing) and timers stand still.",
    ]
    assert said(rule(missing=HOLD), events, 2) == [
        "An event of it came at 2024-10-04 00:10:00 (offset 1), after it had been missing for 7m.",
        "It goes on as firing; its timers were moved on by 7m.",
    ]
    alerts = rule(missing={"after": "3m", "then": "alert"})
    assert said(alerts, series("70 _x9 70"), 0)[1] == "None came until 2024-10-04 00:03:00, and that alerts."
    assert said(alerts, series("70 _x9 70"), 1)[1] == "It fired only because it was missing."
    clears = rule(missing={"after": "3m", "then": "clear"})
    assert said(clears, series("90"), 1)[1] == "None came until 2024-10-04 00:03:00, and that ends what fires."


def test_the_silence_of_a_stream():
    """Who was silent since when; and what ended it."""
    events = [event("0s", {"v": 9}, 0), event("30s", {"v": 9}, 1, source="b"), event("9m", {"v": 9}, 2)]
    assert said(rule(missing=HOLD), events, 0)[0] == (
        "None of the 2 instances has had an event since 2024-10-04 00:00:30, and one of them was due to be missed at "
        "2024-10-04 00:03:00, 3m after its last."
    )
    assert said(rule(missing=HOLD), events, 1) == [
        "An event came at 2024-10-04 00:09:00 (offset 2): the stream had been silent since 2024-10-04 00:03:00."
    ]


def test_flapping_and_settled():
    """The times of its changes, how many are too many, what it waits for."""
    flaps = rule(flap={"most": 2, "per": "10m"})
    assert said(flaps, series("90 70 90 70"), 2) == [
        "It was raised and cleared 3 times in 10m, and 2 are allowed: at 2024-10-04 00:00:00, 2024-10-04 00:01:00, "
        "2024-10-04 00:02:00.",
        "The last time v was 90.",
        "It counts as firing at warning until it has not changed for 10m.",
    ]
    assert said(flaps, series("90 70 90 70"), 3) == [
        "It was latched because it flapped; its last change was at 2024-10-04 00:03:00, and none came for 10m.",
        "It does not fire any more.",
    ]


def test_retired():
    """Unseen for too long, or by an event."""
    assert said(rule(retire="1h"), series("90"), 1) == [
        "Its last event was at 2024-10-04 00:00:00.", "The rule forgets what it has not seen for 1h.",
    ]  # fmt: skip
    told = event("5m", {"rule": "r", "instance": {"source": "a"}}, 7, kind="rule.retire")
    assert said(rule(), [*series("90"), told], 1) == [
        "An event at 2024-10-04 00:05:00 (offset 7) says that it is to be forgotten.",
        "Its last event was at 2024-10-04 00:00:00.",
    ]


def test_primed():
    """At the begin of a backtest's range: since when it has held, as far as is known."""
    events = Events([*series("70 90x5"), TICK])
    found = backtest(rule(clear={"when": "< 75", "for": "1h"}), events, since=START + 3 * MINUTE)
    assert found.why(found.transitions[0]).lines == [
        "It fired already when the rule began, at 2024-10-04 00:03:00: its past was evaluated in silence.",
        "warning has held since 2024-10-04 00:01:00, as far as that past goes.",
    ]


def test_the_last_ten_observations_and_the_window():
    """With what each was compared, and the positions of the window's events."""
    window = rule(
        measure={"of": "v", "agg": "max", "over": "20m", "every": "1m"}, evidence={"line": {"usual": 42}, "by": "me"}
    )
    found = backtest(window, Events([*series("70x15 90"), TICK]))
    why = found.why(found.transitions[0])
    assert [value for _, value in why.facts.observed] == [70] * 9 + [90]
    assert (why.facts.inside, why.facts.events) == (16, [(n, 0) for n in range(10)])
    lines = str(why).splitlines()
    assert lines[0].startswith("r: 2024-10-04T00:15:00Z  raised")
    assert "  observed (the last 10):" in lines
    assert "    2024-10-04 00:14:00  70          not > 80" in lines
    assert "    2024-10-04 00:15:00  90          > 80" in lines
    assert "  its window held 16 events, at the offsets 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 6 more" in lines
    assert lines[-2:] == [f"    {'line.usual':<28} 42", f"    {'by':<28} me"]
    plain = json.loads(json.dumps(why.to_dict()))
    assert plain["observed"][-1] == {"time": "2024-10-04T00:15:00.000000Z", "value": 90, "line": 80, "holds": True}
    assert (plain["since"], plain["last_event"]) == ("2024-10-04T00:15:00.000000Z", "2024-10-04T00:14:00.000000Z")
    assert plain["window_events"] == 16
    assert plain["evidence"] == {"line": {"usual": 42}, "by": "me"}


def test_what_comes_after_it_is_no_reason():
    """Two events of one moment: the first decided."""
    events = [event("0s", {"v": 90}, 0), event("0s", {"v": 99}, 1)]
    found = backtest(rule(), Events([*events, TICK]))
    assert found.why(found.transitions[0]).facts.observed == [(START, 90.0)]


def live(about: Rule, text: str) -> tuple[Events, list[Event]]:
    """A history with a run of a host in it, begun behind two events; and its alerts."""
    events = series(text)
    begun = Begun(STREAM, 0, 2, START + MINUTE)
    body = {
        "time": rfc3339(begun.clock), "rule": about.name, "fingerprint": about.fingerprint, "primed_from": 0.0,
        "live_from": 2.0, "document": about.to_yaml(),
    }  # fmt: skip
    began = event("1m", body, 90, kind="node.began")
    found = backtest(about, Events([*events, TICK]), begun=begun).transitions
    alerts = [event("1h", each.body(), 91 + at, kind="alert.r") for at, each in enumerate(found)]
    other = began.body | {"fingerprint": "0" * 32}
    return Events([*events, began, event("1m", other, 90, kind="node.began"), *alerts, TICK]), alerts


@pytest.mark.parametrize("form", ["transition", "event", "body", "id", "prefix", "archived"])
def test_an_alert_is_found_with_its_run(form: str):
    """By any of its shapes; the rule is the one that its host began with."""
    history, alerts = live(rule(clear={"when": "< 75", "for": "1m"}), "90 90 70 70 90")
    assert [each.body["what"] for each in alerts] == ["raised", "cleared", "raised"]
    alert = alerts[1]
    archived = msgspec.structs.replace(alert, body=alert.body | {"version": 1.0, "ordinal": 0.0})
    forms: dict[str, Any] = {
        "transition": backtest(rule(clear={"when": "< 75", "for": "1m"}), history).transitions[1],
        "event": alert, "body": alert.body, "id": alert.body["id"], "prefix": alert.body["id"][:8],
        "archived": archived,
    }  # fmt: skip
    found = why(forms[form], history)
    assert found.lines[1] == "That had held since 2024-10-04 00:02:00, for 1m: clear asks for 1m."
    assert (found.begun and found.begun.live_from) == 2


def test_what_was_primed_and_what_was_replaced():
    """A run's own words about its begin and its end."""
    history, alerts = live(rule(clear={"when": "< 75", "for": "1m"}), "90 90 70 70 90")
    assert why(alerts[0], history).lines[0].startswith("It fired already when the rule began, at 2024-10-04 00:01:00")
    about = rule(clear={"when": "< 75", "for": "1m"})
    end = Begun(STREAM, 0, 2, START + MINUTE, 4, START + 5 * MINUTE)
    replaced = backtest(about, history, begun=end).transitions[-1]
    assert replaced.reason == "replaced"
    assert why(replaced, history).lines[0] == (
        "The rule was withdrawn or replaced at 2024-10-04 00:05:00, and takes back what it raised."
    )


def test_with_a_rule_no_run_is_needed():
    """A transition of a backtest, and the rule it was of; another rule is told apart."""
    history = Events([*series("70 90 70"), TICK])
    transition = backtest(rule(), history).transitions[0]
    assert why(transition, history, rule()).lines[0] == "v was 90 at 2024-10-04 00:01:00, which is > 80."
    with pytest.raises(SettingError, match="means something else by now"):
        why(transition, history, rule(levels=[level("> 81")]))


def test_what_cannot_be_explained():
    """Each in a sentence: no such alert, several, no run, a history that does not lead to it."""
    history, alerts = live(rule(), "90 90 70 70 90")
    with pytest.raises(SettingError, match="No alert of the archive has the id 'abcdefgh'"):
        why("abcdefgh", history)
    with pytest.raises(SettingError, match="is no alert"):
        why("a", history)
    with pytest.raises(SettingError, match="no usable"):
        why({"what": "raised"}, history)
    with pytest.raises(ArchiveError, match=r"No run of the rule r .* is in the archive"):
        why(alerts[0], Events(series("90")))
    with pytest.raises(ArchiveError, match="does not lead to this alert"):
        why(alerts[0].body | {"due": "2024-10-04T00:33:00Z"}, history)
    found = backtest(rule(), history)
    with pytest.raises(SettingError, match="None of the backtest's transitions has the id 'abc'"):
        found.why("abc")
    assert found.why(found.transitions[0].id).lines == found.why(found.transitions[0]).lines


def test_of_a_window_what_came_before_its_instance_was_retired_is_not():
    """Retired at the very moment at which the window ends: what follows is another instance's."""
    counted = rule(by=[], measure={"agg": "count", "over": "1m"}, levels=[level("> 0")])
    retired = event("1m", {"rule": "r", "instance": {}}, 1, kind="rule.retire")
    events = [event("50s", {"v": 1}, 0), retired, event("1m", {"v": 1}, 2)]
    found = backtest(counted, Events([*events, TICK]))
    assert found.why(found.transitions[0]).to_dict()["window"] == [[2, 0]]


def test_retired_the_moment_it_was_new():
    """Raised and forgotten at one moment: its last event was then."""
    retired = event("1m", {"rule": "r", "instance": {"source": "a"}}, 1, kind="rule.retire")
    assert said(rule(), [event("1m", {"v": 90}, 0), retired])[1] == "Its last event was at 2024-10-04 00:01:00."
