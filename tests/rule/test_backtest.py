"""A backtest: what is folded from where, and what is said of it."""

import json
from itertools import chain

import pytest
from story import START, event, fold, level, rule, series, told

from minerlib.errors import StreamError
from minerlib.event import Event
from minerlib.event.moment import DAY, HOUR, MINUTE
from minerlib.rule import Begun, Events, Stream, backtest, evaluate
from minerlib.rule.state import State

STREAM = Stream("acme.web.prod", "e")


def ends(until: str, offset: int = 1000) -> Event:
    """A tick, so that the stream's clock stands at `until`."""
    return event(until, None, offset, kind="tick")


def test_it_says_what_evaluate_says():
    """The whole of a history is one fold up to the stream's clock."""
    said = rule(clear={"when": "< 75"}, missing={"after": "3m", "then": "alert"})
    events = [*series("70 90x3 78 74 _x6 90"), ends("20m")]
    assert backtest(said, Events(events)).transitions == fold(said, events, "20m")[1]


def test_it_ends_at_the_clock_less_lateness():
    """What is due within `lateness` of the clock is not known yet, as it would not be live."""
    events = [event("0s", {"v": 9}, 0), event("10s", {"v": 90}, 1)]
    assert backtest(rule(), Events([*events, ends("15s")])).transitions == []
    assert told(backtest(rule(), Events([*events, ends("15.000001s")])).transitions) == ["10s raised warning"]


def test_since_is_primed_in_silence():
    """What fires at `since` is said then; what happened before it is not, and is not counted."""
    events = [*series("90 70 90x3 70x3 90"), ends("20m")]
    found = backtest(rule(levels=[level("> 80", "2m")]), Events(events), since=START + 6 * MINUTE + 1)
    assert told(found.transitions) == []
    assert found.counts["selected"] == 2
    found = backtest(rule(clear={"when": "< 9", "for": "1h"}), Events(events), since=START + 4 * MINUTE)
    assert told(found.transitions) == ["4m raised warning primed"]
    assert (found.since, found.until) == (START + 4 * MINUTE, START + 20 * MINUTE)
    assert found.counts["selected"] == 5  # what is seen at `since` itself is inside


def test_until_leaves_out_what_is_seen_then():
    """`until` itself is outside, and the clock stops before it."""
    found = backtest(rule(), Events(series("70 70 90 70")), until=START + 2 * MINUTE)
    assert (found.transitions, found.counts["selected"], found.until) == ([], 2, START + MINUTE)


def test_each_stream_and_epoch_is_folded_by_itself():
    """Two systems and a stream declared anew have three states; other scopes are left out."""
    low, high = rule(scope="acme.*.prod", levels=[level("> 80", "1m")]), {"v": 90}
    events = list(chain.from_iterable(
        [event("0s", high, 0, **where), event("1m", high, 1, **where), event("5m", high, 2, **where)]
        for where in ({}, {"epoch": "f"}, {"system": "mail"}, {"company": "other"})
    ))  # fmt: skip
    found = backtest(low, Events(events))
    assert [(each.stream, each.epoch) for each in found.transitions] == [
        ("acme.web.prod", "e"), ("acme.web.prod", "f"), ("acme.mail.prod", "e"),
    ]  # fmt: skip
    assert found.instances == 3


def test_a_stream_that_ended_before_since_is_left_out():
    """An epoch of last week raises nothing this week, whatever fired when it ended."""
    events = [event("0s", {"v": 90}, 0), event("1m", {"v": 90}, 1), event("3h", {"v": 9}, 0, epoch="f")]
    found = backtest(rule(clear={"when": "< 9", "for": "2h"}), Events(events), since=START + HOUR)
    assert (found.transitions, found.since) == ([], START + HOUR)


def test_begun_folds_what_a_host_folded():
    """From the offset it was primed from, silent below the one it was live from, until it was withdrawn."""
    events = [*series("70 90 90 70 90 90"), ends("20m")]
    begun = Begun(STREAM, primed_from=2, live_from=3, clock=START + 2 * MINUTE + 6_000_000)
    assert told(backtest(rule(), Events(events), begun=begun).transitions) == [
        "2m6s raised warning primed", "3m cleared warning", "4m raised warning",
    ]  # fmt: skip
    begun = begun._replace(last=5, ended=START + 6 * MINUTE)
    assert told(backtest(rule(), Events(events), begun=begun).transitions)[-1] == "6m cleared warning replaced"
    begun = begun._replace(last=3, ended=START + 4 * MINUTE)
    assert told(backtest(rule(), Events(events), begun=begun).transitions)[1:] == ["3m cleared warning"]


def test_what_the_first_live_event_makes_due_is_said():
    """The event at `live_from` is not part of priming, though what it makes due happened before it."""
    begun = Begun(STREAM, primed_from=0, live_from=1, clock=START)
    assert told(backtest(rule(), Events(series("90 70")), begun=begun).transitions) == ["0s raised warning"]


