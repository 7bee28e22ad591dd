"""A suggestion drawn: what the rule compares, its line and its alerts."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl

from minerlib.event.moment import read_time, to_datetime
from minerlib.mine.tables import as_polars

if TYPE_CHECKING:
    from minerlib.mine.suggestion import Suggestion

POINTS = 1500  # in the whole drawing; each stands for the extreme of its share of the time
BANDS = 3  # instances whose lines are drawn where each has its own
WHAT = ["raised", "cleared"]
_COLOURS = alt.Scale(domain=WHAT, range=["#d55e00", "#009e73"])
_SHAPES = alt.Scale(domain=WHAT, range=["triangle-up", "triangle-down"])
_TIME = alt.X("time:T", title="UTC", scale=alt.Scale(type="utc"), axis=alt.Axis(grid=False, labelOverlap=True))
_BELOW = alt.Legend(orient="bottom", columns=5)
_PALETTE = [
    "#0072b2",
    "#e69f00",
    "#cc79a7",
    "#56b4e9",
    "#8a8f98",
    "#117733",
    "#882255",
    "#44aa99",
    "#999933",
    "#332288",
]


def charts(suggestions: "Sequence[Suggestion]") -> alt.VConcatChart:
    """Several, one below the other."""
    return alt.vconcat(*(chart(one, height=180) for one in suggestions)).resolve_scale(color="independent")


def chart(suggestion: "Suggestion", width: int = 720, height: int = 260) -> alt.LayerChart:
    """The compared values of up to ten instances, line and clear line, and every raised and cleared of these."""
    rows = thinned(suggestion)
    layers = [*_series(suggestion, rows), *_lines(rows, width), *_marks(suggestion, set(rows["instance"]))]
    title = alt.TitleParams(suggestion.rule().name, subtitle=textwrap.wrap(suggestion.says, 120), anchor="start")
    return (
        alt.LayerChart(layer=[*layers, *_cuts(suggestion)])
        .resolve_scale(color="independent", shape="independent")
        .properties(width=width, height=height, title=title)
    )


def thinned(suggestion: "Suggestion") -> pl.DataFrame:
    """At most about 1,500 rows of `time`, `instance`, `value`, `line`, `clear`: where each stretch of time came nearest
    to its line."""
    by = suggestion.rule().by
    frame = as_polars(suggestion.frame)
    instance = pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in by] or [pl.lit("")], separator=" ")
    rows = frame.select("time", "value", "line", "clear", instance.alias("instance"))
    rows = rows.filter(pl.col("value").is_finite()).sort("instance", "time")
    stretch = max(1, -(-rows.height // POINTS))
    number = pl.int_range(pl.len()).over("instance") // stretch
    away = (pl.col("value") - pl.col("line")).fill_nan(None)
    row = away.arg_max() if _upward(rows) else away.arg_min()
    row = pl.when(row.is_not_null()).then(row).otherwise(0)
    return (
        rows.group_by("instance", number.alias("stretch"), maintain_order=True)
        .agg(pl.col("time", "value", "line", "clear").get(row))
        .select("time", "instance", "value", "line", "clear")
    )


def _upward(rows: pl.DataFrame) -> bool:
    """Whether what lies above the line alerts: what clears it lies below."""
    found = rows.filter(pl.col("line").is_finite())
    return not found.height or bool((found["line"] >= found["clear"]).all())


def _series(suggestion: "Suggestion", rows: pl.DataFrame) -> list[alt.Chart]:
    title = textwrap.shorten(suggestion.shape.subject(), 60)
    value = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False))
    drawn = alt.Chart(rows.select("time", "instance", "value")).mark_line(strokeWidth=1, opacity=0.8)
    drawn = drawn.encode(_TIME, value, color=alt.value("#0072b2"))
    if rows["instance"].n_unique() < 2:
        return [drawn]
    palette = alt.Scale(range=_PALETTE)
    name = " ".join(suggestion.rule().by)
    return [drawn.encode(color=alt.Color("instance:N", title=name, scale=palette, legend=_BELOW))]


def _lines(rows: pl.DataFrame, width: int) -> list[alt.Chart]:
    """The two lines: named at their ends where they are the same for all and always, else drawn for a few."""
    names = {"line": ("raised", "alerts at"), "clear": ("cleared", "clears at")}
    if rows["line"].n_unique() == 1:
        data = [{"value": rows[name][0], "what": what, "said": f"{said} {rows[name][0]:.4g}"}
                for name, (what, said) in names.items()]  # fmt: skip
        level = alt.Chart(pl.DataFrame(data)).encode(
            alt.Y("value:Q"), color=alt.Color("what:N", scale=_COLOURS, legend=None)
        )
        named = level.mark_text(align="left", dx=4, fontSize=11).encode(x=alt.value(width), text="said:N")
        return [level.mark_rule(strokeDash=[6, 3]), named]
    few = rows["instance"].unique(maintain_order=True).head(BANDS).to_list()
    some = rows.filter(pl.col("instance").is_in(few), pl.col("line").is_finite())
    colour = alt.Color("what:N", scale=_COLOURS, legend=None)
    drawn: list[alt.Chart] = []
    for name, (what, _) in names.items():
        data = some.select("time", "instance", pl.col(name).alias("value"), pl.lit(what).alias("what"))
        drawn.append(
            alt.Chart(data)
            .mark_line(strokeWidth=1, strokeDash=[4, 2], opacity=0.7)
            .encode(_TIME, alt.Y("value:Q"), alt.Detail("instance:N"), color=colour)
        )  # fmt: skip
    return drawn


def _marks(suggestion: "Suggestion", shown: set[str]) -> list[alt.Chart]:
    rows: list[dict[str, Any]] = []
    for one in suggestion.backtest.transitions:
        instance = _name(one.instance.get(name) for name in suggestion.rule().by)
        if one.what in WHAT and instance in shown and one.value is not None:
            rows.append({"time": to_datetime(one.due), "value": one.value, "what": one.what, "instance": instance})
    rows = [row for row in rows if abs(row["value"]) < float("inf")]
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


def _cuts(suggestion: "Suggestion") -> list[alt.Chart]:
    """Where a line was chosen on what lay before, and measured on what came after."""
    later = suggestion.evidence["later"]
    cuts = [read_time(part["chosen_until"]) for part in later["parts"]] if later else []
    if not cuts:
        return []
    said = ["chosen before, measured after each"] + [""] * (len(cuts) - 1)
    rows = pl.DataFrame({"time": [to_datetime(cut or 0) for cut in cuts], "said": said})
    drawn = alt.Chart(rows).encode(_TIME)
    named = drawn.mark_text(color="#6b7280", fontSize=10, dy=-6, align="left", baseline="bottom")
    return [drawn.mark_rule(color="#8a8f98", strokeDash=[2, 2]), named.encode(y=alt.value(0), text="said:N")]


def _name(values: Iterable[object]) -> str:
    return " ".join("" if value is None else str(value) for value in values)
