"""Correlations at all lags of all pairs, and what they are worth."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from minerlib.mine.pairs.lagged import lagged


def standard(rows: np.ndarray) -> np.ndarray:
    return (rows - rows.mean(axis=1, keepdims=True)) / rows.std(axis=1, keepdims=True)


def test_the_strongest_lag_is_the_one_that_a_loop_finds() -> None:
    """Of each pair and each lag, by scipy one by one."""
    rows = standard(np.random.default_rng(1).normal(size=(4, 300)))
    found = lagged(rows, 5)
    for a, b, lag, strength in zip(found.a, found.b, found.lag, found.strength, strict=True):
        by_hand = {
            k: pearsonr(rows[a, : 300 - k], rows[b, k:])[0] if k >= 0 else pearsonr(rows[a, -k:], rows[b, : 300 + k])[0]
            for k in range(-5, 6)
        }
        assert strength == pytest.approx(by_hand[int(lag)], abs=0.02)
        assert abs(by_hand[int(lag)]) >= max(abs(r) for r in by_hand.values()) - 0.02


def test_of_one_lag_p_is_that_of_a_correlation() -> None:
    """Without lags there is nothing to correct for, and Fisher's z is near the exact p of scipy."""
    rows = standard(np.random.default_rng(2).normal(size=(6, 200)))
    found = lagged(rows, 0)
    exact = [pearsonr(rows[a], rows[b])[1] for a, b in zip(found.a, found.b, strict=True)]
    assert found.p == pytest.approx(exact, abs=0.01)


def test_p_of_the_best_lag_is_uniform_where_nothing_is() -> None:
    """Of 4,950 pairs of white series as many are below a tenth as should be, or a few less."""
    found = lagged(standard(np.random.default_rng(3).normal(size=(100, 400))), 10)
    assert 0.06 < (found.p < 0.1).mean() <= 0.105
    assert 0.35 < (found.p < 0.5).mean() <= 0.52


def test_series_with_a_memory_count_for_less() -> None:
    """AR(1) of 0.6 that nobody whitened: Bartlett's number keeps a twentieth from becoming a fifth."""
    rng = np.random.default_rng(4)
    rows = np.zeros((60, 500))
    for at in range(1, 500):
        rows[:, at] = 0.6 * rows[:, at - 1] + rng.normal(size=60)
    found = lagged(standard(rows), 0)
    assert (found.p < 0.05).mean() > 0.1  # no lag, no memory looked at
    found = lagged(standard(rows), 20)
    assert (found.p < 0.05).mean() < 0.06


def test_nulls_say_nothing() -> None:
    """A series of which half is unknown has the correlation of the other half, of as many values."""
    rows = standard(np.random.default_rng(5).normal(size=(2, 400)))
    rows[1] = rows[0]
    rows[1, ::2] = 0
    found = lagged(rows, 0)
    assert found.n.tolist() == [200]
    assert found.strength[0] == pytest.approx((rows[0, 1::2] ** 2).mean(), abs=1e-9) or found.strength[0] == 1
