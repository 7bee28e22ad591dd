"""A profile drawn: events over time, and small multiples of what was measured."""

import math
import textwrap
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from minerlib.event.moment import MINUTE, words

if TYPE_CHECKING:
    from minerlib.mine.profile import Profile

POINTS, MEASURES, BINS = 300, 12, 30
_BLUE, _GREEN = "#0072b2", "#009e73"
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2 * 1440, 7 * 1440, 30 * 1440)  # minutes


def chart(profile: "Profile", width: int = 720) -> alt.VConcatChart:
    """Events over time above, at most 300 bars; below it the distributions of at most twelve measures."""
    counts, step = over_time(profile.survey.minutes)
    more = len(profile.measures) - MEASURES
    note = [f"{more} more measures are not drawn"] if more > 0 else []
    title = alt.TitleParams(
        "What is there", subtitle=[*textwrap.wrap(profile.says, 120), *note], anchor="start"
    )  # fmt: skip
    time = alt.X("begin:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, labelOverlap=True))
    every = f"events in {words(step * MINUTE)}"
    bars = alt.Chart(counts).mark_rect(color=_BLUE).encode(
        time, alt.X2("end:T"), alt.Y("events:Q", title=every), alt.Y2(datum=0),
        tooltip=[alt.Tooltip("begin:T", format="%Y-%m-%d %H:%M"), "events:Q"],
    ).properties(width=width, height=120, title=title)  # fmt: skip
    small = [_measure(profile, name, width) for name in profile.measures[:MEASURES]]
    rows = [alt.hconcat(*small[first : first + 4]) for first in range(0, len(small), 4)]
    return alt.vconcat(bars, *rows)


def over_time(minutes: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Events in bars of a width a person would choose: `begin`, `end`, `events`; and that width in minutes."""
    first, last = minutes["minute"][0], minutes["minute"][-1]
    least = (last - first + 1) / POINTS
    step = next((width for width in _WIDTHS if width >= least), _WIDTHS[-1] * math.ceil(least / _WIDTHS[-1]))
    found = minutes.group_by(pl.col("minute") // step * step).agg(pl.col("events").sum()).sort("minute")
    moment = (pl.col("minute") * MINUTE).cast(pl.Datetime("us", "UTC"))
    ends = (moment + pl.duration(minutes=step)).alias("end")
    return found.select(moment.alias("begin"), ends, "events"), step


def _histogram(value: Any) -> tuple[Any, Any]:
    """Bins of equal width; one, where numbers are too far apart for more, or too near to each other."""
    if len(value):
        low, high = float(value.min()), float(value.max())
        wide = high - low
        if not math.isfinite(wide) or (low < high and wide < 2 * BINS * np.spacing(max(-low, high))):
            return np.array([len(value)]), np.array([low, high])
    return np.histogram(value, bins=BINS)


def _measure(profile: "Profile", name: str, width: int) -> Any:
    found = profile.survey
    column = next(column for column, field in found.columns.items() if field == name)
    value = found.sample[column].drop_nulls().cast(pl.Float64)
    value = value.filter(value.is_finite()).to_numpy()
    share, edges = _histogram(value)
    rows = pl.DataFrame({"begin": edges[:-1], "end": edges[1:], "share": share / max(1, len(value))})
    axis = alt.Axis(format="~s", tickCount=3, labelOverlap=True, grid=False)
    looks = profile.numbers["looks"].get(name)
    title = alt.TitleParams(name[-28:], subtitle=looks or "", fontSize=11)
    return alt.Chart(rows).mark_rect(color=_GREEN).encode(
        alt.X("begin:Q", title=None, axis=axis, scale=alt.Scale(zero=False)), alt.X2("end:Q"),
        alt.Y("share:Q", title=None, axis=alt.Axis(format="~%", tickCount=2)), alt.Y2(datum=0),
        tooltip=[alt.Tooltip("begin:Q"), alt.Tooltip("end:Q"), alt.Tooltip("share:Q", format=".2~%")],
    ).properties(width=(width - 150) // 4, height=80, title=title)  # fmt: skip
