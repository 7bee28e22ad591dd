"""A season drawn: what each hour of each weekday is like, and what is usual with its band."""

import textwrap
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from minerlib.mine.seasons.zones import zoned

if TYPE_CHECKING:
    from minerlib.mine.season import Season

INSTANCES = 5  # drawn, those with the strongest pattern
BAND = 2  # spreads
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_BLUE = "#0072b2"


def chart(season: "Season", width: int = 340) -> alt.VConcatChart:
    """A row for each instance: left its hours by weekday (medians), right its table, centre and two spreads."""
    order = [one for one in season.order if one in season.tables.of]
    kept = order[:INSTANCES]
    cells = zoned(season.rows.filter(pl.col("instance").is_in(kept)), season.zone)
    rows = [_row(season, one, cells.filter(pl.col("instance") == one), width) for one in kept]
    subtitle = textwrap.wrap(season.says, 110)
    if len(order) > len(kept):
        subtitle.append(f"The {len(kept)} with the strongest pattern are drawn, {len(order) - len(kept)} are not.")
    title = alt.TitleParams(f"When {season.field} is high and low", subtitle=subtitle, anchor="start")
    return alt.VConcatChart(vconcat=rows, title=title).resolve_scale(color="independent")


def _row(season: "Season", instance: int, cells: pl.DataFrame, width: int) -> alt.HConcatChart:
    medians = cells.group_by("cell").agg(pl.col("value").median()).with_columns(
        (pl.col("cell") % 24).alias("hour"),
        (pl.col("cell") // 24).replace_strict(dict(enumerate(DAYS))).alias("day"),
    )  # fmt: skip
    hour = alt.X(
        "hour:O", title=f"hour of the day, {season.zone}", axis=alt.Axis(values=list(range(0, 24, 3)), labelAngle=0)
    )
    colour = alt.Color("value:Q", title=None, scale=alt.Scale(scheme="viridis"), legend=alt.Legend(gradientLength=90))
    heat = alt.Chart(medians).mark_rect().encode(
        hour, alt.Y("day:O", title=None, sort=DAYS), colour,
        tooltip=["day:N", "hour:O", alt.Tooltip("value:Q", format=".4g")],
    ).properties(width=width, height=120, title=_title(season, instance))  # fmt: skip
    return alt.HConcatChart(hconcat=[heat, _band(season, instance, width)])


def _band(season: "Season", instance: int, width: int) -> alt.LayerChart:
    table = season.tables.of[instance]
    size = len(table["centre"])
    rows: list[dict[str, Any]] = []
    for hour in range(max(size, 24) + 1):
        centre, spread = table["centre"][hour % size], table["spread"][hour % size]
        off = BAND * (spread or 0.0)
        low, high = (None, None) if centre is None else (centre - off, centre + off)
        rows.append({"hour": hour, "usual": centre, "low": low, "high": high})
    week = size == 168
    ticks = list(range(0, 169, 24)) if week else list(range(0, 25, 6))
    label = f"{[*DAYS, '']}[datum.value / 24]" if week else "datum.value + ':00'"
    axis = alt.Axis(values=ticks, labelExpr=label, labelAlign="left" if week else "center", grid=week)
    x = alt.X("hour:Q", title=f"{'day of the week' if week else 'hour of the day'}, {season.zone}", axis=axis,
              scale=alt.Scale(domain=[0, ticks[-1]], nice=False))  # fmt: skip
    frame = alt.Chart(
        pl.DataFrame(rows, {"hour": pl.Int64, "usual": pl.Float64, "low": pl.Float64, "high": pl.Float64})
    )
    shown = alt.Y("low:Q", title=season.field, scale=alt.Scale(zero=False))
    band = frame.mark_area(color=_BLUE, opacity=0.2, interpolate="step-after").encode(x, shown, alt.Y2("high:Q"))
    line = frame.mark_line(color=_BLUE, interpolate="step-after").encode(x, alt.Y("usual:Q"))
    said = "by hour of the week" if week else "by hour of the day" if size == 24 else "the same at any hour"
    title = alt.TitleParams(f"usual, {said}, and {BAND} spreads", anchor="start", fontSize=11, fontWeight="normal")
    return alt.LayerChart(layer=[band, line]).properties(width=width, height=120, title=title)


def _title(season: "Season", instance: int) -> alt.TitleParams:
    said = season.extent.name(instance) if season.extent.by else season.field
    return alt.TitleParams(said, anchor="start", fontSize=11, fontWeight="normal")
