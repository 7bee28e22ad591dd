"""Bursts and alerts joined to incidents: what lies near enough in time, whatever its source."""

import numpy as np
import polars as pl

from minerlib.event.moment import DAY, MINUTE, SECOND
from minerlib.mine.series import nice

LEAST = 10  # gaps that something can be learnt from
USUAL = 5 * MINUTE


def joined(spans: pl.DataFrame, gap: int) -> pl.DataFrame:
    """`spans` (`begin`, `end`, µs) in order, with `incident`: those no further than `gap` from what came before."""
    rows = spans.sort("begin", "end", maintain_order=True)
    reached = pl.col("end").cum_max().shift(1)
    return rows.with_columns(
        ((pl.col("begin") - reached > gap).fill_null(True).cum_sum().cast(pl.Int64) - 1).alias("incident")
    )


def learned(times: pl.Series) -> tuple[int, bool]:
    """The gap (µs) that parts events which belong together from those that do not, and whether it could be learnt.

    The times between events, on a logarithmic scale, are cut where the two sides are most alike within themselves
    (Otsu, "A threshold selection method from gray-level histograms", 1979). It is learnt where both sides have a
    twentieth of them and lie a factor of ten apart; five minutes otherwise.
    """
    steps = times.sort().diff().drop_nulls().to_numpy().astype(float)
    if len(steps) < LEAST:
        return USUAL, False
    logs = np.sort(np.log10(np.maximum(steps, SECOND)))
    n = np.arange(1, len(logs))
    sums = np.cumsum(logs)[:-1]
    low, high = sums / n, (logs.sum() - sums) / (len(logs) - n)
    at = int(np.argmax(n * (len(logs) - n) * (high - low) ** 2))
    share = (at + 1) / len(logs)
    if high[at] - low[at] < 1 or not 0.05 <= share <= 0.95:
        return USUAL, False
    middle = 10 ** ((logs[at] + logs[at + 1]) / 2)
    return min(nice(middle), DAY), True
