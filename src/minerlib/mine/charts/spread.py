"""A distribution drawn: its histogram with the percentiles, and the instances below it."""

import math
import textwrap
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from minerlib.errors import MineError
from minerlib.mine.spoken import number
from minerlib.mine.tables import as_polars
from minerlib.mine.values.interval import columns

if TYPE_CHECKING:
    from minerlib.mine.spread import Spread

BINS, INSTANCES = 60, 20
_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#8a8f98"


def chart(spread: "Spread", width: int = 720) -> alt.VConcatChart:
    """Shares of the values by height, and for each of up to twenty instances its middle and its highest values."""
    frame = as_polars(spread.frame)
    row = frame.row(0, named=True)
    if row["min"] == row["max"]:
        raise MineError(f"There is no distribution to draw: {spread.says}")
    title = alt.TitleParams(
        f"How {spread.field} is spread", subtitle=textwrap.wrap(spread.says, 120), anchor="start"
    )  # fmt: skip
    counts = histogram(spread.tally)
    least, most = counts.filter(pl.col("share") > 0)["share"].to_numpy().min(), counts["share"].to_numpy().max()
    log = most > 200 * least
    scale = alt.Scale(type="sqrt") if log else alt.Scale()
    domain = alt.Scale(domain=[row["min"], row["max"]], nice=False)
    x = alt.X("begin:Q", title=spread.field, scale=domain)
    bars = alt.Chart(counts).mark_rect(color=_BLUE, opacity=0.35).encode(
        x, alt.X2("end:Q"), alt.Y("share:Q", title="share of values", axis=alt.Axis(format="~%"), scale=scale),
        alt.Y2(datum=0), tooltip=["begin:Q", "end:Q", alt.Tooltip("share:Q", format=".3~%"), "count:Q"],
    )  # fmt: skip
    top = alt.LayerChart(layer=[bars, *_lines(spread, row)]).properties(width=width, height=200, title=title)
    below = _instances(spread, frame, domain)
    return alt.vconcat(top, *([below.properties(width=width, height=alt.Step(14))] if below else []))


def histogram(counts: pl.DataFrame) -> pl.DataFrame:
    """At most sixty bins of equal width: `begin`, `end`, `count`, `share`."""
    value, weight = counts["value"].to_numpy(), counts["count"].to_numpy()
    bins = min(BINS, max(5, math.ceil(2 * float(weight.sum()) ** (1 / 3))))
    found, edges = np.histogram(value, bins=bins, weights=weight)
    return pl.DataFrame({"begin": edges[:-1], "end": edges[1:], "count": found, "share": found / weight.sum()})


def _lines(spread: "Spread", row: dict[str, Any]) -> list[alt.Chart]:
    names = columns([percentile / 100 for percentile in spread.percentiles])
    marks = pl.DataFrame(
        {
            "at": [row[name] for name in names],
            "low": [row["min"] if row[f"{name}_low"] is None else row[f"{name}_low"] for name in names],
            "high": [row["max"] if row[f"{name}_high"] is None else row[f"{name}_high"] for name in names],
            "said": [f"{name} {number(row[name])}" for name in names],
            "y": [10 + 13 * place for place in range(len(names))],
        }
    )
    drawn = alt.Chart(marks)
    y = alt.Y("y:Q", scale=None, axis=None)
    return [
        drawn.mark_rule(color=_ORANGE, strokeDash=[4, 3]).encode(alt.X("at:Q")),
        drawn.mark_rule(color=_ORANGE, strokeWidth=5, opacity=0.35).encode(alt.X("low:Q"), alt.X2("high:Q"), y),
        drawn.mark_text(color="#111827", align="left", dx=4, fontSize=11).encode(alt.X("at:Q"), y, text="said:N"),
    ]


def _instances(spread: "Spread", frame: pl.DataFrame, domain: alt.Scale) -> alt.LayerChart | None:
    each = frame[1:]
    if each.height < 2:
        return None
    names = columns([percentile / 100 for percentile in spread.percentiles])
    low, high = names[0], names[-1]
    rows = each.select(
        pl.concat_str([pl.col(name) for name in spread.by], separator=" ").alias("instance"),
        pl.col(low).alias("low"), pl.col(high).alias("high"), "min", "max",
    ).sort("high", descending=True).head(INSTANCES)  # fmt: skip
    more = f", the {INSTANCES} highest of {each.height:,}" if each.height > INSTANCES else ""
    y = alt.Y("instance:N", sort=rows["instance"].to_list(), title=" ".join(spread.by))
    base = alt.Chart(rows)
    tips = ["instance:N", "min:Q", "low:Q", "high:Q", "max:Q"]
    thin = base.mark_rule(color=_GREY).encode(
        alt.X("min:Q", scale=domain, title=f"{low} to {high} of each, and least to greatest{more}"), alt.X2("max:Q"), y
    )
    thick = base.mark_bar(color=_BLUE, height=7, opacity=0.75).encode(
        alt.X("low:Q", scale=domain), alt.X2("high:Q"), y, tooltip=tips
    )
    return alt.LayerChart(layer=[thin, thick])
