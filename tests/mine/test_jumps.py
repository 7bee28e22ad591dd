"""Leaving what is usual, and doing so together."""

import numpy as np
import pytest
from scipy.stats import poisson

from minerlib.event.moment import MINUTE
from minerlib.mine.pairs.jumps import coincident, jumps, waves


def test_a_level_that_leaves_and_returns_is_one_jump() -> None:
    """Up for half an hour: the return is none. Down later: a jump of the other sign."""
    row = np.random.default_rng(1).normal(size=500)
    row[100:130] += 20
    row[300:330] -= 20
    fresh = np.diff(row, prepend=row[0])
    found = jumps(row[None], fresh[None], 10)
    assert {int(at): int(found[0, at]) for at in np.flatnonzero(found)} == {100: 1, 300: -1}


def test_a_row_that_stands_still_jumps_where_it_moves() -> None:
    """Errors that are nearly always 0."""
    row = np.zeros(400)
    row[[50, 53, 200]] = 3, 1, 1
    found = jumps(row[None], row[None], 10)
    assert np.flatnonzero(found[0]).tolist() == [50, 200]


def test_chance_is_poissons() -> None:
    """Ten jumps each, three within two buckets of another: the tail of a Poisson of the mean worked out by hand."""
    rows = np.zeros((2, 1000))
    one = [100, 200, 300, 400, 500, 600, 700, 800, 900, 950]
    other = [101, 198, 302, 440, 540, 640, 740, 840, 920, 970]
    rows[0, one], rows[1, other] = 1, 1
    found = coincident(rows, 2, MINUTE, 0)
    assert found.n.tolist() == [3]
    assert found.p[0] == pytest.approx(poisson.sf(2, 10 * 10 * 5 / 1000))
    assert found.strength[0] == pytest.approx(0.3)
    assert found.lag[0] == 0  # twice after, once before: nobody is first


def test_p_is_honest_where_jumps_fall_anywhere() -> None:
    """Forty series of thirty jumps at random: of 780 pairs no more than one in ten is below a tenth."""
    rng = np.random.default_rng(2)
    rows = np.zeros((40, 5000))
    for row in rows:
        row[rng.choice(5000, 30, replace=False)] = 1
    found = coincident(rows, 10, MINUTE, 0)
    assert 0.01 < (found.p < 0.1).mean() <= 0.1
    assert (found.p < 0.01).mean() <= 0.015


def test_a_jump_up_with_a_jump_down_is_of_the_other_sign() -> None:
    """And the delay is that of the second."""
    rows = np.zeros((2, 1000))
    rows[0, [100, 300, 500]] = 1
    rows[1, [103, 303, 503]] = -1
    found = coincident(rows, 5, MINUTE, 0)
    assert (found.strength[0], found.lag[0], found.n[0]) == (-1, 3, 3)


def test_a_wave_is_as_long_as_one_follows_another() -> None:
    """Three that follow each other are one wave, first come first; one alone is none."""
    rows = np.zeros((3, 200))
    rows[0, [50, 150]], rows[1, [45, 58]], rows[2, 64] = 1, 1, -1
    assert waves(rows, [0, 1, 2], 8) == [[(45, 1), (50, 0), (64, 2)]]
