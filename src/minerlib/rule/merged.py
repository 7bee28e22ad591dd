"""Windows out of panes: the numbers of each pane merged into those of its instances, oldest pane first.

`panes` are (places, columns, seconds from the window's end to the pane's), of those instances that have an observation
in the pane; NaN is no observation.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minerlib.rule.rows import Floats, Ints

Panes = list[tuple[Ints, Sequence[Floats], float]]


def _sum(panes: Panes, size: int, column: int) -> Floats:
    found = np.zeros(size)
    for places, columns, _ in panes:
        found[places] += columns[column]
    return found


def _seen(panes: Panes, size: int) -> np.ndarray:
    found = np.zeros(size, np.bool_)
    for places, _, _ in panes:
        found[places] = True
    return found


def total(panes: Panes, size: int) -> Floats:
    return np.where(_seen(panes, size), _sum(panes, size, 0), np.nan)


def quotient(panes: Panes, size: int) -> Floats:
    below = _sum(panes, size, 1)
    return np.where(below != 0, _sum(panes, size, 0) / below, np.nan)


def lowest(panes: Panes, size: int) -> Floats:
    found = np.full(size, np.nan)
    for places, columns, _ in panes:
        there = found[places]
        found[places] = np.where((columns[0] < there) | np.isnan(there), columns[0], there)
    return found


def highest(panes: Panes, size: int) -> Floats:
    found = np.full(size, np.nan)
    for places, columns, _ in panes:
        there = found[places]
        found[places] = np.where((columns[0] > there) | np.isnan(there), columns[0], there)
    return found


def start(panes: Panes, size: int) -> Floats:
    found = np.full(size, np.nan)
    for places, columns, _ in reversed(panes):
        found[places] = columns[0]
    return found


def end(panes: Panes, size: int) -> Floats:
    found = np.full(size, np.nan)
    for places, columns, _ in panes:
        found[places] = columns[1]
    return found


def difference(panes: Panes, size: int) -> Floats:
    return np.where(_sum(panes, size, 2) > 1, end(panes, size) - start(panes, size), np.nan)


def moments(panes: Panes, size: int) -> Floats:
    """The standard deviation, of n - 1."""
    n, mean, m2 = np.zeros(size), np.zeros(size), np.zeros(size)
    for places, (count, centre, spread), _ in panes:
        had, was, old = n[places], mean[places], m2[places]
        first = had == 0
        both, away = had + count, centre - was
        m2[places] = np.where(first, spread, old + spread + away * away * had * count / both)
        mean[places] = np.where(first, centre, was + away * count / both)
        n[places] = both
    return np.where((n > 1) & (m2 >= 0), np.sqrt(m2 / (n - 1)), np.nan)


class Line(NamedTuple):
    """Least squares lines: `slope` per second, and the value at the window's end; NaN where the observations of an
    instance are all of one time."""

    slope: Floats
    end: Floats


def line(panes: Panes, size: int) -> Line:
    """The line through the observations of each instance."""
    n, t, v, stt, stv = (np.zeros(size) for _ in range(5))
    for places, (count, time, value, tt, tv), shift in panes:
        had, t_was, v_was = n[places], t[places], v[places]
        first = had == 0
        both, dt, dv = had + count, time + shift - t_was, value - v_was
        stt[places] = np.where(first, tt, stt[places] + tt + dt * dt * had * count / both)
        stv[places] = np.where(first, tv, stv[places] + tv + dt * dv * had * count / both)
        t[places] = np.where(first, time + shift, t_was + dt * count / both)
        v[places] = np.where(first, value, v_was + dv * count / both)
        n[places] = both
    rise = np.where(stt > 0, stv / stt, np.nan)
    return Line(rise, v + rise * (0 - t))


def slope(panes: Panes, size: int) -> Floats:
    """The slope of each line, per second."""
    return line(panes, size).slope


def until(found: Line, to: float) -> Floats:
    """Seconds until each line reaches `to`; infinite where it never does."""
    seconds = np.where(found.slope != 0, (to - found.end) / found.slope, np.inf)
    seconds = np.where(found.end == to, 0.0, np.where(seconds > 0, seconds, np.inf))
    return np.where(np.isfinite(found.slope) & np.isfinite(found.end), seconds, np.nan)
