"""How often each value was met: a distribution that can be made part by part and merged.

Small histories are counted value by value. Larger ones count values by their first digits, four in all and three an
instance, so that quantiles are within 0.05 % (0.5 %) of the value; what was measured in fewer digits is exact.
"""

from collections.abc import Mapping

import polars as pl

from minerlib.mine.given import Given
from minerlib.mine.progress import Progress

EXACT = 4_000_000  # rows up to which every value is counted as it is
DIGITS, EACH = 4, 3
ALL = "all of them"  # the column that tells the tally of all from those of the instances


def tally(
    given: Given, field: str, keys: Mapping[str, pl.Expr], exact: bool, progress: Progress = None
) -> pl.DataFrame:
    """`value` and `count`: by instance (columns `key 0`, ... in the order of `keys`), and over all (`ALL` is true).

    Values that are null, NaN or infinite are none. Sorted by value.
    """
    inner = [f"key {number}" for number in range(len(keys))]
    named = [value.alias(name) for name, value in zip(inner, keys.values(), strict=True)]

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        seen = rows.select(*named, given.number(field).alias("value")).drop_nulls("value")
        value = pl.col("value")
        if exact:
            each = seen.group_by(*inner, "value").agg(pl.len().cast(pl.Int64).alias("count"))
            return each.with_columns(pl.lit(False).alias(ALL))
        parts = [
            seen.group_by(value.round_sig_figs(DIGITS)).agg(pl.len().cast(pl.Int64).alias("count"))
            .with_columns(pl.lit(True).alias(ALL), *(pl.lit("").alias(name) for name in inner)),
            seen.group_by(*inner, value.round_sig_figs(EACH)).agg(pl.len().cast(pl.Int64).alias("count"))
            .with_columns(pl.lit(False).alias(ALL)),
        ]  # fmt: skip
        columns = [*inner, "value", "count", ALL]
        return pl.concat([each.select(columns) for each in parts])

    def merge(found: pl.DataFrame) -> pl.DataFrame:
        return found.group_by(*inner, "value", ALL).agg(pl.col("count").sum()).select(found.columns)

    found = given.folded(part, merge, progress)
    if exact:
        whole = found.group_by("value").agg(pl.col("count").sum())
        whole = whole.with_columns(pl.lit(True).alias(ALL), *(pl.lit("").alias(name) for name in inner))
        found = pl.concat([found, whole.select(found.columns)])
    return found.sort(ALL, *inner, "value")


def few(rows: int) -> bool:
    """Whether so many rows are counted value by value."""
    return rows <= EXACT


def whole(found: pl.DataFrame) -> pl.DataFrame:
    """The tally of all: `value`, `count`."""
    return found.filter(ALL).select("value", "count")


def at(counts: pl.DataFrame, share: float) -> float:
    """The value that `share` of a tally do not exceed (nearest rank)."""
    total = int(counts["count"].sum())
    return at_rank(counts, max(1, -int(-share * total // 1)))


def at_rank(counts: pl.DataFrame, rank: int) -> float:
    """The value of a rank, from 1 on."""
    place = counts["count"].cum_sum().search_sorted(rank, side="left")
    return float(counts["value"][min(int(place), counts.height - 1)])