def test_what_is_primed_at_a_due_time_has_an_id_of_its_own():
    """A host begun at 1m says what fires; cleared and raised anew, due at that very moment, is another transition."""
    said = rule(lateness="10s")
    events = [event("0s", {"v": 90}, 0), event("1m", None, 1, kind="tick"), event("59s", {"v": 9}, 2, seen="1m")]
    events += [event("1m", {"v": 90}, 3), ends("2m")]
    found = backtest(said, Events(events), begun=Begun(STREAM, 0, 2, START + MINUTE)).transitions
    assert told(found) == ["1m raised warning primed", "59s cleared warning", "1m raised warning"]
    assert len({each.id for each in found}) == 3
    assert found[0].number < found[1].number < found[2].number


def test_numbers_begin_above_an_earlier_run():
    """A rule taken back and exported again numbers on, also what is due a little before it was taken back."""
    events = [event("50s", {"v": 9}, 0), event("59s", {"v": 90}, 1, seen="1m"), ends("2m")]
    (found,) = backtest(rule(), Events(events), begun=Begun(STREAM, 0, 1, START + MINUTE)).transitions
    assert (found.due, found.number) == (START + 59_000_000, (START + MINUTE) * 1000)


def test_alerts_a_day_and_by_hour():
    """Three alerts on the first day, none on the second, one on the third: at 6 and at 23 o'clock."""
    alerts = [(6, 0), (6, 10), (23, 0), (2 * 24 + 23, 0)]
    events = [event(0, {"v": 9}, 0)]
    for hour, minute in alerts:
        at = hour * 3600 + minute * 60
        events += [event(at, {"v": 90}, len(events)), event(at + 60, {"v": 9}, len(events) + 1)]
    found = backtest(rule(), Events([*events, ends("3d")]))
    assert START % DAY == 0
    assert found.per_day == {"median": 1, "p95": 3, "worst": 3}
    assert {hour: count for hour, count in enumerate(found.by_hour) if count} == {6: 2, 23: 2}
    assert found.says == "over 3d: 4 alerts, 2 at night; firing 0.1% of the time."


def test_share_of_time_firing():
    """Two of ten minutes, of one instance of two."""
    events = [*series("70x5 90x2 70x4"), *series("70x11", source="b")]
    events = sorted((event for event in events), key=lambda each: each.time)
    found = backtest(rule(), Events([*events, ends("10m")]))
    assert (found.firing, found.instances) == (2 / 20, 2)


def test_a_level_that_never_fired_is_named():
    """So is one that was only raised because the instance was missing."""
    said = rule(levels=[level("> 80"), level("> 95", severity="critical")], missing={"after": "3m", "then": "alert"})
    found = backtest(said, Events([*series("70 90 70"), ends("9m")]))
    assert found.never == ["critical"]
    assert "never fired    critical" in str(found)
    assert backtest(said, Events([*series("70"), ends("9m")])).never == ["warning", "critical"]


def test_what_went_wrong_is_told():
    """Late, future, null, repeated and faulty events are counted and said."""
    events = [
        event("1m", {"v": 9}, 0), event("0s", {"v": 9}, 1, seen="1m"), event("1h", {"v": 9}, 2, seen="1m"),
        event("1m", {"v": None}, 3), event("1m", {"v": "x"}, 4), ends("2m"),
    ]  # fmt: skip
    found = backtest(rule(), Events(events))
    assert found.says == "over 1m: no alert (1 late, 1 future, 1 null, 1 fault)."
    assert found.counts == {"selected": 3, "late": 1, "future": 1, "null": 1, "fault": 1}


def test_a_rule_that_selects_nothing_is_told_so():
    """The likeliest reason is its kind."""
    found = backtest(rule(kind="disc.usage"), Events(series("90")))
    assert found.says == "r selected no event at all: is its kind 'disc.usage' right?"
    assert backtest(rule(), Events([])).per_day == {"median": 0, "p95": 0, "worst": 0}


def test_it_is_plain_json_and_readable_text():
    """`to_dict` survives JSON; the text shows the newest twenty transitions."""
    found = backtest(rule(), Events([*series("90 70 " * 15), ends("1h")]))
    plain = json.loads(json.dumps(found.to_dict()))
    assert (plain["alerts"], plain["counts"]["late"], len(plain["transitions"])) == (15, 0, 30)
    lines = str(found).splitlines()
    assert lines[0] == f"r: {found.says}"
    assert "  the last 20 of 30 transitions:" in lines
    assert len([line for line in lines if "raised" in line]) == 10


def test_progress_is_heard():
    """How many events were folded so far, of all streams together, and how far the stream's clock is."""
    heard: list[tuple[int, int]] = []
    events = [*series("70x7"), *series("70x3", epoch="f")]
    backtest(rule(), Events(events), progress=lambda *said: heard.append(said))
    assert heard[-1] == (10, START + 2 * MINUTE)
    assert (7, START + 6 * MINUTE) in heard


def test_a_state_of_another_version_is_refused_in_a_sentence():
    """It is not guessed at; one of this version comes back equal."""
    state, _ = evaluate(rule(), State.fresh("acme.web.prod", "e"), series("70"))
    data = state.to_bytes()
    assert State.from_bytes(data).to_bytes() == data
    with pytest.raises(StreamError, match="another version of minerlib"):
        State.from_bytes(bytes([data[0] + 1]) + data[1:])
