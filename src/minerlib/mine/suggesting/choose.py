"""Where to draw the line: the lowest that keeps to the wanted alerts a day, or one above all that was seen."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from minerlib.errors import MineError
from minerlib.event.moment import DAY
from minerlib.mine.suggesting.constants import BEYOND, BOOTSTRAPS, CLEARS, FINER, MOST, NEAR, REACH, ROWS_AN_ALERT, SURE
from minerlib.mine.suggesting.panegrid import Floats, Ints
from minerlib.mine.suggesting.sweep import Tops


class Level(NamedTuple):
    """What the scores of a history are like: how many were observed, their median, its spread (MAD), their range."""

    windows: int
    usual: float
    spread: float
    low: float
    high: float


class Choice(NamedTuple):
    """A line and what clears it, how it came about, and what it did on the history it was chosen on.

    `same` is the interval of lines that would have raised as many, `likely` that of the lines chosen on histories of
    the same days redrawn; `seen` the highest level held long enough to raise, `usual` the median; `margin` how far
    above `seen` the line was put, 0 where the budget set it.
    """

    line: float
    clear: float
    raised: int
    same: tuple[float, float]
    likely: tuple[float, float]
    seen: float
    usual: float
    spread: float
    margin: float


def choose(
    tops: Tops, level: Level, days: float, a_day: float, ceiling: float | None = None,
    clears: Callable[[float, float], float | None] = lambda line, usual: None, reach: float = 0.0,
) -> Choice:  # fmt: skip
    """The line for "> line" on scores of `days` of history, at `a_day` alerts in all.

    Where the history is long enough to hold an alert at that rate, the lowest line that does not exceed it, nor fires
    more than a twentieth of the time. Where it is shorter, nobody can tell from it how high a normal day goes: the line
    goes above what was seen, by a tenth of the way there from what is usual, as much again for each halving of the
    history wanted, and more where a window (and how long it must hold) takes a good share, `reach`, of the history;
    under a ceiling half way to it at most, and near half way where there is little history. Raises MineError where
    there is no room for a line.
    """
    usual, allowed = level.usual, math.floor(a_day * days)
    held = np.sort(tops.held)[::-1]
    seen = float(held[0]) if len(held) else level.high
    top = roundest(seen, seen + 0.02 * max(seen - usual, 1e-9 * abs(seen), 1e-12))

    def clear(line: float) -> float:
        back = line - usual if math.isfinite(usual) else abs(line)
        found = clears(line, usual)
        if found is not None:
            return min(found, line)
        return roundest(line - CLEARS[1] * back, line - CLEARS[0] * back) if back > 0 else line

    if allowed < 1:
        seen = min(seen, level.high) if level.high > usual else seen
        margin = _margin(level, seen, min(1.0, a_day * days), reach, ceiling)
        line = roundest(seen + margin, seen + 1.05 * margin)
        return Choice(line, clear(line), 0, (top, line), (top, line), seen, usual, level.spread, margin)
    tried = [(top, clear(top), tops.raised(top, clear(top)))]
    at, fits = 0, True
    for line in _lines(held, level, allowed, usual, tops.least):
        tried.append((line, clear(line), tops.raised(line, clear(line))))
        fits = fits and len(tried[-1][2]) <= allowed and _share(tops, tried[-1][0], tried[-1][1], level) <= MOST
        at = len(tried) - 1 if fits else at
        if len(tried[-1][2]) > 4 * allowed + 8:
            break
    counts = [len(rows) for _, _, rows in tried]
    first = last = at
    while first > 0 and counts[first - 1] == counts[at]:
        first -= 1
    while last < len(tried) - 1 and counts[last + 1] == counts[at]:
        last += 1
    return Choice(
        tried[at][0], tried[at][1], counts[at], (tried[last][0], tried[first][0]),
        _likely([line for line, _, _ in tried], [_days(tops, rows) for _, _, rows in tried], allowed, at),
        seen, usual, level.spread, 0.0,
    )  # fmt: skip


def worth_looking(count: int, allowed: float) -> int:
    """How many of so many windows, the highest, a line may lie below."""
    return min(count, max(20, min(math.ceil(MOST * count), int(max(1.0, allowed) * ROWS_AN_ALERT))))


def _lines(held: Floats, level: Level, allowed: int, usual: float, floor: float) -> list[float]:
    """Lines to try, from the highest down: through every gap at first, ever coarser."""
    most = min(worth_looking(level.windows, allowed), len(held) - 1)
    ranks, rank = list[int](), 1.0
    while rank <= most:
        ranks.append(int(rank))
        rank = max(rank * FINER, rank + 1)
    points = [float(held[0]), *(float(held[rank]) for rank in ranks)] if len(held) else []
    if points and most == len(held) - 1 and math.isfinite(floor) and floor < points[-1]:
        points.append(floor)  # what lies between those that held and all others is a gap too
    least = 1e-6 * abs(points[0] - usual) if points and math.isfinite(usual) else 0.0
    found: list[float] = []
    for high, low in pairwise(points):
        if high - low > least:  # lines that differ by less are the same line with more digits
            line = roundest(low, high)
            found.append(line)
    return found


def _share(tops: Tops, line: float, clear: float, level: Level) -> float:
    spans = tops.spans(line, clear)
    return float((spans.end - spans.begin).sum()) / max(1, level.windows)


def _days(tops: Tops, rows: Ints) -> Ints:
    """The day of each alert, counted from the first that is looked at."""
    if not len(tops.time):
        return np.zeros(0, np.int64)
    place = np.searchsorted(tops.row, rows)
    return (tops.time[place] - tops.time.min()) // DAY


def _likely(lines: list[float], days: list[Ints], allowed: int, at: int) -> tuple[float, float]:
    """Where the line goes when days are drawn again and again from those that were (a bootstrap by days)."""
    length = 1 + max((int(each.max()) for each in days if len(each)), default=0)
    if length < 3:
        return lines[at], lines[at]
    counts = np.array([np.bincount(each, minlength=length) for each in days])  # lines x days
    draws = np.random.default_rng(0).multinomial(length, np.full(length, 1 / length), BOOTSTRAPS)
    fits = np.minimum.accumulate(
        counts.astype(np.float64) @ draws.T.astype(np.float64) <= allowed, axis=0
    )  # lines x draws
    chosen = np.array(lines)[np.maximum(fits.sum(0) - 1, 0)]
    low, high = np.quantile(chosen, [(1 - SURE) / 2, (1 + SURE) / 2], method="nearest")
    return min(float(low), lines[at]), max(float(high), lines[at])


def _margin(level: Level, seen: float, share: float, reach: float, ceiling: float | None) -> float:
    """How far above `seen`, where the history holds only `share` (0 to 1) of one alert's worth of time."""
    away = seen - level.usual if math.isfinite(level.usual) else abs(seen)
    away = max(away, NEAR * abs(seen)) or level.spread
    wide = away * (BEYOND * (1 + math.log2(1 / max(share, 1e-6))) + REACH * min(1.0, reach))
    if ceiling is None:
        return wide
    room = ceiling - seen
    if room <= 0.03 * abs(ceiling):
        raise MineError(
            f"it has already stayed at {abs(seen):.4g}, too near its limit of {abs(ceiling):g} for a line beyond that "
            "to mean anything. Mine a quieter time (since=, until=)."
        )
    return min(max(wide, (1 - share) * room / 2), room / 2)


