"""Heavy hitters as bars: who holds how much, the new ones marked."""

import textwrap
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from minerlib.errors import MineError
from minerlib.mine.spoken import count, percent, value

if TYPE_CHECKING:
    from minerlib.mine.top import Top

BARS, GROUPS = 25, 6  # drawn; the foremost
_NEW = alt.Scale(domain=["known before", "new"], range=["#0072b2", "#e69f00"])


def chart(found: "Top", width: int = 520) -> alt.LayerChart | alt.VConcatChart:
    """A bar a value, as long as its share of all (or of its group), with its count; one panel a group, of six."""
    rows = found.table
    if rows.is_empty():
        raise MineError(f"There is nothing to draw: {found.says}")
    by = [name if name in rows.columns else None for name in found.by]
    group = " ".join(name for name in by if name)
    names = [pl.col(name).map_elements(value, pl.String, skip_nulls=False) for name in found.fields]
    unit = found.weight or "event"
    own = {
        name: f"{name}." if f"{name}." in rows.columns else name for name in ("count", "share", "rank", "new", "first")
    }
    told = [
        f"{count(many, unit, found.weight or '')}, {percent(share)}"
        for many, share in rows.select(own["count"], own["share"]).rows()
    ]
    rows = rows.select(
        pl.concat_str(names, separator=" ").alias("name"),
        pl.concat_str([pl.col(name) for name in by if name], separator=" ").alias("group") if group
        else pl.lit("").alias("group"),
        *(pl.col(own[name]).alias(name) for name in ("share", "count", "rank", "first")),
        pl.when(own["new"]).then(pl.lit("new")).otherwise(pl.lit("known before")).alias("seen"),
        pl.Series("told", told),
    )  # fmt: skip
    most = rows.group_by("group", maintain_order=True).agg(pl.col("count").sum()).sort("count", descending=True)
    panels = rows.filter(pl.col("group").is_in(most["group"].head(GROUPS).to_list())).partition_by("group")
    highest = 1.3 * float(rows["share"].max() or 0)  # type: ignore[arg-type]
    drawn = [_panel(panel.head(BARS), width, highest, group, panel is panels[-1]) for panel in panels]
    left = f" The {GROUPS} with the most of {most.height} are drawn." if most.height > GROUPS else ""
    title = alt.TitleParams(
        f"The most frequent {' and '.join(found.fields)}" + (f" of each {group}" if group else ""),
        subtitle=textwrap.wrap(found.says + left, 100), anchor="start",
    )  # fmt: skip
    if len(drawn) == 1:
        return drawn[0].properties(title=title)
    return alt.VConcatChart(vconcat=drawn, title=title)


def _panel(rows: pl.DataFrame, width: int, highest: float, group: str, last: bool) -> alt.LayerChart:
    place = alt.Y("name:N", sort=rows["name"].to_list(), title=None, axis=alt.Axis(labelLimit=260, ticks=False))
    share = alt.X(
        "share:Q",
        title="share" if last else None,
        axis=alt.Axis(format="%", tickCount=5, labels=last),
        scale=alt.Scale(domain=[0, highest]),
    )
    base = alt.Chart(rows).encode(place, share)
    bars = base.mark_bar().encode(
        color=alt.Color("seen:N", scale=_NEW, title=None, legend=alt.Legend(orient="bottom")),
        tooltip=["name:N", "told:N", "seen:N", alt.Tooltip("first:T", format="%Y-%m-%d %H:%M:%S")],
    )
    labels = base.mark_text(align="left", dx=4, fontSize=11, color="#374151").encode(text="told:N")
    layered = alt.LayerChart(layer=[bars, labels]).properties(width=width, height=alt.Step(20))
    return layered.properties(title=str(rows["group"][0])) if group else layered
