"""A field by instance and bucket of time, from sums that can be merged: small, whatever it was made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from minerlib.errors import MineError
from minerlib.event.moment import SECOND
from minerlib.mine.courses.counter import increases
from minerlib.mine.courses.extent import Extent, extent
from minerlib.mine.given import Given
from minerlib.mine.progress import Progress
from minerlib.mine.series import nice

_WHOLE = 10_000_000  # rows that are held at once: instances times buckets


@dataclass(frozen=True)
class Resampled:
    """`frame`, by instance and time: `instance` (as in `extent`), `time` (UTC, the bucket's end), `count`, `mean`,
    `min`, `max`, `first`, `last`; of a counter also `rate`, a second. `every` is a bucket's length in µs.

    A bucket that ends at T holds (T - every, T], as a rule's window does. Buckets without a value are left out.
    """

    frame: pl.DataFrame
    extent: Extent
    every: int


def resample(
    data: Given,
    field: str,
    by: str | Sequence[str] = ("source",),
    every: int | None = None,
    buckets: int = 2000,
    *,
    counter: bool = False,
    most: int = 1000,
    progress: Progress = None,
) -> Resampled:
    """The field in buckets of `every` µs, else of a length a person would write that makes at most `buckets` of them,
    none shorter than the time between two values.

    `first` and `last` are by time (of equal times the lower and the higher value). A `counter` only rises: what it rose
    by in a bucket is its `rate`, from the last value before the bucket to the last in it, with resets and wraps made up
    for (see `increases`); null in an instance's first bucket. Only the `most` instances told most often are taken.
    Raises MineError where the field is no number or has none, or there is more than memory should hold.
    """
    seen = extent(data, field, by, most, progress)
    every = every or max(nice(seen.cadence), _wide((seen.last - seen.first) / buckets))
    rows = seen.instances.height * ((seen.last - seen.first) // every + 1)
    if rows > _WHOLE and seen.instances.height > 1:
        raise MineError(
            f"{seen.instances.height} instances in buckets of {every / SECOND:g} s are up to {rows:,} rows: "
            f"take a longer every=, a shorter time, or fewer instances."
        )
    keys = data.keys(seen.by)
    names = [f"by.{name}" for name in keys]
    value, known = data.number(field), seen.instances.select("instance", *names)
    at = pl.col("at")

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        rows = rows.select(
            *(column.alias(f"by.{name}") for name, column in keys.items()),
            pl.col("time").dt.epoch("us").alias("at"),
            value.alias("value"),
        ).drop_nulls(["at", "value"])
        rows = rows.join(known.lazy(), names) if names else rows.with_columns(pl.lit(0, pl.Int64).alias("instance"))
        rows = rows.with_columns(((at + (every - 1)) // every * every).alias("end"))
        if counter:
            rows = increases(rows.sort("instance", "at", "value"), ["instance", "end"])
        inside = [pl.col("rose").sum()] if counter else []
        return rows.group_by("instance", "end").agg(
            pl.len().cast(pl.Int64).alias("count"), pl.col("value").sum().alias("sum"),
            pl.col("value").min().alias("min"), pl.col("value").max().alias("max"),
            pl.col("value").sort_by("at", "value").first().alias("first"),
            pl.col("value").sort_by("at", "value").last().alias("last"),
            at.min().alias("from"), at.max().alias("to"), *inside,
        )  # fmt: skip

    parts = data.merged(part, progress).sort("instance", "end", "from", "to")
    found = _merged(parts)
    if counter:
        found = found.join(_rates(parts), ["instance", "end"], "left", maintain_order="left")
    time = pl.col("end").cast(pl.Datetime("us", "UTC")).alias("time")
    columns = ["count", "mean", "min", "max", "first", "last", *(["rate"] if counter else [])]
    return Resampled(found.select("instance", time, *columns), seen, every)


def _merged(parts: pl.DataFrame) -> pl.DataFrame:
    """The buckets of all parts, those that are in several of them added up."""
    value = {"first": pl.col("first").sort_by("from", "first"), "last": pl.col("last").sort_by("to", "last")}
    found = parts.group_by("instance", "end").agg(
        pl.col("count").sum(), pl.col("sum").sum(), pl.col("min").min(), pl.col("max").max(),
        value["first"].first(), value["last"].last(),
    )  # fmt: skip
    return found.with_columns((pl.col("sum") / pl.col("count")).alias("mean")).sort("instance", "end")


def _rates(parts: pl.DataFrame) -> pl.DataFrame:
    """What a counter rose by a second: inside the parts of a bucket, and from each of them to the next.

    Where parts of a bucket overlap in time, their first and last values are taken as one series.
    """
    before = pl.col("to").shift(1).over("instance", "end").cum_max().over("instance", "end")
    mixed = (pl.col("from") <= before).fill_null(False).any().over("instance", "end").alias("mixed")
    parts = parts.with_columns(mixed)
    inside = parts.with_columns(pl.when(~pl.col("mixed")).then("rose").otherwise(0.0))
    ends = pl.concat([
        inside.select("instance", "end", pl.col("from").alias("at"), pl.col("first").alias("value"), "rose", "mixed"),
        inside.select(
            "instance", "end", pl.col("to").alias("at"), pl.col("last").alias("value"),
            pl.lit(0.0).alias("rose"), "mixed",
        ),
    ])  # fmt: skip
    last = (~pl.col("mixed") & (pl.int_range(pl.len()) >= parts.height)).alias("last")
    ends = ends.with_columns(last).sort("instance", "at", "last", "value", maintain_order=True)
    chain = increases(ends.rename({"rose": "inside"}).lazy(), ["instance"]).collect()
    step = pl.when("last").then(0.0).otherwise(pl.col("rose")) + pl.col("inside")
    found = chain.group_by("instance", "end", maintain_order=True).agg(step.sum().alias("rose"), pl.col("at").max())
    took = pl.col("at").diff().over("instance") / SECOND
    return found.select("instance", "end", pl.when(took > 0).then(pl.col("rose") / took).alias("rate"))


def _wide(span: float) -> int:
    """A length a person would write, also above a day."""
    day = 86_400 * SECOND
    return nice(span) if span <= day else -(-int(span) // day) * day
