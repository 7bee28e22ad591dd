"""The lines of a rule: what each level and `clear` compare with, as a number, or hour by hour where it is usual."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from minerlib.event.moment import HOUR
from minerlib.rule.condition import Condition
from minerlib.rule.rule import Rule
from minerlib.views.drawing import ground
from minerlib.views.drawing.ground import Row, Span
from minerlib.views.drawing.thin import Point, Thin

_STRETCHES = 250  # of a line that changes with the hour
_LETTERS = 13 / 260  # of a panel's height that one label takes


class Line(NamedTuple):
    """What values are compared with: `name` says whose it is, `points` where it lies from when on."""

    name: str
    colour: str
    points: list[Point]


def lines(rule: Rule, key: str, span: Span) -> list[Line]:
    """The lines of all levels, and of `clear` where the rule has its own; as they are for one instance."""
    asked = [(level.severity, ground.SEVERITIES.get(level.severity, ground.RED), level.when) for level in rule.levels]
    if rule.clear:
        asked.append(("clear", ground.GREEN, rule.clear.when))
    found = [Line(f"{name} {when}", colour, _points(rule, when, key, span)) for name, colour, when in asked]
    return [line for line in found if line.points]


def layers(found: Sequence[Line], span: Span, value: alt.Y, dash: Sequence[int] = (6, 3)) -> list[alt.Chart]:
    """The lines, named in one."""
    drawn: list[Row] = []
    for number, line in enumerate(found):
        until = [*line.points, line.points[-1]._replace(time=span.end)]
        drawn += [
            {"time": ground.millis(point.time), "value": point.value, "line": f"{number} {line.name}",
             "colour": line.colour}
            for point in until
        ]  # fmt: skip
    moves = max((len(line.points) for line in found), default=1)
    mark = alt.Chart(ground.rows(drawn)).mark_line(
        strokeDash=list(dash) if moves == 1 else [],
        strokeWidth=1.2 if moves == 1 else 0.8,
        opacity=1 if moves < _STRETCHES else 0.4,
        interpolate="step-after",
    )
    colour = alt.Color("colour:N", scale=None)
    return [mark.encode(span.x(), value, color=colour, detail="line:N")] if drawn else []


def names(found: Sequence[Line], value: alt.Y, low: float, high: float) -> list[alt.Chart]:
    """What each line is, at its right end, so far apart that it can be read."""
    least, at = _LETTERS * (high - low), -math.inf
    drawn: list[Row] = []
    for line in sorted(found, key=lambda each: each.points[-1].value):
        at = max(at + least, line.points[-1].value)
        drawn.append({"value": at, "said": line.name, "colour": line.colour})
    over = max(0.0, at - high)
    drawn = [{**row, "value": max(low, row["value"] - over)} for row in drawn]
    mark = alt.Chart(ground.rows(drawn)).mark_text(align="left", dx=6, fontSize=11, limit=190)
    colour = alt.Color("colour:N", scale=None)
    return [mark.encode(value, x=alt.value(ground.WIDTH), text="said:N", color=colour)] if drawn else []


def _points(rule: Rule, when: Condition, key: str, span: Span) -> list[Point]:
    if math.isfinite(when.number):
        return [Point(span.begin, when.number)]
    if rule.usual is None:
        return []
    thin = Thin(span.begin, span.end, _STRETCHES)
    for time in [span.begin, *range((span.begin // HOUR + 1) * HOUR, span.end, HOUR)]:
        line = when.line(rule.usual.at(key, time))
        if line is not None:
            thin.add(time, line)
    return thin.points
