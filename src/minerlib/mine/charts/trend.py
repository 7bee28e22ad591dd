"""A trend drawn: each instance's values, its line and how sure that is, where it changed, and the limit."""

import textwrap
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from minerlib.event.moment import DAY, to_datetime

if TYPE_CHECKING:
    from minerlib.mine.trend import Trend

INSTANCES = 10  # drawn, those that move most
_AHEAD = 0.3  # of the time seen, how far a line is drawn on
_BLUE, _ORANGE, _GREY, _RED = "#0072b2", "#d55e00", "#6b7280", "#c1272d"
_TIME = alt.X("time:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, labelOverlap=True))


def chart(trend: "Trend", width: int = 720, height: int = 130) -> alt.VConcatChart:
    """A row of its own for each instance, its own scale: what moves is to be seen, whatever its level is."""
    order = [one for one in trend.order if one in trend.courses]
    kept = order[:INSTANCES]
    height = height if len(kept) > 1 else 2 * height
    rows = [_row(trend, one, width, height) for one in kept]
    more = len(order) - len(kept)
    subtitle = [*textwrap.wrap(trend.says, 110)]
    if more:
        subtitle.append(f"The {len(kept)} that move most are drawn, {more} are not.")
    title = alt.TitleParams(f"Where {trend.field} goes", subtitle=subtitle, anchor="start")
    return alt.VConcatChart(vconcat=rows, title=title, spacing=8)


def _row(trend: "Trend", instance: int, width: int, height: int) -> alt.LayerChart:
    course = trend.courses[instance]
    values = trend.series.filter(pl.col("instance") == instance).select("time", "value")
    shown = alt.Y("value:Q", title=trend.field, scale=alt.Scale(zero=False))
    layers: list[Any] = [
        alt.Chart(values).mark_line(strokeWidth=1, color=_BLUE, opacity=0.8).encode(
            _TIME, shown, tooltip=[alt.Tooltip("time:T", format="%Y-%m-%d %H:%M"), alt.Tooltip("value:Q", format=".4g")]
        ),
        *_line(trend, instance),
    ]  # fmt: skip
    if course.changes:
        at = pl.DataFrame([{"time": to_datetime(one.time), "what": one.what} for one in course.changes])
        rule = alt.Chart(at).mark_rule(color=_GREY, strokeDash=[3, 3]).encode(_TIME, tooltip=["what:N"])
        named = alt.Chart(at).mark_text(color=_GREY, align="left", dx=3, fontSize=10, baseline="top")
        layers += [rule, named.encode(_TIME, y=alt.value(2), text="what:N")]
    if trend.to is not None and _near(trend, instance):
        limit = alt.Chart(pl.DataFrame({"value": [trend.to]})).mark_rule(color=_RED, strokeDash=[6, 3])
        layers.append(limit.encode(alt.Y("value:Q")))
    title = alt.TitleParams(_title(trend, instance), anchor="start", fontSize=11, fontWeight="normal")
    return alt.LayerChart(layer=layers).properties(width=width, height=height, title=title)


def _line(trend: "Trend", instance: int) -> list[Any]:
    """The line with its interval, and where it goes on from the last value."""
    course = trend.courses[instance]
    line = course.line
    ahead = course.last + round(_AHEAD * (course.last - course.first))
    reach = None if trend.to is None else course.reaches(trend.to)
    if reach is not None:
        ahead = min(ahead, course.last + round(reach[0] * DAY))
    rows: list[dict[str, Any]] = []
    steps = [course.since + (course.last - course.since) * part // 20 for part in range(21)]
    for time in [*steps, *(course.last + (ahead - course.last) * part // 20 for part in range(1, 21))]:
        x = (time - course.first) / DAY
        away = abs(x - line.at)
        wide = (line.high - line.low) / 2 if line.high < float("inf") else 0.0
        give = line.give + away * wide if line.give < float("inf") else 0.0
        level = line.value(x)
        rows.append({"time": to_datetime(time), "value": level, "low": level - give, "high": level + give})
    frame = pl.DataFrame(rows)
    last = to_datetime(course.last)
    band = (
        alt.Chart(frame)
        .mark_area(color=_ORANGE, opacity=0.2)
        .encode(_TIME, alt.Y("low:Q", title=trend.field), alt.Y2("high:Q"))
    )
    seen = alt.Chart(frame.filter(pl.col("time") <= last)).mark_line(color=_ORANGE, strokeWidth=2)
    later = alt.Chart(frame.filter(pl.col("time") >= last)).mark_line(color=_ORANGE, strokeWidth=2, strokeDash=[4, 3])
    return [band, seen.encode(_TIME, alt.Y("value:Q")), later.encode(_TIME, alt.Y("value:Q"))]


def _near(trend: "Trend", instance: int) -> bool:
    """Whether the limit belongs in the picture: the line gets there, or the values are not far from it."""
    course, to = trend.courses[instance], trend.to or 0.0
    values = trend.series.filter(pl.col("instance") == instance)["value"]
    low, high = float(values.min() or 0.0), float(values.max() or 0.0)  # pyright: ignore[reportArgumentType]
    reach = course.reaches(to)
    soon = reach is not None and reach[0] * DAY <= _AHEAD * (course.last - course.first)
    return soon or low - 0.5 * (high - low) <= to <= high + 0.5 * (high - low)


def _title(trend: "Trend", instance: int) -> str:
    course = trend.courses[instance]
    pace = f"{course.line.slope:+.3g} a day" if instance in trend.moving else "does not move for sure"
    said = f"{trend.extent.name(instance)}: {pace}" if trend.extent.by else pace
    return said + (f", without what returns every {' and '.join(course.swings)}" if course.swings else "")
