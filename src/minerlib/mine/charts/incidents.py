"""Incidents drawn: sources below one another, their bursts in time."""

import textwrap
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from minerlib.errors import MineError
from minerlib.mine.tables import as_polars

if TYPE_CHECKING:
    from minerlib.mine.incidents import Incidents

SOURCES, BURSTS = 25, 1000  # drawn: the sources with the most incidents, the largest of their bursts
_WIDE = alt.Scale(domain=["one source", "several sources"], range=["#0072b2", "#d55e00"])


def chart(found: "Incidents", width: int = 720) -> alt.LayerChart:
    """Each burst as a bar of its source, incidents of several sources behind them as a band."""
    frame, bursts = as_polars(found.frame), as_polars(found.bursts)
    if not frame.height:
        raise MineError(f"There is no incident to draw: {found.says}")
    names = [name for name in found.by if name in bursts.columns]
    source = pl.concat_str([pl.col(name) for name in names], separator=" ") if names else pl.lit("all")
    wide = frame.with_row_index("incident").select(
        pl.col("incident").cast(pl.Int64), pl.when(pl.col("sources") > 1).then(pl.lit("several sources"))
        .otherwise(pl.lit("one source")).alias("reached"),
    )  # fmt: skip
    rows = bursts.with_columns(source.alias("where")).join(wide, "incident", maintain_order="left")
    most = rows.group_by("where", maintain_order=True).agg(pl.col("incident").n_unique(), pl.col("begin").min())
    shown = most.sort("incident", "begin", descending=[True, False])["where"].head(SOURCES).to_list()
    rows = rows.filter(pl.col("where").is_in(shown)).sort("events", descending=True).head(BURSTS).sort("begin")
    order = sorted(shown)
    bands = frame.with_row_index("number").filter(pl.col("sources") > 1).select("begin", "end", "sources", "order")
    whole = [found.numbers["since"], found.numbers["until"]]
    time = alt.X(
        "begin:T", title="UTC", scale=alt.Scale(type="utc", domain=whole), axis=alt.Axis(grid=False, labelOverlap=True)
    )
    tooltip = [
        "where:N", alt.Tooltip("begin:T", format="%Y-%m-%d %H:%M:%S"), alt.Tooltip("end:T", format="%Y-%m-%d %H:%M:%S"),
        alt.Tooltip("events:Q", format=",.0f"), alt.Tooltip("expected:Q", format=",.1f"),
        alt.Tooltip("peak:Q", title="most in a minute", format=",.1f"), "first_kind:N", "first_value:N",
    ]  # fmt: skip
    layers: list[alt.Chart] = []
    if bands.height:
        drawn = alt.Chart(bands.head(BURSTS)).mark_rect(color="#d55e00", opacity=0.12)
        layers.append(drawn.encode(time, alt.X2("end:T"), tooltip=["sources:Q", "order:N"]))
    place = alt.Y("where:N", sort=order, title=" ".join(names) or None, axis=alt.Axis(labelLimit=220))
    colour = alt.Color("reached:N", scale=_WIDE, title="reached", legend=alt.Legend(orient="bottom"))
    bars = alt.Chart(rows).mark_bar(height=9, stroke="white", strokeWidth=0.5)
    layers.append(bars.encode(time, alt.X2("end:T"), place, color=colour, tooltip=tooltip))
    # An incident of minutes in a history of weeks would be thinner than a pixel: its begin is marked.
    begins = alt.Chart(rows).mark_tick(thickness=2, height=11).encode(time, place, color=colour, tooltip=tooltip)
    layers.append(begins)
    more = most.height - len(shown)
    title = "Incidents" + (
        f" of the {SOURCES} sources with the most of them; {more} more are not drawn" if more else ""
    )
    return alt.LayerChart(layer=layers).properties(
        width=width, height=alt.Step(20),
        title=alt.TitleParams(title, subtitle=textwrap.wrap(found.says, 120), anchor="start"),
    )  # fmt: skip
