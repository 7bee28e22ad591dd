"""Marks on a series: what was said of an instance, where it stood then."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.rule.transition import Transition
from minerlib.views.drawing import ground
from minerlib.views.drawing.ground import Row, Span
from minerlib.views.drawing.hear import Heard, Who, named, who
from minerlib.views.drawing.thin import Point

_STRETCHES = 240  # of the range; of one instance one mark of a kind is drawn in each


class Look(NamedTuple):
    colour: str
    shape: str


SAID = {
    "raised": Look("#c1272d", "triangle-up"),
    "escalated": Look("#7b1fa2", "diamond"),
    "flapping": Look("#e69f00", "cross"),
    "cleared": Look("#2a8a4a", "triangle-down"),
    "unknown": Look("#374151", "square"),
    "returned": Look("#0072b2", "circle"),
    "retired": Look("#8a8f98", "cross"),
}


class Mark(NamedTuple):
    """Something said of an instance at a time; where no value was observed, `value` is None."""

    time: int
    value: float | None
    what: str
    who: Who


def said(found: Backtest, which: Iterable[Transition], what: str | None = None) -> list[Mark]:
    """A mark for each transition, called by what it is, or `what`."""
    return [Mark(each.due, each.value, what or each.what, who(found.rule, each)) for each in which]


def placed(marks: Iterable[Mark], heard: Heard, found: Backtest, span: Span, low: float, high: float) -> list[Row]:
    """The rows of marks: on the series, what is said of the whole stream at the top; of what is not drawn, none."""
    drawn: dict[tuple[str, Who, int], Row] = {}
    step = max(1, (span.end - span.begin) // _STRETCHES)
    for mark in marks:
        if mark.who.key and heard.series and mark.who not in heard.series:
            continue
        value = high if not mark.who.key else _value(mark, heard.series, low)
        drawn.setdefault(
            (mark.what, mark.who, mark.time // step),
            {"time": ground.millis(mark.time), "value": min(max(value, low), high), "what": mark.what,
             "instance": named(mark.who, found)},
        )  # fmt: skip
    return list(drawn.values())


def layers(found: Sequence[Row], looks: Mapping[str, Look], span: Span, value: alt.Y) -> list[alt.Chart]:
    """The marks, each kind with its look."""
    there = {row["what"] for row in found}
    names = [name for name in looks if name in there]
    colours = alt.Scale(domain=names, range=[looks[name].colour for name in names])
    shapes = alt.Scale(domain=names, range=[looks[name].shape for name in names])
    legend = ground.legend("top", names)
    drawn = alt.Chart(ground.rows(found)).mark_point(
        size=70, filled=True, opacity=0.95, stroke="white", strokeWidth=0.6
    )
    encoded = drawn.encode(
        span.x(),
        value,
        color=alt.Color("what:N", scale=colours, title=None, legend=legend),
        shape=alt.Shape("what:N", scale=shapes, title=None, legend=legend),
        tooltip=["what:N", "instance:N", alt.Tooltip("time:T", format="%Y-%m-%d %H:%M:%S"), "value:Q"],
    )
    return [encoded] if found else []


def _value(mark: Mark, series: Mapping[Who, list[Point]], low: float) -> float:
    """What was observed; else the last that was before, or the first there is."""
    if mark.value is not None:
        return mark.value
    points = series.get(mark.who)
    if not points:
        return low
    return points[max(0, bisect_right([point.time for point in points], mark.time) - 1)].value
