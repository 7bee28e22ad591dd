"""Alerts a day as bars; an hour or a minute where the range is short."""

from collections import Counter

import altair as alt

from minerlib.event.moment import DAY, HOUR, MINUTE
from minerlib.rule.backtest import Backtest
from minerlib.views.drawing import ground
from minerlib.views.drawing.ground import Span

_UNITS = {"an hour": HOUR, "a day": DAY}


def bars(found: Backtest, span: Span) -> alt.Chart:
    """Alerts of all instances, counted from the range's begin."""
    length = found.until - found.since
    named, unit = "a minute", MINUTE
    for name, longer in _UNITS.items():
        if length >= 2 * longer:
            named, unit = name, longer
    counted = Counter(max(0, each.due - found.since) // unit for each in found.alerts)
    rows = [
        {"begin": ground.millis(found.since + number * unit),
         "end": ground.millis(min(found.since + (number + 1) * unit, span.end)), "alerts": count}
        for number, count in sorted(counted.items())
    ]  # fmt: skip
    high = max(counted.values(), default=1)
    axis = alt.Axis(minExtent=ground.EXTENT, tickMinStep=1, tickCount=min(high, 4), format="d")
    count = alt.Y("alerts:Q", title=f"alerts {named}", scale=alt.Scale(domain=[0, high]), axis=axis)
    mark = alt.Chart(ground.rows(rows)).mark_rect(color=ground.RED, opacity=0.75, stroke="white", strokeWidth=0.5)
    drawn = mark.encode(span.x("begin", "UTC"), count, x2="end:T", y2=alt.datum(0), tooltip=["alerts:Q"])
    return drawn.properties(width=ground.WIDTH, height=70)
