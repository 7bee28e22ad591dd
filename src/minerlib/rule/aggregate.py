"""What windows are worked out from: for each aggregate, what a pane keeps of its observations and what comes of it.

A pane keeps a few numbers of each instance, fed one observation after another; a window merges those of its panes,
oldest first. So no cut of the input changes a bit of the result. Moments are Welford's within a pane and merged as by
Chan, Golub and LeVeque (Updating formulae and a pairwise algorithm for computing sample variances, 1979).

All is done for many instances at once, a column each; each of them gets what a loop over it alone would give.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from minerlib.rule.merged import Panes, difference, end, highest, lowest, moments, quotient, slope, start, total
from minerlib.rule.rows import Floats, Ints

Columns = Sequence[Floats]


class Aggregate(NamedTuple):
    """`start` is a pane's numbers before its first observation; `add(columns, places, value, below, t)` takes
    observations at `t` seconds behind the pane's end, each into its place; `result(panes, size)` is what each of
    so many instances observes, of (places, columns, seconds from the window's end to the pane's) of each pane, oldest
    first; NaN is no observation."""

    start: tuple[float, ...]
    add: Callable[[Columns, Ints, Floats, Floats, Floats], None]
    result: Callable[[Panes, int], Floats]


def _add_sum(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    np.add.at(columns[0], places, value)
    np.add.at(columns[1], places, below)


def _add_mean(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    np.add.at(columns[0], places, value)
    columns[1][:] += np.bincount(places, minlength=len(columns[1]))


def _add_low(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    had = columns[0].copy()
    np.minimum.at(columns[0], places, value)
    _first_zero(columns[0], had, places, value)


def _add_high(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    had = columns[0].copy()
    np.maximum.at(columns[0], places, value)
    _first_zero(columns[0], had, places, value)


def _first_zero(column: Floats, had: Floats, places: Ints, value: Floats) -> None:
    """Of 0.0 and -0.0, which are equal, the first one said is kept."""
    zeros = (value == 0) & (column[places] == 0)
    if zeros.any():
        column[places[zeros][::-1]] = value[zeros][::-1]
        column[had == 0] = had[had == 0]


def _add_ends(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    """first, last, n."""
    begun = columns[2] != 0
    first = columns[0][begun]
    columns[0][places[::-1]] = value[::-1]
    columns[0][begun] = first
    columns[1][places] = value
    columns[2][:] += np.bincount(places, minlength=len(begun))


def _add_moments(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    """n, mean, m2."""
    for at in _rounds(places):
        place, said = places[at], value[at]
        n = columns[0][place] + 1
        away = said - columns[1][place]
        mean = columns[1][place] + away / n
        columns[2][place] += away * (said - mean)
        columns[0][place], columns[1][place] = n, mean


def _add_line(columns: Columns, places: Ints, value: Floats, below: Floats, t: Floats) -> None:
    """n, mean t, mean v, stt, stv."""
    for at in _rounds(places):
        place = places[at]
        n = columns[0][place] + 1
        dt, dv = t[at] - columns[1][place], value[at] - columns[2][place]
        mean = columns[1][place] + dt / n
        columns[3][place] += dt * (t[at] - mean)
        columns[4][place] += dt * (value[at] - (columns[2][place] + dv / n))
        columns[0][place], columns[1][place] = n, mean
        columns[2][place] += dv / n


def _rounds(places: Ints) -> list[Ints]:
    """Observations in rounds, so that each round has at most one of each place, in their order."""
    order = np.argsort(places, kind="stable")
    there = places[order]
    begins = np.flatnonzero(np.r_[True, there[1:] != there[:-1]])
    turn = np.arange(len(there)) - np.repeat(begins, np.diff(np.r_[begins, len(there)]))
    by_turn = order[np.argsort(turn, kind="stable")]
    return np.split(by_turn, np.cumsum(np.bincount(turn))[:-1])


def rank(name: str) -> tuple[int, int]:
    """The share that p95 or p999 stands for: 95 of 100, 999 of 1000."""
    return int(name[1:]), 10 ** (len(name) - 1)


def nearest(at: Ints, values: Floats, name: str, size: int) -> Floats:
    """The nearest-rank percentile of each of so many instances: the smallest value that at least this share of its
    values does not exceed; NaN where it has none."""
    order = np.lexsort((values, at))
    count = np.bincount(at, minlength=size)
    share, of = rank(name)
    place = np.cumsum(count) - count + np.maximum(0, -(-share * count // of) - 1)
    some = count > 0
    found = np.full(size, np.nan)
    found[some] = values[order[place[some]]]
    return found


INFINITE = float("inf")
SUMS = {
    "sum": Aggregate((0.0, 0.0), _add_sum, total),
    "mean": Aggregate((0.0, 0.0), _add_mean, quotient),
    "ratio": Aggregate((0.0, 0.0), _add_sum, quotient),
    "min": Aggregate((INFINITE,), _add_low, lowest),
    "max": Aggregate((-INFINITE,), _add_high, highest),
    "first": Aggregate((0.0, 0.0, 0.0), _add_ends, start),
    "last": Aggregate((0.0, 0.0, 0.0), _add_ends, end),
    "delta": Aggregate((0.0, 0.0, 0.0), _add_ends, difference),
    "stddev": Aggregate((0.0, 0.0, 0.0), _add_moments, moments),
    "slope": Aggregate((0.0,) * 5, _add_line, slope),
    "forecast": Aggregate((0.0,) * 5, _add_line, slope),  # and `until`
}
COUNTS = ("count", "rate", "distinct")
