"""The sums, moments and lines of windows, by the formulas of the reference, to the last bit.

`panes` are the (time, value) of each pane's observations by the pane's end, oldest pane first. Times are microseconds.
"""

import math
from functools import reduce

Panes = dict[int, list[tuple[int, float]]]


def total(panes: Panes) -> float:
    """Added event by event within the panes, then pane by pane."""
    found = 0.0
    for pane in panes.values():
        inner = 0.0
        for _, value in pane:
            inner += value
        found += inner
    return found


def moments(panes: Panes) -> tuple[int, float, float]:
    """(n, mean, M2): Welford within a pane, Chan between panes."""

    def add(so_far: tuple[int, float, float], x: float) -> tuple[int, float, float]:
        n, mean, m2 = so_far
        n += 1
        d = x - mean
        mean += d / n
        return n, mean, m2 + d * (x - mean)

    def merge(a: tuple[int, float, float], b: tuple[int, float, float]) -> tuple[int, float, float]:
        n, d = a[0] + b[0], b[1] - a[1]
        return n, a[1] + d * b[0] / n, a[2] + b[2] + d * d * a[0] * b[0] / n

    return reduce(merge, [reduce(add, [value for _, value in pane], (0, 0.0, 0.0)) for pane in panes.values()])


Line = tuple[int, float, float, float, float]


def line(panes: Panes, end: int) -> tuple[float, float, float] | None:
    """(slope per second, mean time from the window's end, mean value) of least squares; None without two times."""

    def add(so_far: Line, at: tuple[float, float]) -> Line:
        n, mean_t, mean_v, stt, stv = so_far
        t, v = at
        n += 1
        dt, dv = t - mean_t, v - mean_v
        mean_t += dt / n
        mean_v += dv / n
        return n, mean_t, mean_v, stt + dt * (t - mean_t), stv + dt * (v - mean_v)

    def merge(a: Line, b: Line) -> Line:
        n, dt, dv = a[0] + b[0], b[1] - a[1], b[2] - a[2]
        mean_t, mean_v = a[1] + dt * b[0] / n, a[2] + dv * b[0] / n
        return n, mean_t, mean_v, a[3] + b[3] + dt * dt * a[0] * b[0] / n, a[4] + b[4] + dt * dv * a[0] * b[0] / n

    lines = list[Line]()
    for border, pane in panes.items():
        inside = [((time - border) / 1e6, value) for time, value in pane]
        n, mean_t, mean_v, stt, stv = reduce(add, inside, (0, 0.0, 0.0, 0.0, 0.0))
        lines.append((n, mean_t + (border - end) / 1e6, mean_v, stt, stv))
    _, mean_t, mean_v, stt, stv = reduce(merge, lines)
    return (stv / stt, mean_t, mean_v) if stt > 0 else None


def forecast(slope: float, mean_t: float, mean_v: float, to: float) -> float:
    """Seconds from the window's end until the line is at `to`; infinity where it never is, NaN where it is no line."""
    fitted = mean_v + slope * (0 - mean_t)
    if not math.isfinite(slope) or not math.isfinite(fitted):
        return math.nan
    if fitted == to:
        return 0.0
    if slope == 0:
        return math.inf
    seconds = (to - fitted) / slope
    return math.inf if seconds < 0 else seconds
