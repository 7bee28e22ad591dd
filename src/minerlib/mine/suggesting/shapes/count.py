"""A count over a window: of values beyond a bar, or of events."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from minerlib.event.moment import words
from minerlib.mine.suggesting.panegrid import Floats, Grid, rolling
from minerlib.mine.suggesting.shape import Shape, number
from minerlib.rule.expression import quoted


@dataclass(frozen=True)
class Count(Shape):
    """How many events of a window have a value beyond the `bar`; all of them where there is none."""

    bar: float | None = None

    name: ClassVar[str] = "count"
    endings: ClassVar[tuple[str, str]] = ("often-high", "often-low")

    def measured(self, grid: Grid) -> Floats:
        name = "count" if self.bar is None else "beyond" if self.sign > 0 else "short"
        count = self.panes(grid)
        return grid.once(("count", name, count), lambda: rolling(grid.columns[name], count, np.add, 0.0))

    def score(self, grid: Grid, learnt: Any) -> Floats:
        return self.measured(grid)

    def bound(self, grid: Grid, learnt: Any) -> Floats | None:
        return self.measured(grid)

    def lines(self, grid: Grid, learnt: Any, score: float) -> Floats:
        return np.full(len(grid), score)

    def measure(self) -> dict[str, Any]:
        return {"agg": "count", "over": words(self.over), "every": words(self.every)}

    def when(self, score: float, alerts: bool) -> str:
        return f"{'>' if alerts else '<'} {number(score)}"

    def said(self, score: float, alerts: bool = True) -> str:
        return f"{'more' if alerts else 'fewer'} than {number(score)} in {words(self.over)}"

    def subject(self) -> str:
        if self.bar is None:
            return f"the number of events with {self.field}"
        return f"the number of times that {self.field} is {self.above} {number(self.bar)}"

    def more(self, learnt: Any, names: Any) -> dict[str, Any]:
        if self.bar is None:
            return {"where": f"{quoted(self.field)} is not null"}
        return {"where": f"{quoted(self.field)} {'>' if self.sign > 0 else '<'} {number(self.bar)}"}

    def selects(self) -> pl.Expr | None:
        value = pl.col("value")
        if self.bar is None:
            return value.is_not_null()
        return value > self.bar if self.sign > 0 else value < self.bar

    def title(self) -> str:
        return super().title() if self.bar is not None else super().title().replace("often-high", "many")
