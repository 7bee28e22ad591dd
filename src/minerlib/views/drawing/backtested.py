"""A backtest drawn: the series with its lines and all that was said, and below it alerts a day."""

import altair as alt

from minerlib.rule.backtest import Backtest
from minerlib.views.drawing import days, ground, lanes, lines, marks, series
from minerlib.views.drawing.ground import Span
from minerlib.views.drawing.hear import hear


def chart(found: Backtest) -> alt.VConcatChart:
    """The series of at most six instances, or lanes of time where nothing is measured; alerts of all."""
    span = Span(found.since, found.until)
    heard = hear(found)
    valued = any(each.value is not None for each in found.transitions)
    bars = lanes.states(found, heard)
    panels: list[alt.Chart | alt.LayerChart] = []
    if found.rule.measure and found.until and (heard.series or valued or not bars):
        key = next((who.key for who in heard.series), "")
        said = marks.said(found, found.transitions)
        panels.append(series.panel(found, heard, span, lines.lines(found.rule, key, span), said))
    elif bars:
        panels.append(lanes.panel(bars, lanes.STATES, span, last=False))
    panels.append(days.bars(found, span) if panels else ground.saying("There is nothing to draw."))
    shaded = ["Shaded: the labelled incidents."] if found.incidents else []
    return ground.stacked(panels, found.rule.name, [found.says, *shaded])
