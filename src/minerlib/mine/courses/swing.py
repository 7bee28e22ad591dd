"""What returns every day or week, by medians, and how much of a series that is."""

from typing import Any, NamedTuple

import numpy as np

from minerlib.event.moment import DAY

PERIODS = {"day": DAY, "week": 7 * DAY}
_LEAST = 4  # times a period has to be seen
_STRONG = 0.3  # of what moves: less than that is left where it is


class Swing(NamedTuple):
    """What returns (`value`, of a mean of 0, one for each point), and its `strength`, 0 to 1."""

    value: Any
    strength: float


def swing(end: Any, y: Any, every: int, period: int) -> Swing:
    """What returns after each `period`: the median of each of its slots, of what is off the moving median of one
    period.

    `end` are buckets' ends (µs), `every` their length. Strength is F = max(0, 1 - Var(R) / Var(S + R)) as by Wang,
    Smith and Hyndman (2006), S what returns and R what is left over, with squares of MADs as variances; R is made
    wider by n / (n - pi / 2), what medians of n values take from it by chance. It is 0 where the period was seen less
    than four times, or has less than four buckets, or not a whole number of them.
    """
    nothing = Swing(np.zeros(len(y)), 0.0)
    slots, ragged = divmod(period, every)
    if ragged or slots < 4 or end[-1] - end[0] < _LEAST * period - every:
        return nothing
    grid = np.full((end[-1] - end[0]) // every + 1, np.nan)
    place = (end - end[0]) // every
    grid[place] = y
    off = (grid - moving(grid, slots))[place]
    slot = (end // every) % slots
    middle = np.zeros(slots)
    for one in np.unique(slot):
        middle[one] = np.median(off[slot == one])
    middle -= np.median(middle[slot])
    value = middle[slot]
    times = len(y) / slots
    whole, left = _wide(off), _wide(off - value) * times / max(1.0, times - 1.57)
    return Swing(value, max(0.0, 1 - left / whole) if whole > 0 else 0.0)


def steadied(end: Any, y: Any, every: int) -> tuple[Any, list[str]]:
    """The values without what returns every day, then every week, where that is 0.3 strong; and the names of which."""
    told: list[str] = []
    for name, period in PERIODS.items():
        found = swing(end, y, every, period)
        if found.strength >= _STRONG:
            y = y - found.value
            told.append(name)
    return y, told


def moving(grid: Any, slots: int) -> Any:
    """The moving median of `slots` values around each, nulls left out; at the ends that of the first and last ones."""
    import polars as pl

    middle = pl.Series(grid, nan_to_null=True).rolling_median(slots, min_samples=max(1, slots // 2), center=True)
    return middle.fill_null(strategy="forward").fill_null(strategy="backward").to_numpy()


def _wide(off: Any) -> float:
    return float(np.median(np.abs(off - np.median(off)))) ** 2
