"""Silences drawn as bars in time, the instances below one another."""

import textwrap
from typing import TYPE_CHECKING

import altair as alt
import polars as pl

from minerlib.errors import MineError
from minerlib.mine.tables import as_polars

if TYPE_CHECKING:
    from minerlib.mine.gaps import Gaps

INSTANCES = 20  # drawn: those with the longest silences
_WHO = alt.Scale(domain=["this one", "everybody"], range=["#d55e00", "#8a8f98"])


def chart(gaps: "Gaps", width: int = 720) -> alt.LayerChart:
    """The span in which each was heard as a thin line, and its unusual silences on it."""
    found = as_polars(gaps.silences)
    if not found.height:
        raise MineError(f"There is no unusual silence to draw: {gaps.says}")
    names, frame = list(gaps.missed.by), as_polars(gaps.frame)
    instance = pl.concat_str([pl.col(name) for name in names], separator=" ") if names else pl.lit("all")
    found = found.with_columns(
        instance.alias("instance"), who=pl.when("everyone").then(pl.lit("everybody")).otherwise(pl.lit("this one"))
    )
    longest = found.group_by("instance").agg(pl.col("length").max()).sort("length", descending=True).head(INSTANCES)
    order = longest["instance"].to_list()
    found = found.filter(pl.col("instance").is_in(order))
    heard = frame.with_columns(instance.alias("instance")).filter(pl.col("instance").is_in(order))
    y = alt.Y("instance:N", sort=order, title=" ".join(names) or None)
    time = alt.X("begin:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, labelOverlap=True))
    line = (
        alt.Chart(heard.select("instance", begin="first", end="last"))
        .mark_rule(color="#0072b2", strokeWidth=1.5)
        .encode(time, alt.X2("end:T"), y)
    )
    bars = (
        alt.Chart(found.select("instance", "begin", "end", "length", "who"))
        .mark_bar(height=9, opacity=0.9, minBandSize=2)
        .encode(
            time,
            alt.X2("end:T"),
            y,
            color=alt.Color("who:N", scale=_WHO, title="silent", legend=alt.Legend(orient="bottom")),
            tooltip=[
                "instance:N", alt.Tooltip("begin:T", format="%Y-%m-%d %H:%M:%S"),
                alt.Tooltip("end:T", format="%Y-%m-%d %H:%M:%S"), alt.Tooltip("length:Q", title="seconds"), "who:N",
            ],
        )
    )  # fmt: skip
    more = frame.filter(pl.col("unusual") > 0).height - len(order)
    title = f"Unusual silences{f' of the {INSTANCES} with the longest' if more > 0 else ''}"
    return (
        alt.LayerChart(layer=[line, bars])
        .properties(width=width, height=alt.Step(18))
        .properties(title=alt.TitleParams(title, subtitle=textwrap.wrap(gaps.says, 120), anchor="start"))
    )
