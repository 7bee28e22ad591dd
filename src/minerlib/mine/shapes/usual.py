"""What is usual: the mean of a window lies so many spreads above what is usual at that hour, or below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from minerlib.event.moment import words
from minerlib.mine.grid import Floats, Grid, Ints
from minerlib.mine.shapes.settings import TABLES
from minerlib.mine.shapes.shape import Shape, number
from minerlib.mine.usualtables import UsualTables, usual_tables
from minerlib.mine.zones import zoned


@dataclass(frozen=True)
class Usual(Shape):
    """The mean of the field over a window, by how many spreads it differs from what is usual in that hour."""

    zone: str = "UTC"

    name: ClassVar[str] = "usual"
    endings: ClassVar[tuple[str, str]] = ("above-usual", "below-usual")

    def measured(self, grid: Grid) -> Floats:
        return grid.mean(self.panes(grid))

    def learnt(self, grid: Grid, until: int) -> UsualTables:
        return grid.once(("usual", self.zone, self.panes(grid), until), lambda: self._learn(grid, until))

    def _learn(self, grid: Grid, until: int) -> UsualTables:
        mean = self.measured(grid)
        there = ~np.isnan(mean) & (grid.time <= until)
        frame = pl.DataFrame({"instance": grid.instance[there], "time": grid.time[there], "value": mean[there]})
        return usual_tables(frame, self.zone)

    def score(self, grid: Grid, learnt: UsualTables) -> Floats:
        cell = grid.once(("cell", self.zone), lambda: cells(grid, self.zone))
        own = len(grid.begins) <= TABLES
        found = np.full(len(grid), np.nan)
        mean = self.measured(grid)
        ends = np.r_[grid.begins[1:], len(grid)]
        shared = _wide(learnt.shared)
        for one, (begin, end) in enumerate(zip(grid.begins.tolist(), ends.tolist(), strict=True)):
            table = _wide(learnt.of.get(one)) if own else shared
            table = table if table is not None else shared if len(learnt.of) != 1 else None
            if table is not None:
                at = cell[begin:end]
                found[begin:end] = self.sign * (mean[begin:end] - table[0][at]) / table[1][at]
        return found

    def measure(self) -> dict[str, Any]:
        return self.of("mean")

    def when(self, score: float, alerts: bool) -> str:
        sign = ">" if (self.sign > 0) == alerts else "<"
        return f"{sign} usual {'+' if self.sign * score >= 0 else '-'} {number(abs(score))} * spread"

    def said(self, score: float, alerts: bool = True) -> str:
        if alerts:
            return f"more than {number(score)} times its spread {self.above} what is usual at that hour"
        return f"within {number(score)} times its spread of what is usual"

    def subject(self) -> str:
        return f"the mean of {self.field} over {words(self.over)}"

    def more(self, learnt: UsualTables, names: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
        return {"usual": learnt.document(names, TABLES)}


def cells(grid: Grid, zone: str) -> Ints:
    """The hour of week in the zone of each row."""
    return zoned(pl.DataFrame({"time": grid.time}), zone)["cell"].to_numpy().astype(np.int64)


def _wide(table: Mapping[str, list[float | None]] | None) -> tuple[Floats, Floats] | None:
    """Centre and spread by hour of week."""
    if table is None:
        return None
    columns = [np.array([np.nan if v is None else v for v in table[name]]) for name in ("centre", "spread")]
    return np.resize(columns[0], 168), np.resize(columns[1], 168)
