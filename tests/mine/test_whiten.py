"""What is new in a series: without its day, its memory, its drift."""

import numpy as np
import pytest

from minerlib.event.moment import DAY, MINUTE
from minerlib.mine.pairs.whiten import WEEK, deseasoned, in_spreads, innovations, moving, scores

LENGTH = DAY // (5 * MINUTE)


def test_what_is_new_in_an_autoregression_is_what_was_put_in() -> None:
    """The residuals are the innovations that made it, to a few per cent."""
    fresh = np.random.default_rng(1).normal(size=3000)
    row = np.zeros(3000)
    for at in range(2, 3000):
        row[at] = 1.2 * row[at - 1] - 0.4 * row[at - 2] + fresh[at]
    found = innovations(row[None], 81)[0][0]
    known = np.isfinite(found)
    assert known.sum() == 2990
    assert np.corrcoef(found[known], fresh[known])[0, 1] > 0.98


def test_a_day_is_taken_out_and_no_more() -> None:
    """Six days of a sharp peak at noon: gone, while a single peak stays."""
    rows = np.random.default_rng(2).normal(size=(1, 6 * LENGTH))
    rows[0, LENGTH // 2 :: LENGTH] += 30
    rows[0, 3 * LENGTH + 7] += 30
    found = deseasoned(np.repeat(rows, 1, axis=0), 5 * MINUTE, 0)
    assert found[0, 3 * LENGTH + 7] > 25
    wave = 30 * np.sin(2 * np.pi * np.arange(6 * LENGTH) / LENGTH)[None] + np.random.default_rng(3).normal(
        size=(1, 6 * LENGTH)
    )
    assert deseasoned(wave, 5 * MINUTE, 0).std() < 1.5


def test_a_trend_and_a_fall_are_no_day() -> None:
    """A disk that fills and is cleaned keeps its shape: no leap at midnight is put in."""
    row = (np.arange(6 * LENGTH) * 0.06 + 10)[None] % 40
    assert deseasoned(row, 5 * MINUTE, 0) == pytest.approx(row)


def test_less_than_four_days_have_no_usual_day() -> None:
    """Nobody could tell."""
    rows = np.random.default_rng(4).normal(size=(2, 3 * LENGTH))
    assert deseasoned(rows, 5 * MINUTE, 0) is rows


def test_a_leap_casts_no_shadow() -> None:
    """A thousand spreads in one bucket leave those around it as they were."""
    rows = np.random.default_rng(5).normal(size=(2, 1000))
    rows[1] = rows[0]
    rows[1, 500] += 1000
    calm, leapt = (in_spreads(*(each[n : n + 1] for each in innovations(rows, 81)), 0.01)[0] for n in (0, 1))
    near = np.r_[530:560]
    assert leapt[near] == pytest.approx(calm[near], abs=0.3)
    assert leapt[500] > 500


def test_a_mean_is_of_what_is_known() -> None:
    """By numpy at each place."""
    row = np.random.default_rng(6).normal(size=50)
    row[[3, 4, 20]] = np.nan
    expected = [np.nanmean(row[max(0, at - 2) : at + 3]) for at in range(50)]
    assert moving(row[None], 5)[0] == pytest.approx(expected)


def test_scores_are_normal_whatever_the_values_are() -> None:
    """Mean 0, variance 1, in the order of the values, nulls 0."""
    row = np.random.default_rng(7).standard_cauchy(500)
    row[10] = np.nan
    found = scores(row[None])[0]
    known = np.isfinite(row)
    assert found[10] == 0
    assert (found[known].mean(), found[known].var()) == pytest.approx((0, 1))
    assert np.abs(found).max() < 3.3
    assert (np.argsort(found[known]) == np.argsort(row[known])).all()


def test_the_usual_week_is_taken_out_where_there_are_four() -> None:
    """Quieter weekends leave with them; of three weeks nothing does."""
    hour = np.arange(5 * 7 * 24)
    row = np.where(hour // 24 % 7 >= 5, 6.0, 0.0)[None, :] + np.random.default_rng(5).normal(size=(1, len(hour)))
    found = deseasoned(row, 60 * MINUTE, 0, WEEK)
    assert np.corrcoef(row[0], hour // 24 % 7 >= 5)[0, 1] > 0.8
    assert abs(np.corrcoef(found[0], hour // 24 % 7 >= 5)[0, 1]) < 0.2
    assert deseasoned(row[:, : 3 * 7 * 24], 60 * MINUTE, 0, WEEK) == pytest.approx(row[:, : 3 * 7 * 24])
