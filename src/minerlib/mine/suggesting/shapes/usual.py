"""What is usual: the mean of a window lies so many spreads above what is usual at that hour, or below."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import polars as pl

from minerlib.event.moment import words
from minerlib.mine.seasons.usualtables import UsualTables, usual_tables
from minerlib.mine.seasons.zones import zoned
from minerlib.mine.suggesting.constants import SAMPLE, TABLES
from minerlib.mine.suggesting.panegrid import Floats, Grid, Ints
from minerlib.mine.suggesting.shape import Shape, number
from minerlib.rule.expression import quoted


@dataclass(frozen=True)
class Usual(Shape):
    """The mean of the field over a window, by how many spreads it differs from what is usual in that hour; with
    `counts` how many events have the field."""

    zone: str = "UTC"
    counts: bool = False

    name: ClassVar[str] = "usual"
    endings: ClassVar[tuple[str, str]] = ("above-usual", "below-usual")

    def measured(self, grid: Grid) -> Floats:
        return grid.rolled("count", self.panes(grid)) if self.counts else grid.mean(self.panes(grid))

    def learnt(self, grid: Grid, until: int) -> UsualTables:
        return grid.once(("usual", self.zone, self.counts, self.panes(grid), until), lambda: self._learn(grid, until))

    def _learn(self, grid: Grid, until: int) -> UsualTables:
        mean = self.measured(grid)
        there = np.flatnonzero(~np.isnan(mean) & (grid.time <= until) & (grid.time > grid.start))
        own = len(grid.begins) <= TABLES
        there = there if own else there[:: 1 + len(there) // SAMPLE]
        instance = grid.numbers[grid.instance[there]] if own else np.zeros(len(there), np.int64)
        found = usual_tables(
            pl.DataFrame({"instance": instance, "time": grid.time[there], "value": mean[there]}), self.zone
        )
        return found if own else UsualTables(found.zone, found.shared)

    def score(self, grid: Grid, learnt: UsualTables) -> Floats:
        centre, spread = self._wide(grid, learnt)
        return self.sign * (self.measured(grid) - centre) / spread

    def bound(self, grid: Grid, learnt: UsualTables) -> Floats | None:
        centre, spread = self._wide(grid, learnt)
        extreme = self.measured(grid) if self.counts else self.extreme(grid)  # a part of a window holds no more events
        return self.sign * (extreme - centre) / spread

    def lines(self, grid: Grid, learnt: UsualTables, score: float) -> Floats:
        centre, spread = self._wide(grid, learnt)
        return centre + self.sign * score * spread

    def _wide(self, grid: Grid, learnt: UsualTables) -> tuple[Floats, Floats]:
        """Centre and spread of each row, NaN where nothing is usual: those of its instance, else the shared ones."""
        cell = grid.once(("cell", self.zone), lambda: cells(grid, self.zone))
        shared = _table(learnt.shared)
        if not learnt.of:
            return shared[0][cell], shared[1][cell]
        own = [_table(learnt.of.get(one, learnt.shared if len(learnt.of) > 1 else None))
               for one in grid.numbers.tolist()]  # fmt: skip
        centre, spread = (np.concatenate([table[place] for table in own]) for place in (0, 1))
        at = grid.instance * 168 + cell
        return centre[at], spread[at]

    def measure(self) -> dict[str, Any]:
        if self.counts:
            return {"agg": "count", "over": words(self.over), "every": words(self.every)}
        return self.of("mean")

    def when(self, score: float, alerts: bool) -> str:
        sign = ">" if (self.sign > 0) == alerts else "<"
        return f"{sign} usual {'+' if self.sign * score >= 0 else '-'} {number(abs(score))} * spread"

    def said(self, score: float, alerts: bool = True) -> str:
        if alerts:
            return f"more than {number(score)} times its spread {self.above} what is usual at that hour"
        return f"within {number(score)} times its spread of what is usual"

    def subject(self) -> str:
        what = "number of events with" if self.counts else "mean of"
        return f"the {what} {self.field} over {words(self.over)}"

    def more(self, learnt: UsualTables, names: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
        where = {"where": f"{quoted(self.field)} is not null"} if self.counts else {}
        return {"usual": learnt.document(names, TABLES), **where}

    def selects(self) -> pl.Expr | None:
        return pl.col("value").is_not_null() if self.counts else None


def cells(grid: Grid, zone: str) -> Ints:
    """The hour of week in the zone of each row."""
    return zoned(pl.DataFrame({"time": grid.time}), zone)["cell"].to_numpy().astype(np.int64)


def _table(table: Mapping[str, list[float | None]] | None) -> tuple[Floats, Floats]:
    """Centre and spread by hour of week."""
    if table is None:
        return np.full(168, np.nan), np.full(168, np.nan)
    centre, spread = (np.array([np.nan if v is None else v for v in table[name]]) for name in ("centre", "spread"))
    return np.resize(centre, 168), np.resize(spread, 168)