def limits(field: str, low: float, high: float) -> tuple[float | None, float | None]:
    """Where the values of a field end by nature, below and above, as its name and range give away.

    100 for a percentage and 1 for a ratio; 0 below, where nothing was ever negative.

    >>> limits("used_pct", 3.0, 80.0), limits("change_pct", -5.0, 80.0)
    ((0.0, 100.0), (None, None))
    """
    words = set(field.lower().replace(".", "_").split("_"))
    if low < 0:
        return None, None
    if words & {"pct", "percent", "percentage", "perc"} and high <= 100.5:
        return 0.0, 100.0
    return 0.0, 1.0 if words & {"ratio", "fraction", "share"} and high <= 1.005 else None


def roundest(low: float, high: float) -> float:
    """The number with the fewest digits in [low, high): one that a person would write.

    >>> roundest(83.62, 85.1), roundest(0.1371, 0.1389), roundest(-2.0, 3.0)
    (85.0, 0.138, 0.0)
    """
    if low <= 0 < high:
        return 0.0
    if not high > low:
        return low
    for power in range(math.floor(math.log10(max(abs(low), abs(high)))) + 1, -18, -1):
        for step in (5 * 10.0**power, 10.0**power):
            found = round(math.ceil(low / step) * step, max(0, -power))
            if low <= found < high:
                return found
    return low
