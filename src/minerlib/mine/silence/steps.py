"""The time between events: how long it usually is, instance by instance, and the longest of these silences.

Made part by part and merged: a histogram of the steps in classes of two percent, and of each part the longest ones
as they are. Events at the same moment are one.

    part 1   a--a--a-----a             classes: 2 2 5     first, last
    part 2                   a--a--a   classes: 2 2       first, last
    between them             ====      a step too, of the last and the first
"""

import math
from collections.abc import Mapping

import polars as pl

from minerlib.mine.given import Given, Part
from minerlib.mine.progress import Progress
from minerlib.mine.series import AHEAD, LATENESS

WIDTH = math.log(1.02)  # of a class, as a logarithm; no duration is off by more than two percent
MOST = 64  # steps kept as they are, an instance and part
_NUMBERS = ("events", "begin", "end", "class", "count", "length")


def _as_taken(given: Given) -> Part:
    """Rows whose `time` is as a rule takes it: late ones left out, those of the future at the clock."""
    if "seen" not in given.schema:
        return lambda rows: rows
    time, seen = pl.col("time"), pl.col("seen")
    late, ahead = pl.duration(microseconds=LATENESS), pl.duration(microseconds=AHEAD)
    return lambda rows: rows.filter(time >= seen - late).with_columns(
        pl.when(time > seen + ahead).then(seen).otherwise(time).alias("time")
    )


def steps(given: Given, keys: Mapping[str, pl.Expr], progress: Progress = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of each instance (columns `keys`; all in one where there are none): its runs, and its steps.

    Runs have `events`, `begin`, `end`, a row an instance. Steps have `class`, `count` and `length` (µs, added up), and
    where they were long `begin` and `end` (µs since 1970; else null): each long step is in a row of its own.
    Where partitions of a cluster overlap in time, steps that are not listed are counted in each of them.
    """
    taken = _as_taken(given)
    inner = {f"key {number}": name for number, name in enumerate(keys)}  # so that a field may be called `end`
    names = list(inner) or ["all"]
    values = [value.alias(name) for name, value in zip(inner, keys.values(), strict=True)] or [pl.lit("").alias("all")]

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        seen = taken(rows).select(*values, pl.col("time").dt.epoch("us").alias("begin"))
        return seen.map_batches(lambda frame: _looked(frame, names), schema=_schema(names))

    found = given.folded(part, lambda frame: _merged(frame, names), progress)
    runs = found.filter(pl.col("what") == "run").select(*inner, "events", "begin", "end")
    said = found.filter(pl.col("what") != "run").select(*inner, "class", "count", "length", "begin", "end")
    return runs.rename(inner), said.rename(inner)


def quantile(said: pl.DataFrame, names: list[str], share: float) -> pl.DataFrame:
    """Of each instance the step (`step`, µs) that `share` of its steps do not exceed, to two percent (nearest rank);
    to the microsecond, where all of its class are alike."""
    counts = said.group_by(*names, "class").agg(pl.col("count", "length").sum()).sort("class")
    rank = pl.max_horizontal(pl.lit(1.0), (pl.col("count").sum() * share).ceil())
    place = (pl.col("count").cum_sum() >= rank).arg_max()
    group = counts.group_by(names) if names else counts.group_by(pl.lit(0).alias("all"))
    return group.agg((pl.col("length").get(place) / pl.col("count").get(place)).alias("step")).select(*names, "step")


def _schema(names: list[str]) -> pl.Schema:
    return pl.Schema({**dict.fromkeys(names, pl.String()), "what": pl.String(), **dict.fromkeys(_NUMBERS, pl.Int64())})


def _looked(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """What one part says of each instance."""
    rows, begin = frame.lazy().sort(*names, "begin"), pl.col("begin")
    runs = rows.group_by(names).agg(pl.len().alias("events"), begin.min().alias("begin"), begin.max().alias("end"))
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in names)
    found = rows.with_columns(end=pl.when(same).then(begin.shift(-1))).filter(pl.col("end") > begin)
    return _stacked(names, runs.collect(), *_trimmed(names, found.collect()))


def _merged(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Several parts' answers as one."""
    runs, long, counted = (frame.filter(pl.col("what") == what) for what in ("run", "long", "step"))
    whole = runs.group_by(names).agg(pl.col("events").sum(), pl.col("begin").min(), pl.col("end").max())
    listed, more = _trimmed(names, silent(names, runs, long))
    return _stacked(names, whole, listed, pl.concat([counted.select(more.columns), more]))


def silent(names: list[str], runs: pl.DataFrame, long: pl.DataFrame) -> pl.DataFrame:
    """When all parts were silent at once: between their runs, and in all of their long steps.

    Each run begins and ends, each long step ends and begins what is said; nobody speaks where these add up to none.
    """

    def edge(frame: pl.DataFrame, at: str, speak: int) -> pl.DataFrame:
        return frame.select(*names, pl.col(at).alias("begin"), pl.lit(speak).alias("speak"))

    edges = [edge(runs, "begin", 1), edge(runs, "end", -1), edge(long, "begin", -1), edge(long, "end", 1)]
    told = pl.concat(edges).sort(*names, "begin", "speak", descending=[*(False for _ in names), False, True])
    told = told.with_columns(
        pl.col("speak").cum_sum().over(names).alias("speaking"), pl.col("begin").shift(-1).over(names).alias("end")
    )
    return told.filter(pl.col("speaking") == 0, pl.col("end") > pl.col("begin")).select(*names, "begin", "end")


def _trimmed(names: list[str], found: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The longest steps as they are, and the others counted by class."""
    length = pl.col("length")
    found = found.with_columns(length=pl.col("end") - pl.col("begin")).with_columns(
        (length.log() / WIDTH).ceil().cast(pl.Int64).alias("class"), pl.lit(1, pl.Int64).alias("count")
    )
    long = length.rank("ordinal", descending=True).over(names) <= MOST
    return found.filter(long), found.filter(~long).group_by(*names, "class").agg(pl.col("count", "length").sum())


def _stacked(names: list[str], runs: pl.DataFrame, long: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    counted = counted.group_by(*names, "class").agg(pl.col("count", "length").sum())
    return pl.concat(
        frame.select(
            *names,
            pl.lit(what).alias("what"),
            *((pl.col(n) if n in frame.columns else pl.lit(None)).cast(pl.Int64).alias(n) for n in _NUMBERS),
        )
        for what, frame in (("run", runs), ("long", long), ("step", counted))
    )
