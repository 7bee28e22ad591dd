"""A constant line: the mean, or the highest, of a window lies above it, or below."""

from dataclasses import dataclass
from typing import Any, ClassVar

from minerlib.event.moment import words
from minerlib.mine.suggesting.panegrid import Floats, Grid
from minerlib.mine.suggesting.shape import Shape


@dataclass(frozen=True)
class Constant(Shape):
    """The mean of the field over a window; with `widest` its highest value, or its lowest on the low side."""

    widest: bool = False

    name: ClassVar[str] = "constant"

    @property
    def agg(self) -> str:
        return "mean" if not self.widest else "max" if self.sign > 0 else "min"

    def measured(self, grid: Grid) -> Floats:
        return self.extreme(grid) if self.widest else grid.mean(self.panes(grid))

    def bound(self, grid: Grid, learnt: Any) -> Floats | None:
        return self.sign * self.extreme(grid)

    def ceiling(self, limits: tuple[float | None, float | None]) -> float | None:
        limit = limits[1] if self.sign > 0 else limits[0]
        return None if limit is None else self.sign * limit

    def measure(self) -> dict[str, Any]:
        return self.of(self.agg)

    def subject(self) -> str:
        what = {"mean": "the mean of", "max": "the highest", "min": "the lowest"}[self.agg]
        return f"{what} {self.field} over {words(self.over)}"
