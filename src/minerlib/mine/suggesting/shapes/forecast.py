"""A forecast: how long until the field reaches a limit, if it goes on as in the window."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from minerlib.event.moment import HOUR, SECOND, words
from minerlib.mine.suggesting.panegrid import Floats, Grid
from minerlib.mine.suggesting.shape import Shape, number
from minerlib.mine.suggesting.shapes.rate import level, slope


@dataclass(frozen=True)
class Forecast(Shape):
    """Seconds until the least squares line of the window reaches `to`; a score is the hours, with their sign turned."""

    to: float = 0.0

    name: ClassVar[str] = "forecast"
    endings: ClassVar[tuple[str, str]] = ("soon-full", "soon-empty")

    def measured(self, grid: Grid) -> Floats:
        count = self.panes(grid)
        steep, now = slope(grid, count), level(grid, count)
        with np.errstate(all="ignore"):
            left = (self.to - now) / steep
        return np.where(np.isnan(steep), np.nan, np.where(left >= 0, left, np.inf))

    def score(self, grid: Grid, learnt: Any) -> Floats:
        return -self.measured(grid) / (HOUR / SECOND)

    def lines(self, grid: Grid, learnt: Any, score: float) -> Floats:
        return np.full(len(grid), -score * (HOUR / SECOND))

    def clear(self, line: float, usual: float) -> float | None:
        return 2 * line  # twice as far off

    def measure(self) -> dict[str, Any]:
        return {**self.of("forecast"), "to": self.to}

    def when(self, score: float, alerts: bool) -> str:
        return f"{'<' if alerts else '>'} {number(round(-score * 3600, 3))}"

    def said(self, score: float, alerts: bool = True) -> str:
        return f"{'less' if alerts else 'more'} than {number(round(-score, 3))} hours away"

    def subject(self) -> str:
        return f"{self.field} at {number(self.to)}, going on as over the last {words(self.over)},"
