"""Results drawn: what is in the charts is what the rule observed, compared with and said."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import altair as alt
import pytest

from minerlib.event import Event
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND
from minerlib.rule import Backtest, Begun, Comparison, Events, Rule, Stream, Why, backtest, compare
from minerlib.views.drawing import chart, picture
from minerlib.views.drawing.hear import POINTS

START = 20_000 * DAY
MEAN = {"of": "v", "agg": "mean", "over": "2m", "every": "1m"}
SILENT = {"after": "3m", "then": "alert"}
NEVER = {"after": "1h", "then": "alert"}
NOTHING_USUAL = {
    "usual": {"shared": {"centre": [None], "spread": [None]}},
    "levels": [{"severity": "info", "when": "> usual"}],
}
NO_MEASURE: dict[str, Any] = {"measure": None, "levels": None, "missing": SILENT}


def rule(**said: Any) -> Rule:
    shape = {"rule": "hot", "scope": "acme.web.prod", "kind": "k", "measure": {"of": "v"}, "levels": [level("> 80")]}
    return Rule.from_dict({key: value for key, value in (shape | said).items() if value is not None})


def level(when: str, severity: str = "warning") -> dict[str, str]:
    return {"severity": severity, "when": when}


def events(until: int = 0, step: int = MINUTE, **series: list[float | None]) -> Events:
    """A value of each source every `step`, None being no event, and a tick at `until`."""
    found: list[Event] = []
    for number in range(max(map(len, series.values()), default=0)):
        for source, values in series.items():
            if number < len(values) and values[number] is not None:
                found.append(event(number * step, source, {"v": values[number]}, len(found)))
    end = max([until, *(each.time - START for each in found)])
    return Events([*found, event(end, "clock", {}, len(found), kind="tick")])


def event(at: int, source: str, body: Any, offset: int, **other: Any) -> Event:
    shape = {
        "time": START + at, "seen": START + at, "epoch": "e", "offset": offset, "part": 0, "company": "acme",
        "system": "web", "environment": "prod", "source": source, "kind": "k", "body": body,
    }  # fmt: skip
    return Event(**(shape | other))


def layers(result: Backtest | Comparison | Why, panel: int = 0) -> list[tuple[str, list[dict[str, Any]]]]:
    """The mark of each layer of a panel, and its rows; times as minutes since START."""
    spec = chart(result).to_dict()
    return list(_layers(spec["vconcat"][panel], spec.get("data")))


def _layers(spec: dict[str, Any], data: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    data = spec.get("data", data)
    if "mark" in spec:
        yield (
            spec["mark"]["type"],
            [{name: _minutes(name, value) for name, value in row.items()} for row in data["values"]],
        )
    for layer in spec.get("layer", []):
        yield from _layers(layer, data)


def _minutes(name: str, value: Any) -> Any:
    return (value * 1000 - START) / MINUTE if name in ("time", "begin", "end") else value


def of(found: list[tuple[str, list[dict[str, Any]]]], mark: str, *names: str) -> list[tuple[Any, ...]]:
    """The rows of all layers with that mark which have all these columns."""
    return [
        tuple(row[name] for name in names)
        for kind, rows in found
        for row in rows
        if kind == mark and all(name in row for name in names)
    ]


def test_a_backtest_shows_what_was_compared() -> None:
    """The means of windows, not the events; the lines of levels and clear; each transition where it stood."""
    about = rule(measure=MEAN, levels=[level("> 80"), level("> 95", "critical")], clear={"when": "< 75"})
    found = backtest(about, events(a=[70, 90, 100, 98, 60, 60], until=7 * MINUTE))
    drawn = layers(found)
    assert of(drawn, "line", "time", "value", "instance") == [
        (0, 70, "a"), (1, 80, "a"), (2, 95, "a"), (3, 99, "a"), (4, 79, "a"), (5, 60, "a"), (6, 60, "a"),
    ]  # fmt: skip
    assert set(of(drawn, "line", "line", "value")) == {
        ("0 warning > 80", 80), ("1 critical > 95", 95), ("2 clear < 75", 75),
    }  # fmt: skip
    assert of(drawn, "point", "time", "value", "what") == [(2, 95, "raised"), (3, 99, "escalated"), (5, 60, "cleared")]
    assert of(layers(found, 1), "rect", "begin", "end", "alerts") == [(2, 3, 1)]
    title = chart(found).to_dict()["title"]
    assert (title["text"], title["subtitle"]) == ("hot", [found.says])


def test_a_rule_without_a_clear_has_no_line_of_it() -> None:
    """Where it clears is where its lowest level lies."""
    drawn = layers(backtest(rule(), events(a=[70, 90])))
    assert of(drawn, "text", "said") == [("warning > 80",)]


def test_only_the_range_is_drawn() -> None:
    """What primed it is not, nor what the history has got since."""
    history = events(a=[70.0 + number for number in range(10)])
    found = backtest(rule(), history, since=START + 4 * MINUTE, until=START + 7 * MINUTE)
    assert of(layers(found), "line", "time", "instance") == [(4, "a"), (5, "a")]


def test_the_run_of_a_host_is_drawn_from_where_it_began() -> None:
    """Primed with what it was primed with, to where it ended."""
    begun = Begun(Stream("acme.web.prod", "e"), 2, 3, START + 3 * MINUTE, 5, START + 6 * MINUTE)
    found = backtest(rule(measure=MEAN | {"over": "5m"}), events(a=[1, 1, 70, 80, 99, 71, 9, 9]), begun=begun)
    assert of(layers(found), "line", "time", "value", "instance") == [(3, 75, "a"), (4, 83, "a"), (5, 80, "a")]
    assert of(layers(found), "point", "time", "what") == [(4, "raised"), (5, "cleared")]


def test_many_values_are_thinned_and_keep_their_extremes() -> None:
    """Six of eight: first those that were said something of, then those that came nearest to the line."""
    series = {f"s{n}": [float(n + i % 7) for i in range(3000)] for n in range(8)}
    series["s0"][1234] = 90
    series["s1"][1700] = 85
    series["s1"][1702] = -40
    found = backtest(rule(), events(step=SECOND, until=HOUR, **series))
    drawn = of(layers(found), "line", "value", "instance")
    assert len(drawn) <= POINTS
    assert {name for _, name in drawn} == {"s0", "s1", "s4", "s5", "s6", "s7"}
    assert [max(drawn), min(drawn)] == [(90, "s0"), (-40, "s1")]
    spec = chart(found).to_dict()
    assert len(json.dumps(spec)) < 400_000
    assert "source (6 of 8)" in json.dumps(spec)


def test_a_gap_parts_the_line() -> None:
    """What is further apart than a window reaches is not joined; what is too short to be seen has dots."""
    found = backtest(rule(measure=MEAN), events(a=[1, 1, 1, *[None] * 20, 3], until=30 * MINUTE))
    parts = {part: value for value, part in of(layers(found), "line", "value", "part")}
    assert parts == {"0.0": 1, "0.1": 3}
    assert (23, 3) in of(layers(found), "circle", "time", "value")
    found = backtest(rule(measure=MEAN), events(a=[*[1] * 300, *[None] * 20, 3], until=330 * MINUTE))
    assert of(layers(found), "circle", "value") == [(3,), (3,)]


def test_what_is_usual_is_a_line_by_the_hour() -> None:
    """As it is for the instance of which most was said."""
    usual = {"shared": {"centre": [20 + hour for hour in range(24)], "spread": [2]}}
    about = rule(usual=usual, levels=[level("> usual + 3 * spread")])
    found = backtest(about, events(a=[10.0] * 150))
    moved = of(layers(found), "line", "line", "time", "value")
    assert moved == [
        ("0 warning > usual + 3 * spread", at, value) for at, value in ((0, 26), (60, 27), (120, 28), (149, 28))
    ]


def test_a_forecast_of_never_is_no_point() -> None:
    """A far one is cut at four times the highest line, so that the line is seen."""
    measure = {"of": "v", "agg": "forecast", "to": 100, "over": "3m", "every": "1m"}
    about = rule(measure=measure, levels=[level("< 600")])
    found = backtest(about, events(a=[50, 40, 40.001, 40.002, 40.01, 60, 80, 95, 99], until=10 * MINUTE))
    spec = chart(found).to_dict()
    assert all(abs(value) < float("inf") for (value,) in of(layers(found), "line", "value"))
    high = max(of(layers(found), "line", "value", "instance"))[0]
    domain = spec["vconcat"][0]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert high > 100_000
    assert domain[1] < 3000


def test_lines_that_lie_close_have_names_apart() -> None:
    """No name is written over another."""
    about = rule(levels=[level("> 80"), level("> 80.1", "critical")], clear={"when": "< 79.9"})
    values = [value for (value,) in of(layers(backtest(about, events(a=[0, 100, 0]))), "text", "value")]
    assert values == sorted(values)
    assert min(high - low for low, high in pairwise(values)) > 5


def test_labelled_incidents_are_shaded() -> None:
    """Those in the range, and that is said."""
    labels = [(START + MINUTE, START + 2 * MINUTE), (START - DAY, START - HOUR)]
    found = backtest(rule(), events(a=[70, 90, 90, 70]), labels=labels)
    assert of(layers(found), "rect", "begin", "end") == [(1, 2)]
    assert chart(found).to_dict()["title"]["subtitle"][-1] == "Shaded: the labelled incidents."


def test_instances_of_several_scopes_are_told_apart() -> None:
    """By the scope before their names."""
    some = [event(n * MINUTE, "a", {"v": 9}, n, system=system) for system in ("web", "mail") for n in range(3)]
    found = backtest(rule(scope="acme.*.prod"), Events(some))
    assert {name for (name,) in of(layers(found), "line", "instance")} == {"acme.web.prod a", "acme.mail.prod a"}


def test_what_is_never_measured_is_drawn_as_lanes() -> None:
    """When there were events, and when it was missing."""
    found = backtest(rule(**NO_MEASURE), events(a=[1] * 9, b=[1, 1, *[None] * 5, 1, 1], until=9 * MINUTE))
    bars = of(layers(found), "bar", "name", "what", "begin", "end")
    assert set(bars) == {("b", "events", 0, 8), ("b", "critical", 4, 7), ("a", "events", 0, 8)}


def test_a_stream_declared_anew_ends_what_fired_before() -> None:
    """Its lane fires to the end of the old epoch, and from the first alert of the new one."""
    old = events(a=[1], until=9 * MINUTE)
    new = [event(at * MINUTE, "a", {"v": 1}, at, epoch="f") for at in (20, 22)]
    tick = event(30 * MINUTE, "clock", {}, 99, epoch="f", kind="tick")
    found = backtest(rule(**NO_MEASURE), Events([*old._events, *new, tick]))
    assert of(layers(found), "bar", "what", "begin", "end") == [
        ("events", 0, 22), ("critical", 3, 9), ("critical", 25, 30),
    ]  # fmt: skip


def test_what_is_said_without_a_value_stands_where_it_was_last() -> None:
    """Missing at 90; the silence of the whole stream at the top."""
    about = rule(missing={"after": "3m", "then": "hold"})
    found = backtest(about, events(a=[10, 20], b=[10, 20, *[10] * 9], until=11 * MINUTE))
    assert of(layers(found), "point", "time", "value", "what", "instance") == [(4, 20, "unknown", "a")]
    found = backtest(about, events(a=[10, 20], b=[10, 20], until=11 * MINUTE))
    ((time, value, who),) = of(layers(found), "point", "time", "value", "instance")
    assert (time, who) == (4, "the whole stream")
    assert value > 80


def test_a_comparison_shows_both_lines_and_what_changes() -> None:
    """Over one series; what both have is drawn once, and firings by what becomes of them."""
    history = events(a=[70, 82, 70, 90, 70], b=[70, 70, 70, 70, 79], until=5 * MINUTE)
    clear = {"when": "< 75"}
    drawn = compare(rule(clear=clear), rule(levels=[level("> 85"), level("> 89", "critical")], clear=clear), history)
    panel = layers(drawn)
    assert {name for (name,) in of(panel, "text", "said")} == {
        "old warning > 80", "new warning > 85", "new critical > 89", "clear < 75",
    }  # fmt: skip
    assert of(panel, "point", "time", "value", "what") == [(1, 82, "gone"), (3, 90, "the same")]
    assert of(layers(drawn, 1), "bar", "name", "what", "begin", "end") == [("a", "gone", 1, 2), ("a", "the same", 3, 4)]
    drawn = compare(rule(), rule(levels=[level("> 75")]), history)
    assert of(layers(drawn), "point", "time", "what", "instance") == [
        (4, "new", "b"), (1, "the same", "a"), (3, "the same", "a"),
    ]  # fmt: skip


def test_rules_that_observe_different_things_have_a_panel_each() -> None:
    """With its own lines, and the firings it says itself."""
    drawn = compare(rule(), rule(measure=MEAN), events(a=[70, 82, 70, 90, 96, 70, 70]))
    old, new = layers(drawn, 0), layers(drawn, 1)
    assert of(old, "point", "time", "what") == [(1, "gone"), (3, "the same")]
    assert of(new, "point", "time", "what") == [(4, "the same")]
    assert [of(panel, "text", "said") for panel in (old, new)] == [[("old warning > 80",)], [("new warning > 80",)]]
    assert of(new, "line", "value", "instance")[1] == (76, "a")


def test_rules_of_other_instances_name_their_own() -> None:
    """A firing that is gone by what the old rule calls it."""
    drawn = compare(rule(), rule(by=["source", "kind"], levels=[level("> 85")]), events(a=[70, 82, 70, 90, 70, 70]))
    assert of(layers(drawn, 2), "bar", "name", "what") == [("a", "gone"), ("a k", "the same")]


def test_a_history_without_events_has_no_axes() -> None:
    """There is no time to draw."""
    assert of(layers(backtest(rule(), Events([]))), "text", "said") == [("There is nothing to draw.",)]


def test_why_shows_what_led_to_it() -> None:
    """The observations, whether each held; the line; since when it held and when it was due."""
    waits = rule(levels=[level("> 80") | {"for": "2m"}], clear={"when": "< 75"})
    found = backtest(waits, events(a=[70, 90, 91, 92, 60]))
    drawn = layers(found.why(found.transitions[0]))
    assert of(drawn, "circle", "time", "value", "compared") == [
        (0, 70, "does not hold"), (1, 90, "holds"), (2, 91, "holds"), (3, 92, "holds"),
    ]  # fmt: skip
    assert {value for _, value in of(drawn, "line", "line", "value")} == {80}
    assert of(drawn, "rule", "time", "said") == [(3, "raised, due 00:03:00"), (1, "held since 00:01:00")]
    assert of(drawn, "rect", "begin", "end") == [(1, 3)]


def test_why_of_something_missing_shows_the_last_event() -> None:
    """There is nothing observed, and two moments."""
    found = backtest(rule(**NO_MEASURE), events(a=[1, 1], until=9 * MINUTE))
    why = found.why(found.transitions[0])
    assert of(layers(why), "rule", "time", "said") == [(4, "raised, due 00:04:00"), (1, "last event 00:01:00")]
    assert chart(why).to_dict()["title"]["subtitle"] == why.lines


HISTORY = events(a=[70, 90, 70], b=[70, None, 90], until=9 * MINUTE)
POOR = {
    "no event": backtest(rule(), Events([])),
    "no event, no measure": backtest(rule(**NO_MEASURE), Events([])),
    "no event of its kind": backtest(rule(kind="other"), HISTORY),
    "one event": backtest(rule(), events(a=[70])),
    "no transition": backtest(rule(levels=[level("> 100")]), HISTORY),
    "no number": backtest(rule(measure={"of": "missing"}), HISTORY),
    "no instance": backtest(rule(by=[]), HISTORY),
    "no history": replace(backtest(rule(), HISTORY), history=None),
    "no history, no measure": replace(backtest(rule(**NO_MEASURE), HISTORY), history=None),
    "no series, a bare result": Backtest(rule()),
    "nothing usual": backtest(rule(**NOTHING_USUAL), HISTORY),
    "two rules, no event": compare(rule(), rule(levels=[level("> 85")]), Events([])),
    "two rules, no alert": compare(rule(levels=[level("> 100")]), rule(**NO_MEASURE | {"missing": NEVER}), HISTORY),
    "two rules, other instances": compare(rule(), rule(by=[]), HISTORY),
    "two rules, no history": Comparison(Backtest(rule()), Backtest(rule())),
}  # fmt: skip


@pytest.mark.parametrize("result", POOR.values(), ids=POOR.keys())
def test_there_is_always_a_picture(result: Backtest | Comparison) -> None:
    """An SVG that needs no network and says what the result says."""
    svg = picture(result)["image/svg+xml"]
    assert result.says[:30].replace("'", "&#39;").replace("<", "&lt;") in svg or result.says[:30] in svg
    assert svg.count("http") == svg.count("http://www.w3.org/")
    assert "NaN" not in svg


def test_every_reason_has_a_picture() -> None:
    """Of each transition that a backtest can have."""
    about = rule(missing={"after": "3m", "then": "hold"}, flap={"most": 3, "per": "9m"}, retire="40m")
    gone: list[float | None] = [None] * 12
    found = backtest(
        about, events(a=[90, 70, 90, 70, 90, 70, *gone, *[70] * 50], b=[90, 90, *[70] * 15], until=2 * HOUR)
    )
    assert {each.what for each in found.transitions} >= {
        "raised",
        "cleared",
        "flapping",
        "unknown",
        "returned",
        "retired",
    }
    for transition in found.transitions:
        assert "mark-rule" in picture(found.why(transition))["image/svg+xml"]


def test_a_notebook_shows_the_picture_and_keeps_its_own_style() -> None:
    """Beside the text; what draws the reader's own charts is as before."""
    found = backtest(rule(), HISTORY)
    renderer = alt.renderers.active
    with alt.theme.enable("dark"):
        shown = found._repr_mimebundle_()
        assert (alt.renderers.active, alt.theme.active) == (renderer, "dark")
    assert list(shown) == ["text/plain", "image/svg+xml"]
    assert "#6b7280" in shown["image/svg+xml"]
    assert found.chart().to_dict()["vconcat"]
