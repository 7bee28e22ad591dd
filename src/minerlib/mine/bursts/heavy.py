"""Counts of many values in little memory: exact up to a bound, beyond it with a stated error."""

from typing import NamedTuple

import polars as pl

from minerlib.mine.given import Given
from minerlib.mine.progress import Progress


class Heavy(NamedTuple):
    """Rows of the keys, `count`, `recent` (from `cut` on), `events`, `first`, `last`; and totals that are always exact.

    `error` is how much a count may be too low, 0 where all were kept; `lost` how many rows of values were let go.
    """

    frame: pl.DataFrame
    totals: pl.DataFrame
    error: float
    lost: int


def heavy(
    data: Given, keys: list[pl.Expr], groups: list[str], value: pl.Expr, cut: pl.Expr, bound: int,
    progress: Progress = None,
) -> Heavy:  # fmt: skip
    """The values of `keys` and what each sums up to of `value`, at most `bound` of them kept between two parts.

    Parts are counted whole and merged one by one. When more than `bound` values are there, the least are let go; a
    value let go with c is missing c if it comes again, so no count is too low by more than the sum of the largest
    counts let go, and none is ever too high. (It is the merge of Misra and Gries's summaries, Agarwal et al.,
    "Mergeable summaries", 2012, with the bound told instead of subtracted.)
    """
    names = [key.meta.output_name() for key in keys]
    sums = [pl.col("count").sum(), pl.col("recent").sum(), pl.col("events").sum()]
    ends = [pl.col("first").min(), pl.col("last").max()]

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        return (
            rows.select(*keys, value.alias("count"), pl.col("time"), cut.alias("late"))
            .drop_nulls([*names[len(groups) :], "count"])
            .group_by(names)
            .agg(
                pl.col("count").sum(),
                pl.col("count").filter(pl.col("late")).sum().alias("recent"),
                pl.len().cast(pl.Int64).alias("events"),
                pl.col("time").min().alias("first"),
                pl.col("time").max().alias("last"),
            )
        )

    kept, totals, error, lost = pl.DataFrame(), pl.DataFrame(), 0.0, 0
    for found in data.each(part, progress):
        kept = found if kept.is_empty() else pl.concat([kept, found], how="vertical_relaxed")
        kept = kept.group_by(names).agg(*sums, *ends)
        total = found.group_by(groups).agg(*sums) if groups else found.select(*sums)
        totals = pl.concat([totals, total], how="vertical_relaxed") if totals.width else total
        totals = totals.group_by(groups).agg(*sums) if groups else totals.select(*sums)
        if kept.height > bound:
            kept = kept.sort("count", *names, descending=[True] + [False] * len(names), nulls_last=True)
            error += float(kept["count"][bound])
            lost += kept.height - bound
            kept = kept.head(bound)
    return Heavy(kept, totals, error, lost)
