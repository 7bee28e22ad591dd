"""When within its first bucket a burst began, and with what."""

import polars as pl

from minerlib.event.moment import MINUTE
from minerlib.mine.given import Given

_PARTS = 60  # of a bucket


def begun(
    data: Given, runs: pl.DataFrame, named: list[pl.Expr], value: pl.Expr, told: dict[str, pl.Expr], width: int
) -> pl.DataFrame:
    """The bursts (`begin`, `most` a minute, `before`: expected in a bucket) with their true begin, and what was first.

    A bucket holds what is usual up to the begin, and the burst from there on. The begin is the event at which two
    Poisson processes, one at each rate, are most likely to have changed over.
    """
    names = [key.meta.output_name() for key in named]
    runs = runs.with_columns((pl.col("begin") // width).alias("bucket"))
    keys, at = [*names, "bucket"], pl.col("time").dt.epoch("us")
    wanted = runs.select(keys).lazy()

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        extra = [expr.alias(name) for name, expr in told.items()]
        some = rows.select(at.alias("at"), (at // width).alias("bucket"), value.alias("x."), *named, *extra)
        some = some.filter(pl.col("x.") != 0).join(wanted, on=keys, how="semi").sort("at", maintain_order=True)
        return some.group_by(*keys, (pl.col("at") * _PARTS // width).alias("part"), maintain_order=True).agg(
            pl.col("x.").sum(), pl.col("at").first(), *(pl.col(name).first() for name in told)
        )

    found = data.merged(part, False).join(runs.select(*keys, "most", "before"), keys).sort("at", maintain_order=True)
    high, low = pl.col("most") * width / MINUTE, pl.max_horizontal("before", pl.lit(1e-3))
    left = (pl.col("bucket") + 1) * width - pl.col("at")
    rest = pl.col("x.").cum_sum(reverse=True).over(keys)
    found = found.with_columns((rest * (high / low).log() - (high - low) * left / width).alias("likely"))
    best = found.group_by(keys, maintain_order=True).agg(
        pl.col("at", *told).get(pl.col("likely").arg_max()),
    )
    joined = runs.join(best, keys, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("at", "begin").alias("begin")).drop("at", "bucket", "before")
