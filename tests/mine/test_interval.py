"""Intervals of percentiles beside SciPy's, and how many independent values a series is worth."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from minerlib.mine.values.interval import BLOCKS, effective, interval, ranks


@pytest.mark.parametrize("size", [10, 57, 1000, 20_000])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99, 0.999])
def test_order_statistics_are_scipys(size: int, share: float) -> None:
    """`scipy.stats.quantile_test` gives the same interval, NaN where there is none."""
    values = np.sort(np.random.default_rng(size).normal(0, 1, size))
    counts = pl.DataFrame({"value": values, "count": 1})
    low, high = stats.quantile_test(values, p=share).confidence_interval(0.95)
    found = interval(counts, share, size, 0.95)
    assert found == (None if np.isnan(low) else low, None if np.isnan(high) else high)


def test_textbook_ranks() -> None:
    """The median of twenty: the 6th and the 15th, with 95.9 % (David and Nagaraja 2003, 7.1)."""
    assert ranks(20, 0.5, 0.95) == (6, 15)


def test_values_that_stay_together_are_worth_one() -> None:
    """Blocks that lie wholly above or wholly below count as so many values."""
    count = np.full(BLOCKS, 100.0)
    together = effective(count, count * (np.arange(BLOCKS) % 2))
    assert together == pytest.approx(BLOCKS, rel=0.05)
    evenly = effective(count, np.full(BLOCKS, 50.0))
    assert evenly == 3200


def test_few_blocks_say_nothing() -> None:
    """A history in fewer than eight blocks is taken as it is."""
    assert effective(np.array([10.0] * 7), np.array([10.0, 0, 10, 0, 10, 0, 10])) == 70
