"""A rate of change: by how much a field rose or fell within a window, or how steep a line through its values is."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minerlib.event.moment import HOUR, SECOND, words
from minerlib.mine.suggesting.panegrid import Floats, Grid, filled, rolling
from minerlib.mine.suggesting.shape import Shape, number


@dataclass(frozen=True)
class Rate(Shape):
    """The last value of a window less its first; with `slope`, what the least squares line rises by in a second."""

    slope: bool = False

    name: ClassVar[str] = "rate"
    endings: ClassVar[tuple[str, str]] = ("rising", "falling")

    def measured(self, grid: Grid) -> Floats:
        count = self.panes(grid)
        return slope(grid, count) if self.slope else grid.once(("delta", count), lambda: delta(grid, count))

    def bound(self, grid: Grid, learnt: Any) -> Floats | None:
        if self.slope:  # of few values a line may be as steep as you like
            return None
        count = self.panes(grid)
        return grid.rolled("high", count) - grid.rolled("low", count)

    def measure(self) -> dict[str, Any]:
        return self.of("slope" if self.slope else "delta")

    def subject(self) -> str:
        what = "the slope of" if self.slope else "the change of"
        return f"{what} {self.field} over {words(self.over)}"

    def said(self, score: float, alerts: bool = True) -> str:
        if not self.slope:
            return super().said(score, alerts)
        more = "above" if (self.sign > 0) == alerts else "below"
        return f"{more} {number(float(f'{self.sign * score * HOUR / SECOND:.6g}'))} an hour"


def delta(grid: Grid, count: int) -> Floats:
    """The last value less the first in windows of so many panes; NaN where there are not two."""
    rows = np.arange(len(grid))
    first, last = grid.columns["first"], grid.columns["last"]
    newest = filled(last, grid.begins)
    some = np.where(np.isnan(first), len(grid), rows)
    oldest = np.minimum.accumulate(some[::-1])[::-1]  # the next row that has a value
    oldest = oldest[np.maximum(rows - count + 1, 0)]
    there = (grid.rolled("count", count) >= 2) & (newest >= 0) & (oldest < len(grid))
    found = np.full(len(grid), np.nan)
    found[there] = last[newest[there]] - first[oldest[there]]
    return found


def slope(grid: Grid, count: int) -> Floats:
    """What the least squares line through the values of windows of so many panes rises by in a second; NaN where there
    is none."""
    return grid.once(("slope", count), lambda: _moments(grid, count)[0])


def level(grid: Grid, count: int) -> Floats:
    """What that line is at the end of the window."""
    return grid.once(("level", count), lambda: _moments(grid, count)[1])


def _moments(grid: Grid, count: int) -> tuple[Floats, Floats]:
    size, total = grid.columns["count"], grid.columns["total"]
    x, xx, xy = (grid.columns[name] for name in ("x", "xx", "xy"))
    start = np.repeat(grid.time[grid.begins], np.diff(np.r_[grid.begins, len(grid)]))
    end = (grid.time - start) / SECOND  # of each pane, from the instance's first

    def over(values: Floats) -> Floats:
        return rolling(values, count, np.add, 0.0)

    n, s = grid.rolled("count", count), grid.rolled("total", count)
    x, xx, xy = over(size * end + x), over((size * end + 2 * x) * end + xx), over(total * end + xy)
    with np.errstate(all="ignore"):
        below = n * xx - x * x
        steep = (n * xy - x * s) / below
        steep = np.where((n >= 2) & (below > 1e-9 * n * xx), steep, np.nan)
        return steep, (s - steep * x) / n + steep * end
