"""Of very many instances those that lines are chosen on: what may cross one, and some others."""

import math
from collections.abc import Sequence

import numpy as np

from minerlib.event.moment import DAY
from minerlib.mine.suggesting.constants import BIG, CHANGES, MEANS, OTHERS
from minerlib.mine.suggesting.panegrid import Floats, Grid, Ints


def shortlist(grid: Grid, a_day: float) -> Grid:
    """The instances that went highest and lowest, as readings and as means, and that changed most, and a sample.

    A line that holds a budget of n alerts lies above what all but n instances came to, so that twice as many of each
    sort are enough; fewer, where these are more than there is room for. The alerts of a line are counted over all
    instances afterwards, by a backtest: what is left out here costs no truth.
    """
    return grid.some(_foremost(grid, _extremes(grid), a_day))


def foremost(grid: Grid, highest: Floats | None, a_day: float) -> Ints:
    """The same by one score, the highest of each instance."""
    return _foremost(grid, [] if highest is None else [highest], a_day)


def _foremost(grid: Grid, scores: Sequence[Floats], a_day: float) -> Ints:
    count = len(grid.begins)
    wanted = 2 * (1 + math.floor(a_day * (grid.end - grid.first) / DAY))
    orders = [np.argsort(-each, kind="stable") for each in scores]
    others = np.linspace(0, count - 1, min(count, OTHERS)).astype(np.int64)
    room = max(OTHERS, int(BIG / (len(grid) / count)))
    while True:
        found: Ints = np.unique(np.concatenate([others, *(order[:wanted] for order in orders)]))
        if len(found) <= room or wanted < 2:
            return found
        wanted = wanted * 3 // 4


def _extremes(grid: Grid) -> list[Floats]:
    """For each instance the largest of several scores."""
    longest = max(width for width, *_ in MEANS)
    mean, change = grid.mean(longest), grid.mean(1)
    change = change - np.r_[np.full(max(CHANGES), np.nan), change[: -max(CHANGES)]]
    change[(grid.time - np.repeat(grid.time[grid.begins], np.diff(np.r_[grid.begins, len(grid)]))) // grid.pane
           < max(CHANGES)] = np.nan  # fmt: skip
    scores = [grid.columns["high"], -grid.columns["low"], mean, -mean, change, -change]
    found = [np.maximum.reduceat(np.where(np.isnan(score), -np.inf, score), grid.begins) for score in scores]
    grid.forget()
    return found
