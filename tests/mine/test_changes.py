"""Changes are found where there are some, and not in noise, whatever it remembers."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from minerlib.mine.courses.changes import changes
from minerlib.mine.courses.slope import line

from .courses import noise

COUNT = 150
SERIES = 60


def found(shape: Any, phi: float, seed: int = 0, wide: float = 1.0) -> list[list[int]]:
    """The changes of many series."""
    x = np.arange(COUNT)
    return [changes(x, shape(x) + wide * noise(COUNT, seed + n, phi)) for n in range(SERIES)]


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9])
def test_noise_has_no_changes(phi: float) -> None:
    """At most one of 60 series of noise, white or remembering, is said to change."""
    assert sum(map(bool, found(lambda x: 0.0 * x, phi))) <= 1


@pytest.mark.parametrize(("height", "phi"), [(3.0, 0.0), (6.0, 0.5), (6.0, 0.9)])
def test_a_step_is_found_where_it_is(height: float, phi: float) -> None:
    """A step of three deviations of white noise, of six where it remembers, in 9 of 10 series, within three points."""
    where = found(lambda x: height * (x >= 80), phi)
    assert sum(any(abs(at - 80) <= 3 for at in one) for one in where) >= 0.9 * SERIES


def test_a_bend_is_found() -> None:
    """A level that begins to rise by a fifth of a deviation a point."""
    where = found(lambda x: 0.2 * np.maximum(0, x - 75), 0.0)
    assert sum(len(one) == 1 and abs(one[0] - 75) <= 12 for one in where) >= 0.9 * SERIES


def test_what_is_cleaned_again_and_again_drops_there() -> None:
    """A sawtooth has its drops, and one change each; noise or none."""
    saw = np.arange(COUNT) % 50 * 1.0
    assert changes(np.arange(COUNT), saw) == [50, 100]
    noisy = changes(np.arange(COUNT), saw + 0.5 * noise(COUNT, 1))
    assert noisy == [pytest.approx(50, abs=1), pytest.approx(100, abs=1)]


@pytest.mark.parametrize("values", [[5.0] * 40, list(range(40)), [1.0, 2.0], [3.0] * 20 + [900.0] + [3.0] * 20])
def test_nothing_changes(values: list[float]) -> None:
    """Of what is constant, straight, too short, or has one spike."""
    assert changes(range(len(values)), values) == []


def test_the_line_is_scipys() -> None:
    """Theil and Sen's slope; with independent residuals Sen's interval, hardly wider."""
    x, y = np.arange(100.0), 3 + 0.2 * np.arange(100) + noise(100, 3)
    slope, _, low, high = stats.theilslopes(y, x, 0.95)
    told = line(x, y)
    assert told.slope == slope
    assert 1 <= (told.high - told.low) / (high - low) < 1.3
    assert told.value(50.0) == pytest.approx(13, abs=0.4)


def test_outliers_do_not_move_a_line() -> None:
    """A quarter of the points may be anything."""
    y = 0.5 * np.arange(80.0)
    y[::4] = 1e6
    assert line(np.arange(80), y).slope == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("phi", "least"), [(0.0, 0.9), (0.6, 0.87), (0.9, 0.82)])
def test_the_interval_holds_what_it_says(phi: float, least: float) -> None:
    """Of 95 % intervals of 150 series the true slope is in nine of ten; with long memory in somewhat fewer."""
    x = np.arange(120.0)
    lines = [line(x, 0.02 * x + noise(120, n, phi)) for n in range(150)]
    assert np.mean([one.low <= 0.02 <= one.high for one in lines]) >= least


def test_two_points_have_a_slope_and_no_interval() -> None:
    """Any slope might be the true one."""
    told = line([0, 1], [3, 5])
    assert (told.slope, told.low, told.high) == (2, -np.inf, np.inf)
