"""An explanation drawn: the observations that led to what was said, their line, and the moment it was due."""

import math
from collections.abc import Sequence

import altair as alt

from minerlib.event.moment import SECOND, read_time
from minerlib.rule.explained import Why
from minerlib.rule.reasons import measured
from minerlib.rule.report import moment
from minerlib.views.drawing import ground, lines
from minerlib.views.drawing.ground import Span
from minerlib.views.drawing.lines import Line
from minerlib.views.drawing.thin import Point

Compared = tuple[int, float, float | None, bool | None]
_HELD = {True: "holds", False: "does not hold", None: "not compared"}
_COLOURS = {"holds": ground.RED, "does not hold": "#4c78a8", "not compared": ground.GREY}


def chart(found: Why) -> alt.VConcatChart:
    """The last observations before it, or only its moments where nothing was observed."""
    said = found.facts.said
    moments = _moments(found)
    observed = [each for each in found.compared if math.isfinite(each[1])]
    times = [*(time for time, _ in moments), *(time for time, *_ in observed)]
    room = max(SECOND, (max(times) - min(times)) // 16)
    span = Span(min(times) - room, max(times) + room)
    layers = [*_held(found, span), *(_observed(found, observed, span) if observed else []), *_upright(moments, span)]
    drawn = alt.LayerChart(layer=layers).resolve_scale(color="independent")
    panel = drawn.properties(width=ground.WIDTH, height=220 if observed else 50)
    about = ", ".join(f"{name}={value}" for name, value in said.instance.items())
    name = f"{said.rule}: {said.what} {said.severity}"
    return ground.stacked([panel], f"{name}, {about}" if about else name, found.lines)


def _moments(found: Why) -> list[tuple[int, str]]:
    """The moments that decided it, named."""
    facts = found.facts
    moments = [(facts.said.due, f"{facts.said.what}, due {moment(facts.said.due)[11:]}")]
    if facts.since is not None and facts.since < facts.said.due:
        moments.append((facts.since, f"held since {moment(facts.since)[11:]}"))
    last = read_time(found.to_dict()["last_event"])
    if last is not None and facts.said.reason in ("missing", "unseen", "returned"):
        moments.append((last, f"last event {moment(last)[11:]}"))
    return moments


def _observed(found: Why, observed: Sequence[Compared], span: Span) -> list[alt.Chart]:
    facts = found.facts
    level = facts.said.severity if facts.said.what != "cleared" else "clear"
    points = [Point(time, line) for time, _, line, _ in observed if line is not None]
    colour = ground.GREEN if level == "clear" else ground.SEVERITIES.get(level, ground.RED)
    if len({point.value for point in points}) == 1:
        points = [points[0]._replace(time=span.begin)]
    drawn = [Line(f"{level} {facts.condition}", colour, points)] if points else []
    low, high = ground.extent(facts.rule, [value for _, value, _, _ in observed], [point.value for point in points])
    value = ground.y("value", measured(facts.rule), low, high)
    rows = [
        {"time": ground.millis(time), "value": value, "compared": _HELD[holds]} for time, value, _, holds in observed
    ]
    base = alt.Chart(ground.rows(rows)).encode(span.x(title="UTC"), value)
    line = base.mark_line(color=ground.PALE, strokeWidth=1.5)
    names = [name for name in _COLOURS if name in {row["compared"] for row in rows}]
    scale = alt.Scale(domain=names, range=[_COLOURS[name] for name in names])
    colours = alt.Color("compared:N", scale=scale, title=None, legend=ground.legend("bottom", names))
    dots = base.mark_circle(size=60, opacity=1).encode(color=colours, tooltip=["time:T", "value:Q", "compared:N"])
    return [line, *lines.layers(drawn, span, value), *lines.names(drawn, value, low, high), dots]


def _held(found: Why, span: Span) -> list[alt.Chart]:
    """For how long the condition held, as a band."""
    since, due = found.facts.since, found.facts.said.due
    if since is None or since >= due:
        return []
    rows = ground.rows([{"begin": ground.millis(since), "end": ground.millis(due)}])
    return [alt.Chart(rows).mark_rect(color="#fee2e2", opacity=0.6).encode(span.x("begin"), x2="end:T")]


def _upright(moments: Sequence[tuple[int, str]], span: Span) -> list[alt.Chart]:
    """An upright line at each moment, its name above."""
    drawn: list[alt.Chart] = []
    for number, (time, said) in enumerate(moments):
        base = alt.Chart(ground.rows([{"time": ground.millis(time), "said": said}])).encode(span.x(title="UTC"))
        right = time > (span.begin + span.end) // 2
        text = base.mark_text(align="right" if right else "left", fontSize=11, color="#111827")
        drawn.append(base.mark_rule(color="#111827", strokeDash=[] if not number else [3, 3]))
        drawn.append(text.encode(y=alt.value(-8 - 14 * number), text="said:N"))
    return drawn
