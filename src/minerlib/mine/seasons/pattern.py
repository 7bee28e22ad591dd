"""How much of a series its hour of day and its day of week tell, and whether that is more than chance."""

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minerlib.event.moment import DAY
from minerlib.mine.courses.slope import correlation
from minerlib.mine.courses.swing import moving

SURE = 0.01  # the chance below which a pattern is told of
STRONG = 0.1  # of what varies, at least
_SHUFFLES = 199
_LEAST = {"day": 3, "week": 14}  # days
_CUT = 0.01  # of the highest and lowest values are brought in before squares are taken
_CLEAR = 1e-4  # the chance that noise has a peak like it
_SHARE = 0.1  # of what varies, for a period to be told


class Pattern(NamedTuple):
    """Strength (0 to 1) and chance (that no pattern looks like it, 0.005 at least) of day and week; null where the
    history is shorter than 3 days, or 2 weeks. `other` are periods (µs) beside these and their shares of what is
    left.
    """

    day: float | None
    day_chance: float | None
    week: float | None
    week_chance: float | None
    other: tuple[tuple[int, float], ...]


def pattern(end: Any, cell: Any, day: Any, y: Any, every: int) -> Pattern:
    """The pattern of values in buckets of `every` µs that end at `end`, in the local hour of week `cell` of date
    `day`.

    As MSTL (Bandara, Hyndman and Bergmeir 2021), with medians for its loess: off a moving median of a week (of a day,
    where there are not two weeks), the median of each hour of the day is the daily part, and of what is left that of
    each hour of the week the weekly one. Strength is max(0, 1 - Var(R) / Var(S + R)) (Wang, Smith and Hyndman 2006), R
    what is left of both, its variance made wider by n / (n - pi / 2) for medians of n. Chances are of 199 shuffles:
    for the day each day is turned by hours of its own, for the week whole days change places, so that memory within a
    day is kept.
    """
    days = int(day[-1] - day[0]) + 1
    if days < _LEAST["day"] or len(y) < 2 * _LEAST["day"] or not np.ptp(y):
        return Pattern(None, None, None, None, ())
    weekly = days >= _LEAST["week"]
    off = y - _level(end, y, every, (7 if weekly else 1) * DAY)
    daily = _medians(cell % 24, off, 24)
    rest = off - daily[cell % 24]
    by_week = _medians(cell, rest, 168) if weekly else np.zeros(168)
    left = rest - by_week[cell]
    wide = _variance(left)
    random = np.random.default_rng(0)
    grid = _grid(cell, day, off)
    day_chance = _chance(grid, _turned, _squares_by_day, random)
    week, week_chance = None, None
    if weekly:
        grid = grid - np.where(np.isnan(daily), 0.0, daily)
        weekday = np.arange(len(grid)) % 7
        week_chance = _chance(grid, _reordered, partial(_squares_by_week, weekday=weekday), random)
        week = _strength(wide, left + by_week[cell], len(grid) / 7)
    strength = _strength(wide, left + daily[cell % 24], len(grid))
    return Pattern(strength, day_chance, week, week_chance, others(end, left, every))


def others(end: Any, left: Any, every: int) -> tuple[tuple[int, float], ...]:
    """Periods that are clearly in what is left, the strongest first, three at most: (µs, share of the variance).

    Peaks of the periodogram (after what remains of one value in the next is taken out) over the median around them
    that noise would have once in ten thousand series (its ordinates are exponential), worth a tenth of the variance,
    returning eight times or more. Harmonics are not told again, nor what is left of a day.
    """
    grid = np.zeros((end[-1] - end[0]) // every + 1)
    grid[(end - end[0]) // every] = left - left.mean()
    if len(grid) < 80 or not np.ptp(grid):
        return ()
    white = grid - max(0.0, correlation(grid)) * np.concatenate([[0.0], grid[:-1]])
    raw, power = (np.abs(np.fft.rfft(one * np.hanning(len(one))))[1:] ** 2 for one in (grid, white))
    import polars as pl

    around = pl.Series(power).rolling_median(41, min_samples=10, center=True).to_numpy() / np.log(2)
    chance = len(power) * np.exp(-power / np.maximum(around, 1e-300))
    found: list[tuple[int, float]] = []
    for at in np.argsort(power)[::-1][:20]:
        share = float(raw[max(0, at - 2) : at + 3].sum() / raw.sum())
        period = len(grid) * every / (at + 1)
        again = any(abs(at + 1 - n * len(grid) * every / DAY) <= 2 for n in range(1, 5)) or any(
            abs(ratio - round(ratio)) < 0.05 for one, _ in found for ratio in (one / period, period / one)
        )
        if chance[at] < _CLEAR and share >= _SHARE and at >= 7 and not again:
            found.append((round(period), share))
    return tuple(found[:3])


def _level(end: Any, y: Any, every: int, period: int) -> Any:
    grid = np.full((end[-1] - end[0]) // every + 1, np.nan)
    place = (end - end[0]) // every
    grid[place] = y
    return moving(grid, max(3, period // every))[place]


def _medians(slot: Any, y: Any, slots: int) -> Any:
    middle = np.zeros(slots)
    for one in np.unique(slot):
        middle[one] = np.median(y[slot == one])
    return middle - np.median(middle[slot])


def _grid(cell: Any, day: Any, y: Any) -> Any:
    """A row for each date, a column for each hour: the means; NaN where there is none."""
    rows = int(day[-1] - day[0]) + 1
    place = (day - day[0]) * 24 + cell % 24
    count = np.bincount(place, minlength=rows * 24)
    with np.errstate(invalid="ignore"):
        return (np.bincount(place, y, minlength=rows * 24) / count).reshape(rows, 24)


def _chance(grid: Any, shuffled: Any, squares: Any, random: Any) -> float:
    """How often shuffling makes as much of a pattern."""
    seen = squares(grid)
    as_much = sum(squares(shuffled(grid, random)) >= seen for _ in range(_SHUFFLES))
    return float((1 + as_much) / (1 + _SHUFFLES))


def _turned(grid: Any, random: Any) -> Any:
    turn = (np.arange(24) + random.integers(0, 24, (len(grid), 1))) % 24
    return np.take_along_axis(grid, turn, axis=1)


def _reordered(grid: Any, random: Any) -> Any:
    return grid[random.permutation(len(grid))]


def _squares_by_day(grid: Any) -> float:
    return _squares(np.nanmean(grid, axis=0)) if np.isfinite(grid).any(axis=0).all() else _squares(_means(grid))


def _squares_by_week(grid: Any, weekday: Any) -> float:
    return sum(_squares(_means(grid[weekday == one]), centred=False) for one in range(7))


def _means(grid: Any) -> Any:
    count = np.isfinite(grid).sum(axis=0)
    return np.nansum(grid, axis=0)[count > 0] / count[count > 0]


def _squares(means: Any, centred: bool = True) -> float:
    return float(np.sum((means - (means.mean() if centred else 0.0)) ** 2)) if len(means) else 0.0


def _strength(left: float, whole: Any, times: float) -> float:
    both = _variance(whole)
    return max(0.0, 1 - left * times / max(1.0, times - 1.57) / both) if both > 0 else 0.0


def _variance(off: Any) -> float:
    """Of what lies between the outermost hundredths, these brought in: a few spikes are not what varies."""
    low, high = np.quantile(off, (_CUT, 1 - _CUT))
    return float(np.var(np.clip(off, low, high)))
