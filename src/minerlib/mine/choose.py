"""Where to draw the line: the lowest that keeps to the wanted alerts a day, or one above all that was seen."""

import math
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from minerlib.errors import MineError
from minerlib.mine.sweep import sustained, sweep

MOST = 0.05  # of the time firing; more than that is a state of affairs, not an alert
_LEVELS = [1 - 0.1 * 0.8**n for n in range(48)]  # of what was held: the upper tenth, ever finer


class Choice(NamedTuple):
    """A line and what clears it, how it came about, and what it did on the history it was chosen on.

    `same` is the interval of lines that would have raised as many; `seen` the highest level held long enough to
    raise, `usual` the median; `margin` how far above `seen` the line was put, 0 where the budget set it.
    """

    line: float
    clear: float
    raised: int
    same: tuple[float, float]
    seen: float
    usual: float
    margin: float


def choose(windows: pl.DataFrame, wait: int, days: float, a_day: float, ceiling: float | None = None) -> Choice:
    """The line for "> line" on these windows (µs), of `days` of history, at `a_day` alerts in all.

    Where the history is long enough to hold an alert at that rate, the lowest line that does not exceed it, nor fires
    more than a twentieth of the time. Where it is shorter, nobody can tell from it how high a normal day goes: the line
    goes above what was seen, by three spreads (MAD) and one more for each halving of the history wanted; under a
    ceiling half way to it at most, and near half way where there is little history. Raises MineError where
    there is no room for a line.
    """
    value = windows["value"]
    held = sustained(windows, wait).drop_nulls()
    held = held if len(held) else value
    seen, usual = _number(held.max()), _number(value.median())
    points = sorted({_number(held.quantile(level, "nearest")) for level in _LEVELS} | set(held.unique().top_k(16)))
    least = 1e-6 * abs(seen - usual)  # lines that differ by less are the same line with more digits
    lines = [roundest(low, high) for low, high in pairwise(points) if high - low > least]
    allowed = math.floor(a_day * days)
    margin = 0.0
    if allowed < 1:
        margin = _margin(value, seen, min(1.0, a_day * days), ceiling)
        lines.append(roundest(seen + 0.9 * margin, seen + 1.05 * margin))
    else:
        lines.append(roundest(seen, seen + 0.02 * (seen - usual)))
    found = sweep(windows, [(line, _clear(line, usual)) for line in lines], wait)
    fits = found.select((pl.col("raised") <= allowed) & (pl.col("share") <= MOST)).to_series().to_list()
    at = len(lines) - 1
    while allowed >= 1 and at > 0 and fits[at - 1]:
        at -= 1
    raised = found["raised"].to_list()
    first = last = at
    while first > 0 and raised[first - 1] == raised[at]:
        first -= 1
    while last < len(lines) - 1 and raised[last + 1] == raised[at]:
        last += 1
    same = (lines[first], lines[last])
    return Choice(lines[at], found["clear"][at], raised[at], same, seen, usual, margin)


def limit(field: str, values: pl.Series, side: str = "high") -> float | None:
    """Where the values of a field end by nature, as its name and values give away.

    100 for a percentage and 1 for a ratio; 0 below, where nothing was ever negative. For `side="low"` with its sign
    turned, as `choose` wants it.
    """
    words = set(field.lower().replace(".", "_").split("_"))
    low, high = _number(values.min()), _number(values.max())
    if side == "low" or low < 0:
        return -0.0 if side == "low" and low >= 0 else None
    if words & {"pct", "percent", "percentage", "perc"} and high <= 100.5:
        return 100.0
    return 1.0 if words & {"ratio", "fraction", "share"} and high <= 1.005 else None


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


def _margin(value: pl.Series, seen: float, share: float, ceiling: float | None) -> float:
    """How far above `seen`, where the history holds only `share` (0 to 1) of one alert's worth of time."""
    middle = _number(value.median())
    spread = 1.4826 * _number((value - middle).abs().median())
    spread = spread or (_number(value.quantile(0.75)) - _number(value.quantile(0.25))) / 1.349 or _number(value.std())
    wide = spread * (3 + math.log2(1 / max(share, 1e-6)))
    if ceiling is None:
        return wide
    room = ceiling - seen
    if room <= 0.03 * ceiling:
        raise MineError(
            f"No rule can be suggested: it has already stayed at {abs(seen):.4g}, too near its limit of "
            f"{abs(ceiling):g} for a line beyond that to mean anything. Mine a quieter time (since=, until=)."
        )
    return min(max(wide, (1 - share) * room / 2), room / 2)


def _clear(line: float, usual: float) -> float:
    """A quarter of the way back to what is usual."""
    back = line - usual
    return roundest(line - 0.28 * back, line - 0.22 * back) if back > 0 else line


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
