"""The weight of tails beside SciPy's maximum likelihood, on distributions whose tail is known."""

import numpy as np
import polars as pl
import pytest
from scipy import stats

from minerlib.mine.values.tail import Tail, tail


def tail_of(values: np.ndarray) -> Tail | None:
    return tail(pl.Series("value", values).value_counts().sort("value"))


@pytest.mark.parametrize("shape", [-0.5, 0.0, 0.06, 0.2, 0.4])
def test_generalised_pareto_is_found(shape: float) -> None:
    """Its own shape, within three standard errors; the maximum of the likelihood is near."""
    values = stats.genpareto.rvs(shape, size=400_000, random_state=1)
    found = tail_of(values)
    assert found is not None
    assert abs(found.shape - shape) < 3 * found.error
    above = values[values > found.threshold] - found.threshold
    assert len(above) == found.values == 20_000
    assert found.shape == pytest.approx(stats.genpareto.fit(above, floc=0)[0], abs=0.06)
    assert found.heavy == (shape > 0.1)  # 0.06 is surely above 0, and yet no news to anybody


def test_values_that_were_rounded_have_the_same_tail() -> None:
    """Many that are alike exceed each other by half."""
    values = stats.genpareto.rvs(0.2, size=100_000, random_state=1)
    plain, rounded = tail_of(values), tail_of((4 * values).round(0))
    assert plain is not None
    assert rounded is not None
    assert rounded.shape == pytest.approx(plain.shape, abs=0.04)


def test_too_little_is_no_tail() -> None:
    """Fewer than a hundred values above, or one value alone."""
    assert tail_of(np.arange(1000.0)) is None
    assert tail_of(np.repeat([1.0, 2.0], [9_000, 1_000])) is None
    assert tail_of(np.full(5_000, 3.0)) is None
