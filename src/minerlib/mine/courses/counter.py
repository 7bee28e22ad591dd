"""What counters rose by: they start at 0 when a machine does, and wrap where their bits end."""

import polars as pl

BITS = (32, 64)
_NEAR = 0.1  # of its range: a counter that falls from so near its end to so near its beginning wrapped


def increases(rows: pl.LazyFrame, over: list[str]) -> pl.LazyFrame:
    """Rows with a column `rose`: how much more than the row before of the same `over`; 0 in the first.

    Takes `value`, sorted by `over` and time. A counter that falls was reset, and rose by its new value since (as
    Prometheus's `increase` has it), unless it fell from the last tenth of 32 or 64 bits into the first: then it
    wrapped, and rose by what was left and the new value.

    >>> rows = pl.LazyFrame({"instance": [0] * 5, "value": [10, 40, 5, 4294967290, 4]})
    >>> increases(rows, ["instance"]).collect()["rose"].to_list()
    [0.0, 30.0, 5.0, 4294967285.0, 10.0]
    """
    value = pl.col("value").cast(pl.Float64)
    before = value.shift(1).over(over)
    rose = pl.when(value >= before).then(value - before).otherwise(value)
    for bits in BITS:
        full = 2.0**bits
        wrapped = (value < before) & (before <= full) & (before >= (1 - _NEAR) * full) & (value <= _NEAR * full)
        rose = pl.when(wrapped).then(full - before + value).otherwise(rose)
    return rows.with_columns(pl.when(before.is_null()).then(0.0).otherwise(rose).alias("rose"))
