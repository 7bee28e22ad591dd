"""What is in concert drawn: a map of the pairs, and the strongest of them over each other."""

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import SECOND, to_datetime, words
from minerlib.mine.tables import as_polars

if TYPE_CHECKING:
    from minerlib.mine.pairs.concert import Together

SERIES = 24  # in the map, those in the largest groups and strongest pairs first
PAIRS = 3  # drawn over each other
AROUND = 80  # buckets before and after the moment drawn
_COLOURS = ["#0072b2", "#e69f00"]
_AXIS = alt.Axis(grid=False, labelOverlap=True, format="%d %b %H:%M", tickCount=8)
_STRENGTH = alt.Scale(domain=[-1, 1], scheme="purplegreen", domainMid=0)


def chart(found: "Together", width: int = 720) -> alt.VConcatChart:
    """The map above, up to three pairs below. Raises MineError where nothing is in concert."""
    pairs = as_polars(found.frame).filter(pl.col("q") < 0.05)
    if not pairs.height:
        raise MineError(f"There is nothing to draw: {found.says}")
    drawn = [_map(found, pairs), *(_pair(found, pair, width) for pair in _different(pairs))]
    return alt.vconcat(*drawn, spacing=26).resolve_scale(color="independent")


def _map(found: "Together", pairs: pl.DataFrame) -> alt.Chart:
    names = [name for group in found.groups for name in group["members"]][:SERIES]
    some = pairs.filter(pl.col("a").is_in(names), pl.col("b").is_in(names))
    at_once = some.filter(pl.col("lag") == 0).select(
        pl.col("b").alias("a"), pl.col("a").alias("b"), pl.exclude("a", "b")
    )
    some = pl.concat([some, at_once])
    late = [f"{words(round(lag * SECOND))} later" if lag else "at once" for lag in some["lag"]]
    signed = (pl.col("strength") * pl.col("sign")).alias("strength")
    cells = some.select("a", "b", signed, pl.Series("late", late, dtype=pl.String), "q", "how")
    size = alt.Step(max(14, min(30, 420 // len(names))))
    left = len({name for group in found.groups for name in group["members"]}) - len(names)
    said = ["A row comes first, a column follows it, or both at once; below 0 they move the other way."]
    said += [f"{left:,} more series are not drawn."] if left > 0 else []
    base = alt.Chart(cells).encode(
        alt.X("b:N", title="follows", sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=-45)),
        alt.Y("a:N", title="comes first", sort=names, scale=alt.Scale(domain=names)),
    )
    legend = alt.Legend(title="strength", orient="right", gradientLength=120)
    squares = base.mark_rect().encode(
        alt.Color("strength:Q", scale=_STRENGTH, legend=legend),
        tooltip=["a", "b", "how", "late", alt.Tooltip("strength:Q", format=".2f"), alt.Tooltip("q:Q", format=".2g")],
    )  # fmt: skip
    title = alt.TitleParams(
        f"{pairs.height:,} pair{'s' if pairs.height > 1 else ''} in concert", subtitle=said, anchor="start"
    )
    return squares.properties(width=size, height=size, title=title)


def _pair(found: "Together", pair: dict[str, Any], width: int) -> alt.Chart:
    """Two series around one moment at which they went together, each in its own range."""
    series = found.series
    a, b = series.names.index(pair["a"]), series.names.index(pair["b"])
    at = _moment(found, a, b, round(pair["lag"] * SECOND / series.every))
    begin, end = max(0, at - AROUND), min(series.values.shape[1], at + AROUND)
    rows: list[dict[str, Any]] = []
    for row in (a, b):
        some = series.values[row, begin:end]
        low, high = np.nanmin(some), np.nanmax(some)
        for bucket, value in enumerate(some, begin):
            time = to_datetime(series.start + bucket * series.every)
            share = (value - low) / (high - low) if high > low else 0.5
            rows.append({"time": time, "series": series.names[row], "share": None if np.isnan(share) else share})
    late = words(round(pair["lag"] * SECOND))
    said = (
        f"{pair['b']} moves {late} after {pair['a']}" if pair["lag"] else f"{pair['a']} and {pair['b']} move together"
    )
    said += "" if pair["sign"] > 0 else ", the other way"
    scale = alt.Scale(domain=[pair["a"], pair["b"]], range=_COLOURS)
    colour = alt.Color("series:N", title=None, scale=scale, legend=alt.Legend(orient="top"))
    title = alt.TitleParams(said, subtitle=_sub(pair), anchor="start")
    lines = alt.Chart(pl.DataFrame(rows)).mark_line(strokeWidth=1.5, opacity=0.9).encode(
        alt.X("time:T", title="UTC", scale=alt.Scale(type="utc"), axis=_AXIS),
        alt.Y("share:Q", title="of its own range", axis=alt.Axis(format="%", tickCount=3)),
        color=colour,
    )  # fmt: skip
    return lines.properties(width=width, height=110, title=title)


def _sub(pair: dict[str, Any]) -> str:
    if pair["how"] == "jumps":
        times = "once" if pair["n"] == 1 else f"{pair['n']:,} times"
        share = f"{pair['strength']:.0%} of the times that the rarer did"
        return f"Both left their usual level {times}, {share}. One of these."
    return f"What is new in them correlates by {pair['strength']:.2f} over {pair['n']:,} moments. Where both move most."


def _different(pairs: pl.DataFrame) -> list[dict[str, Any]]:
    """The likeliest pairs, of series not drawn before as far as there are."""
    found: list[dict[str, Any]] = []
    for new in (2, 1):  # how many of its series were not drawn before
        for pair in pairs.iter_rows(named=True):
            drawn = {each[name] for each in found for name in ("a", "b")}
            if len(found) < PAIRS and len({pair["a"], pair["b"]} - drawn) == new:
                found.append(pair)
    return found


def _moment(found: "Together", a: int, b: int, lag: int) -> int:
    """The bucket at which the two jumped together, else where they moved most together."""
    within = round(found.numbers["within_seconds"] * SECOND / found.series.every)
    one, other = (np.flatnonzero(found.jumped[row]) for row in (a, b))
    near = [int(at) for at in one if len(other) and np.abs(other - at).min() <= within]
    if near:
        return near[len(near) // 2]
    first, second = (np.nan_to_num(np.diff(found.series.values[row])) for row in (a, b))
    first, second = (np.abs(each) / (np.std(each) or 1) for each in (first, second))
    length = len(first) - lag
    return int(np.argmax(first[:length] * second[lag:]))
