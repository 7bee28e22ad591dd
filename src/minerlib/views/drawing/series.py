"""The panel of a series: what was observed, what it was compared with, and what was said of it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.rule.reasons import measured
from minerlib.views.drawing import ground, lines, marks
from minerlib.views.drawing.ground import Row, Span
from minerlib.views.drawing.hear import Heard, named
from minerlib.views.drawing.lines import Line
from minerlib.views.drawing.marks import Look, Mark

_FEW = 150  # points of one instance: each is seen as a dot, too
_SHORT = 2  # points of a part that is no line to the eye


def panel(
    found: Backtest,
    heard: Heard,
    span: Span,
    drawn: Sequence[Line],
    said: Sequence[Mark],
    looks: Mapping[str, Look] = marks.SAID,
    before: Sequence[Line] = (),
) -> alt.LayerChart:
    """Series, lines and marks; `before` are lines that were drawn by a rule of before."""
    every = [*drawn, *before]
    low, high = _extent(found, heard, every, said)
    value = ground.y("value", measured(found.rule), low, high)
    layers = [*_incidents(found, span), *_series(found, heard, span, value)]
    layers += lines.layers(before, span, value, (2, 3)) + lines.layers(drawn, span, value)
    layers += lines.names(every, value, low, high)
    layers += marks.layers(marks.placed(said, heard, found, span, low, high), looks, span, value)
    return (
        alt.LayerChart(layer=layers)
        .resolve_scale(color="independent", shape="independent")
        .properties(width=ground.WIDTH, height=260)
    )


def _series(found: Backtest, heard: Heard, span: Span, value: alt.Y) -> list[alt.Chart]:
    rows: list[Row] = []
    alone: list[Row] = []
    for number, (who, points) in enumerate(heard.series.items()):
        name = named(who, found)
        few, parts = len(points) <= _FEW, Counter(point.part for point in points)
        some = [
            {"time": ground.millis(point.time), "value": point.value, "instance": name,
             "part": f"{number}.{point.part}"}
            for point in points
        ]  # fmt: skip
        rows += some
        alone += [row for row, point in zip(some, points, strict=True) if few or parts[point.part] <= _SHORT]
    if not rows:
        why = "Nothing was observed." if found.history is not None else "Its history is not at hand."
        said = alt.Chart(ground.rows([{"said": why}])).mark_text(color=ground.GREY, align="right")
        return [said.encode(x=alt.value(ground.WIDTH), y=alt.value(-7), text="said:N")]
    names = sorted({named(who, found) for who in heard.series})
    palette = alt.Scale(domain=names, range=ground.SERIES[: len(names)])
    title = " ".join(found.rule.by) + (f" ({len(names)} of {found.instances})" if found.instances > len(names) else "")
    legend = ground.legend("bottom", names) if found.instances > 1 else None
    colour = alt.Color("instance:N", scale=palette, title=title, legend=legend)
    line = alt.Chart(ground.rows(rows)).mark_line(strokeWidth=1.2, opacity=0.9)
    drawn = [line.encode(span.x(), value, color=colour, detail="part:N")]
    if alone:
        dots = alt.Chart(ground.rows(alone)).mark_circle(size=14, opacity=0.9)
        drawn.append(dots.encode(span.x(), value, color=alt.Color("instance:N", scale=palette, legend=None)))
    return drawn


def _incidents(found: Backtest, span: Span) -> list[alt.Chart]:
    """What was labelled, as bands behind everything."""
    there = [each for each in found.incidents or [] if each.end >= span.begin and each.begin <= span.end]
    rows = [
        {"begin": ground.millis(max(each.begin, span.begin)), "end": ground.millis(min(each.end, span.end))}
        for each in there
    ]
    mark = alt.Chart(ground.rows(rows)).mark_rect(color="#fde68a", opacity=0.5)
    return [mark.encode(span.x("begin"), x2="end:T")] if rows else []


def _extent(found: Backtest, heard: Heard, drawn: Sequence[Line], said: Sequence[Mark]) -> tuple[float, float]:
    values = [point.value for points in heard.series.values() for point in points]
    values += [mark.value for mark in said if mark.value is not None and math.isfinite(mark.value)]
    return ground.extent(found.rule, values, [point.value for line in drawn for point in line.points])
