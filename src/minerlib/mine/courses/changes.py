"""Where a series changes: steps and bends that noise does not make."""

from itertools import pairwise
from typing import Any

import numpy as np

from minerlib.mine.courses.piecewise import Lines

LEAST = 12  # points below which nothing is said
PHI = (0.0, 0.3, 0.6, 0.8, 0.9, 0.97)  # correlations from one value to the next that are tried
_PRICE = 6.0  # of a change, times the logarithm of the number of points
_JUMP = 4
_FINE = 1e-4  # of the range: nobody wants to hear of less


def changes(x: Any, y: Any) -> list[int]:
    """The positions in y at which another straight line begins: a step, a bend, or both.

    Straight lines with AR(1) noise, by the lowest n log(sum of squares / n) + 6 log(n) for each change: ruptures' PELT
    (Killick, Fearnhead and Eckley 2012) finds the best changes for each phi of `PHI`, and the best phi is taken. So a
    series that only remembers where it was is told by that memory, not by changes. What it finds, and finds in mere
    noise, is measured in its tests. Single spikes are cut beforehand, and what bends within five points is not seen.
    """
    x, y = np.asarray(x, float), despiked(np.asarray(y, float))
    count = len(y)
    if count < LEAST or not np.ptp(y):
        return []
    found: tuple[float, list[int]] = (np.inf, [])
    for phi in PHI:
        found = min(found, _told(x, y, phi), key=lambda one: one[0])
    return found[1]


def despiked(y: Any) -> Any:
    """Without single values that stick out: of both neighbours by more than five spreads of what lies between two."""
    steps = np.diff(y)
    if len(steps) < 4:
        return y
    room = 5 * spread(steps)
    out = np.minimum(np.abs(steps[:-1]), np.abs(steps[1:])) > room
    out &= np.sign(steps[:-1]) != np.sign(steps[1:])
    cut = y.copy()
    cut[1:-1][out] = ((y[:-2] + y[2:]) / 2)[out]
    return cut


def spread(off: Any) -> float:
    """1.4826 MAD; where half of it is equal, by quartiles, and else the standard deviation."""
    low, middle, high = np.quantile(off, (0.25, 0.5, 0.75))
    return float(1.4826 * np.median(np.abs(off - middle)) or (high - low) / 1.349 or np.std(off))


def _told(x: Any, y: Any, phi: float) -> tuple[float, list[int]]:
    """How well changes tell the series with this memory (lower is better), and the changes."""
    import ruptures

    count, white = len(y), y[1:] - phi * y[:-1]
    least, fine = max(5, count // 40), (_FINE * float(np.ptp(y))) ** 2
    cost = Lines(x[1:])
    price = _PRICE * np.log(count)
    noise = max(fine, (spread(np.diff(white)) ** 2) / 2)
    ends = ruptures.Pelt(custom_cost=cost, min_size=least, jump=_JUMP).fit(white).predict(pen=price * noise)

    def score(ends: list[int]) -> float:
        squares = sum(cost.error(a, b) for a, b in pairwise(ends)) / len(white)
        return float(len(white) * np.log(squares + fine) + price * (len(ends) - 2))

    best = min(([0, len(white)], _refined(cost, [0, *ends], least)), key=score)
    fewer = best
    while fewer:  # where every fourth place is tried, one change may have been told by two
        best = fewer
        without = [_refined(cost, [*best[:n], *best[n + 1 :]], least) for n in range(1, len(best) - 1)]
        fewer = min((ends for ends in without if score(ends) < score(best)), key=score, default=[])
    return score(best), [at + 1 for at in best[1:-1]]


def _refined(cost: Lines, ends: list[int], least: int) -> list[int]:
    """Each change at the best place around where only every fourth place was tried."""
    for number in range(1, len(ends) - 1):
        before, at, after = ends[number - 1 : number + 2]
        tried = [n for n in range(at - _JUMP, at + _JUMP + 1) if before + least <= n <= after - least] or [at]
        ends[number] = min(tried, key=lambda n: cost.error(before, n) + cost.error(n, after))
    return ends
