"""Instances as lanes of time: when each was there, fired, was not known. For what no series shows."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.rule.history import Stream
from minerlib.views.drawing import ground
from minerlib.views.drawing.ground import Span
from minerlib.views.drawing.hear import LANES, Heard, Who, named, who

STATES = {"events": "#c7d2de", **ground.SEVERITIES, "unknown": "#374151"}


class Bar(NamedTuple):
    """What an instance was from `begin` to `end` (microseconds since 1970)."""

    name: str
    what: str
    begin: int
    end: int


def states(found: Backtest, heard: Heard) -> list[Bar]:
    """The life of instances by their events, and their states by what was said; those first of which most was said."""
    lanes: dict[Who, list[Bar]] = {}
    open_: dict[tuple[Who, str], Bar] = {}
    for each in found.transitions:
        instance = who(found.rule, each)
        bar = open_.pop((instance, each.epoch), None)
        if bar:
            lanes[instance].append(bar._replace(end=max(bar.begin, each.due)))
        state = each.severity if each.now in ("firing", "clearing") else each.now
        lanes.setdefault(instance, [])
        if state in STATES:
            open_[instance, each.epoch] = Bar(named(instance, found), state, each.due, each.due)
    for (instance, epoch), bar in open_.items():
        end = found.ends.get(Stream(instance.scope, epoch), found.until)
        lanes[instance].append(bar._replace(end=max(bar.begin, end)))
    order = sorted(lanes, key=lambda each: -len(lanes[each]))
    order += [each for each in heard.lives if each not in lanes]
    bars: list[Bar] = []
    for instance in order[:LANES]:
        if instance in heard.lives:
            bars.append(Bar(named(instance, found), "events", *heard.lives[instance]))
        bars += lanes.get(instance, [])
    return bars


def panel(
    bars: Sequence[Bar], looks: Mapping[str, str], span: Span, last: bool = True, legend: bool = True
) -> alt.LayerChart:
    """One lane for each name, in the order in which they come."""
    names = list(dict.fromkeys(bar.name for bar in bars))
    there = {bar.what for bar in bars}
    palette = [what for what in looks if what in there]
    rows = [
        {"begin": ground.millis(max(bar.begin, span.begin)), "end": ground.millis(min(bar.end, span.end)),
         "what": bar.what, "name": bar.name}
        for bar in bars
    ]  # fmt: skip
    scale = alt.Scale(domain=palette, range=[looks[what] for what in palette])
    shown = ground.legend("bottom", palette) if legend else None
    encodings = [
        span.x("begin", "UTC" if last else None),
        alt.Y("name:N", sort=names, title=None, axis=alt.Axis(minExtent=ground.EXTENT, grid=False, labelLimit=160)),
        alt.X2("end:T"),
        alt.Color("what:N", scale=scale, title=None, legend=shown),
        alt.Stroke("what:N", scale=scale, legend=None),
        alt.Tooltip(["name:N", "what:N"]),
    ]
    layers: list[alt.Chart] = []
    for size, some in ((4, ["events"]), (12, [what for what in palette if what != "events"])):
        drawn = ground.rows(row for row in rows if row["what"] in some)
        layers.append(alt.Chart(drawn).mark_bar(size=size, strokeWidth=1.5).encode(*encodings))
    return alt.LayerChart(layer=layers).properties(width=ground.WIDTH, height=max(40, 22 * len(names)))
