"""What windows are worked out from: for each aggregate, what a pane keeps of its observations and what comes of it.

A pane keeps a few numbers, fed one observation after another; a window merges those of its panes, oldest first. So no
cut of the input changes a bit of the result. Moments are Welford's within a pane and merged as by Chan, Golub and
LeVeque (Updating formulae and a pairwise algorithm for computing sample variances, 1979).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

Numbers = list[float]
Panes = list[tuple[Numbers, float]]


class Aggregate(NamedTuple):
    """`start` is a pane's numbers before its first observation; `add(numbers, value, below, t)` takes one at `t`
    seconds behind the pane's end; `result(panes, over)` is what a window observes, of (numbers, seconds from the
    window's end to the pane's) of each pane with an observation, oldest first; None is no observation."""

    start: tuple[float, ...]
    add: Callable[[Numbers, float, float, float], None]
    result: Callable[[Panes], float | None]


def _add_sum(numbers: Numbers, value: float, below: float, t: float) -> None:
    numbers[0] += value
    numbers[1] += below


def _sum(panes: Panes, at: int = 0) -> float:
    total = 0.0
    for numbers, _ in panes:
        total += numbers[at]
    return total


def _add_mean(numbers: Numbers, value: float, below: float, t: float) -> None:
    numbers[0] += value
    numbers[1] += 1


def _quotient(panes: Panes) -> float | None:
    below = _sum(panes, 1)
    return _sum(panes) / below if below else None


def _add_low(numbers: Numbers, value: float, below: float, t: float) -> None:
    numbers[0] = min(numbers[0], value)


def _add_high(numbers: Numbers, value: float, below: float, t: float) -> None:
    numbers[0] = max(numbers[0], value)


def _lowest(panes: Panes) -> float:
    return min(numbers[0] for numbers, _ in panes)


def _highest(panes: Panes) -> float:
    return max(numbers[0] for numbers, _ in panes)


def _add_ends(numbers: Numbers, value: float, below: float, t: float) -> None:
    if not numbers[2]:
        numbers[0] = value
    numbers[1] = value
    numbers[2] += 1


def _first(panes: Panes) -> float:
    return panes[0][0][0]


def _last(panes: Panes) -> float:
    return panes[-1][0][1]


def _delta(panes: Panes) -> float | None:
    return panes[-1][0][1] - panes[0][0][0] if _sum(panes, 2) > 1 else None


def _add_moments(numbers: Numbers, value: float, below: float, t: float) -> None:
    """n, mean, m2."""
    numbers[0] += 1
    away = value - numbers[1]
    numbers[1] += away / numbers[0]
    numbers[2] += away * (value - numbers[1])


def _stddev(panes: Panes) -> float | None:
    n, mean, m2 = panes[0][0]
    for (count, centre, spread), _ in panes[1:]:
        both, away = n + count, centre - mean
        m2 = m2 + spread + away * away * n * count / both
        mean += away * count / both
        n = both
    return math.sqrt(m2 / (n - 1)) if n > 1 and m2 >= 0 else None


def _add_line(numbers: Numbers, value: float, below: float, t: float) -> None:
    """n, mean t, mean v, stt, stv."""
    numbers[0] += 1
    dt, dv = t - numbers[1], value - numbers[2]
    numbers[1] += dt / numbers[0]
    numbers[2] += dv / numbers[0]
    numbers[3] += dt * (t - numbers[1])
    numbers[4] += dt * (value - numbers[2])


class Line(NamedTuple):
    """A least squares line: `slope` per second, and its value at the window's end."""

    slope: float
    end: float


def line(panes: Panes) -> Line | None:
    """The line through the observations of a window; None where they are all of one time."""
    n, t, v, stt, stv = panes[0][0]
    t += panes[0][1]
    for (count, time, value, tt, tv), shift in panes[1:]:
        both, dt, dv = n + count, time + shift - t, value - v
        stt = stt + tt + dt * dt * n * count / both
        stv = stv + tv + dt * dv * n * count / both
        t += dt * count / both
        v += dv * count / both
        n = both
    return Line(stv / stt, v + stv / stt * (0 - t)) if stt > 0 else None


def _slope(panes: Panes) -> float | None:
    found = line(panes)
    return found.slope if found else None


def until(found: Line, to: float) -> float:
    """Seconds until a line reaches `to`; infinite where it never does."""
    if found.end == to:
        return 0.0
    seconds = (to - found.end) / found.slope if found.slope else math.inf
    return seconds if seconds > 0 else math.inf


def rank(name: str) -> tuple[int, int]:
    """The share that p95 or p999 stands for: 95 of 100, 999 of 1000."""
    return int(name[1:]), 10 ** (len(name) - 1)


def nearest(values: list[float], name: str) -> float:
    """The nearest-rank percentile of sorted values: the smallest that at least this share of them does not exceed."""
    share, of = rank(name)
    return values[max(0, -(-share * len(values) // of) - 1)]


SUMS = {
    "sum": Aggregate((0.0, 0.0), _add_sum, _sum),
    "mean": Aggregate((0.0, 0.0), _add_mean, _quotient),
    "ratio": Aggregate((0.0, 0.0), _add_sum, _quotient),
    "min": Aggregate((math.inf,), _add_low, _lowest),
    "max": Aggregate((-math.inf,), _add_high, _highest),
    "first": Aggregate((0.0, 0.0, 0.0), _add_ends, _first),
    "last": Aggregate((0.0, 0.0, 0.0), _add_ends, _last),
    "delta": Aggregate((0.0, 0.0, 0.0), _add_ends, _delta),
    "stddev": Aggregate((0.0, 0.0, 0.0), _add_moments, _stddev),
    "slope": Aggregate((0.0,) * 5, _add_line, _slope),
    "forecast": Aggregate((0.0,) * 5, _add_line, _slope),  # and `until`, which knows what is waited for
}
COUNTS = ("count", "rate", "distinct")
