"""What all drawings stand on: the axis of time, the colours, the title, a panel that only says something."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt

from minerlib.event.moment import MINUTE
from minerlib.rule.rule import Rule

WIDTH, EXTENT = 720, 52
SEVERITIES = {"info": "#56b4e9", "warning": "#c77700", "critical": "#c1272d"}
GREEN, GREY, PALE, RED = "#2a8a4a", "#6b7280", "#e5e7eb", "#c1272d"
SERIES = ["#4c78a8", "#9c6fb0", "#56a3a6", "#b07d62", "#7f8c5a", "#8a8f98"]  # none that a mark has
_DAY_OR_TIME = (
    "utcseconds(datum.value) ? utcFormat(datum.value, '%H:%M:%S') : utchours(datum.value) || utcminutes(datum.value)"
    " ? utcFormat(datum.value, '%H:%M') : utcFormat(datum.value, '%-d %b')"
)
_LINE = 120  # characters
_TITLE = 38  # characters of an axis' title beside each other
_NAME = 24  # characters of a name in a legend; the rest of it is cut
_FAR = 4  # times the highest line

Row = dict[str, Any]


class Span:
    """The range of time that is drawn, in microseconds since 1970."""

    def __init__(self, begin: int, end: int) -> None:
        self.begin, self.end = (begin, end) if begin < end else (begin - MINUTE, begin + MINUTE)

    def x(self, field: str = "time", title: str | None = None) -> alt.X:
        scale = alt.Scale(type="utc", domain=[millis(self.begin), millis(self.end)])
        axis = alt.Axis(
            grid=False, labelOverlap=True, labelFlush=False, labelSeparation=8, title=title, labelExpr=_DAY_OR_TIME
        )
        return alt.X(f"{field}:T", scale=scale, axis=axis)


def millis(time: int) -> float:
    """Microseconds as Vega counts time."""
    return time / 1000


def legend(orient: Literal["top", "bottom"], names: Iterable[str]) -> alt.Legend:
    """A legend in as many columns as there is room for."""
    letters = min(_NAME, max((len(name) for name in names), default=0))
    return alt.Legend(orient=orient, columns=max(1, WIDTH // (7 * letters + 30)), symbolOpacity=1)


def rows(found: Iterable[Row]) -> alt.Data:
    return alt.Data(values=list(found))


def y(field: str, title: str, low: float, high: float) -> alt.Y:
    """A numeric axis; its least extent lets panels stand exactly above each other."""
    scale = alt.Scale(domain=[low, high], clamp=True, nice=False, zero=False)
    lines = textwrap.wrap(textwrap.shorten(title, 3 * _TITLE, placeholder=" …"), _TITLE)
    return alt.Y(f"{field}:Q", title=lines, scale=scale, axis=alt.Axis(minExtent=EXTENT))


def extent(rule: Rule, values: Sequence[float], levels: Sequence[float]) -> tuple[float, float]:
    """The values that a panel is high enough for. A forecast may lie far beyond any line: it is cut there."""
    cap = _FAR * max(levels, default=0.0)
    if rule.measure and rule.measure.agg == "forecast" and cap > 0:
        values = [min(value, cap) for value in values]
    low, high = min([*levels, *values], default=0.0), max([*levels, *values], default=1.0)
    room = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room


def title(name: str, lines: Sequence[str]) -> alt.TitleParams:
    said = [part for line in lines for part in textwrap.wrap(line, _LINE)]
    return alt.TitleParams(name, subtitle=said, anchor="start")


def saying(text: str, height: int = 60) -> alt.Chart:
    """A panel with nothing to draw."""
    drawn = alt.Chart(rows([{"said": text}])).mark_text(color=GREY, fontSize=12, align="left")
    return drawn.encode(x=alt.value(0), text="said:N").properties(width=WIDTH, height=height)


def stacked(panels: Sequence[alt.Chart | alt.LayerChart], name: str, lines: Sequence[str]) -> alt.VConcatChart:
    """Panels above each other, under the sentences that the result says of itself."""
    return alt.vconcat(*panels, spacing=14).properties(title=title(name, lines)).resolve_scale(color="independent")
