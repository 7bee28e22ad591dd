"""A suggestion drawn: what the rule would have seen, its line and its alerts. The only one here with Altair."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from minerlib.event.moment import read_time, to_datetime, words

if TYPE_CHECKING:
    from minerlib.mine.suggestion import Suggestion

POINTS = 1500  # in the whole drawing; each stands for the extreme of its share of the time
INSTANCES = 10  # drawn; those that came nearest to the line
WHAT = ["raised", "cleared"]
_COLOURS = alt.Scale(domain=WHAT, range=["#c1272d", "#2a8a4a"])
_SHAPES = alt.Scale(domain=WHAT, range=["triangle-up", "triangle-down"])
_TIME = alt.X("time:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, labelOverlap=True))
_BELOW = alt.Legend(orient="bottom", columns=5)


def chart(suggestion: "Suggestion", width: int = 720, height: int = 260) -> alt.LayerChart:
    """The windowed values of up to ten instances, line and clear line, and every raised and cleared of these."""
    rows = thinned(suggestion)
    layers = [_series(suggestion, rows), *_levels(suggestion, width), *_marks(suggestion, set(rows["instance"]))]
    title = alt.TitleParams(suggestion.rule.name, subtitle=textwrap.wrap(suggestion.says, 120), anchor="start")
    return (
        alt.LayerChart(layer=[*layers, *_border(suggestion)])
        .resolve_scale(color="independent", shape="independent")
        .properties(width=width, height=height, title=title)
    )


def thinned(suggestion: "Suggestion") -> pl.DataFrame:
    """At most about 1,500 rows of `time`, `instance`, `value`: the highest (lowest) of each stretch of time."""
    shape = suggestion.shape
    instance = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in shape.by], separator=" ")
    rows = suggestion.frame.select("time", pl.col(shape.field).alias("value"), instance.alias("instance"))
    extreme = pl.col("value").max() if shape.sign > 0 else pl.col("value").min()
    near = rows.group_by("instance").agg(extreme).sort("value", descending=shape.sign > 0).head(INSTANCES)["instance"]
    rows = rows.filter(pl.col("instance").is_in(near.to_list())).sort("instance", "time")
    stretch = max(1, -(-rows.height // POINTS))
    number = pl.int_range(pl.len()).over("instance") // stretch
    row = pl.col("value").arg_max() if shape.sign > 0 else pl.col("value").arg_min()
    return (
        rows.group_by("instance", number.alias("stretch"), maintain_order=True)
        .agg(pl.col("time").get(row), pl.col("value").get(row))
        .select("time", "instance", "value")
    )


def _series(suggestion: "Suggestion", rows: pl.DataFrame) -> alt.Chart:
    shape = suggestion.shape
    value = alt.Y("value:Q", title=f"mean {shape.field} over {words(shape.over)}", scale=alt.Scale(zero=False))
    drawn = alt.Chart(rows).mark_line(strokeWidth=1, opacity=0.8).encode(_TIME, value, color=alt.value("#4c78a8"))
    if rows["instance"].n_unique() < 2:
        return drawn
    palette = alt.Scale(scheme="tableau10")
    return drawn.encode(color=alt.Color("instance:N", title=" ".join(shape.by), scale=palette, legend=_BELOW))


def _levels(suggestion: "Suggestion", width: int) -> list[alt.Chart]:
    said = [f"alerts at {suggestion.line:g}", f"clears at {suggestion.clear:g}"]
    lines = pl.DataFrame({"value": [suggestion.line, suggestion.clear], "what": WHAT, "said": said})
    level = alt.Chart(lines).encode(alt.Y("value:Q"), color=alt.Color("what:N", scale=_COLOURS, legend=None))
    named = level.mark_text(align="left", dx=4, fontSize=11).encode(x=alt.value(width), text="said:N")
    return [level.mark_rule(strokeDash=[6, 3]), named]


def _marks(suggestion: "Suggestion", shown: set[str]) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    for one in suggestion.backtest.transitions:
        instance = _name(one.instance.get(name) for name in suggestion.shape.by)
        if one.what in WHAT and instance in shown and one.value is not None:
            rows.append({"time": to_datetime(one.due), "value": one.value, "what": one.what, "instance": instance})
    if not rows:
        return []
    drawn = alt.Chart(pl.DataFrame(rows)).mark_point(size=70, filled=True, opacity=1).encode(
        _TIME,
        alt.Y("value:Q"),
        color=alt.Color("what:N", scale=_COLOURS, title=None, legend=_BELOW),
        shape=alt.Shape("what:N", scale=_SHAPES, title=None, legend=_BELOW),
        tooltip=["what:N", "instance:N", alt.Tooltip("time:T", format="%Y-%m-%d %H:%M:%S"), "value:Q"],
    )  # fmt: skip
    return [drawn]


def _border(suggestion: "Suggestion") -> list[alt.Chart]:
    split = read_time(suggestion.evidence["history"]["chosen_until"])
    if split is None:
        return []
    rows = pl.DataFrame({"time": [to_datetime(split)], "said": ["chosen before | measured after"]})
    drawn = alt.Chart(rows).encode(_TIME)
    named = drawn.mark_text(color="#666", fontSize=10, dy=-6, baseline="bottom")
    return [drawn.mark_rule(color="#888", strokeDash=[2, 2]), named.encode(y=alt.value(0), text="said:N")]


def _name(values: Iterable[object]) -> str:
    return " ".join("" if value is None else str(value) for value in values)
