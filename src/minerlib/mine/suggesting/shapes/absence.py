"""Absence: no event for longer than events are usually apart."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl

from minerlib.event.moment import DAY, SECOND, words
from minerlib.mine.series import nice
from minerlib.mine.suggesting.alerts import Alerts
from minerlib.mine.suggesting.choose import Choice
from minerlib.mine.suggesting.constants import SILENCE
from minerlib.mine.suggesting.panegrid import Floats, Grid, Ints, filled
from minerlib.mine.suggesting.shape import Shape
from minerlib.rule.expression import quoted


@dataclass(frozen=True)
class Absence(Shape):
    """No event with the field for longer than a while, of an instance that was heard of; a score is that in seconds."""

    name: ClassVar[str] = "absence"
    endings: ClassVar[tuple[str, str]] = ("silent", "silent")

    def measured(self, grid: Grid) -> Floats:
        """How long the last event is past at the end of each pane."""
        ended = grid.columns["ended"]
        place = filled(ended, grid.begins)
        return np.where(place >= 0, (grid.time - ended[place]) / SECOND, np.nan)

    def lines(self, grid: Grid, learnt: Any, score: float) -> Floats:
        return np.full(len(grid), score)

    def when(self, score: float, alerts: bool) -> str:
        return f"{'no' if alerts else 'an'} event for {words(round(score * SECOND))}"

    def said(self, score: float, alerts: bool = True) -> str:
        return f"longer than {words(round(score * SECOND))}"

    def subject(self) -> str:
        return f"the time since the last event with {self.field}"

    def selects(self) -> pl.Expr | None:
        return pl.col("value").is_not_null()

    def document(
        self, scope: str, line: float, clear: float, learnt: Any, names: Mapping[int, Mapping[str, Any]]
    ) -> dict[str, Any]:
        return {
            "rule": self.title(),
            "version": 1,
            "scope": scope,
            "about": f"{self.subject()} is {self.said(line)}",
            "kind": self.kind,
            "where": f"{quoted(self.field)} is not null",
            "by": list(self.by),
            "missing": {"after": words(round(line * SECOND)), "then": "alert"},
        }


@dataclass
class Gaps:
    """The silences of a history, each from an instance's event to its next, or to the end: a score is its seconds."""

    grid: Grid
    shape: Absence
    learnt: Any = None
    instance: Ints = field(init=False)
    begin: Ints = field(init=False)
    end: Ints = field(init=False)

    def __post_init__(self) -> None:
        grid = self.grid
        row = np.flatnonzero(~np.isnan(grid.columns["ended"]))
        instance, ended = grid.instance[row], grid.columns["ended"][row].astype(np.int64)
        following = np.r_[grid.columns["began"][row[1:]].astype(np.int64), grid.end]
        last = np.r_[np.diff(instance) != 0, True]
        self.instance, self.begin = instance, ended
        self.end = np.maximum(np.where(last, grid.end, following), ended)

    def choose(self, until: int, days: float, a_day: float, ceiling: float | None) -> Choice | None:
        """The shortest silence that is worth an alert within the budget: several cadences, and a round duration."""
        there = (self.begin < until) & (self.end > self.grid.start)
        lengths = (np.minimum(self.end, until) - self.begin)[there] / SECOND
        if len(lengths) < 2 or not lengths.max() > 0:
            return None
        usual, allowed = float(np.median(lengths)), math.floor(a_day * days)
        least = max(SILENCE * usual, SILENCE * self.grid.pane / SECOND)
        ordered = np.sort(lengths)[::-1]
        seen = float(ordered[0])
        if allowed < 1:
            line = _round(max(least, 2 * seen))
        else:
            over = float(ordered[allowed]) if allowed < len(ordered) else 0.0
            line = _round(max(least, over))
        raised = int((lengths > line).sum())
        longer, shorter = lengths[lengths > line], lengths[lengths <= line]
        same = (float(shorter.max()) if len(shorter) else line, float(longer.min()) if len(longer) else line)
        spread = 1.4826 * float(np.median(np.abs(lengths - usual))) or usual
        margin = line - seen if allowed < 1 else 0.0
        return Choice(line, line, raised, same, same, seen, usual, spread, margin)

    def alerts(self, choice: Choice) -> Alerts:
        after = round(choice.line * SECOND)
        some = self.end - self.begin > after
        length = (self.end - self.begin)[some]
        return Alerts(
            self.instance[some],
            self.begin[some] + after,
            self.end[some],
            np.log2(length / max(1, after)),
        )

    def nearest(self, count: int) -> Ints:
        return np.argsort(-self.highest(self.grid, None), kind="stable")[:count]

    def highest(self, grid: Grid, primed: int | None) -> Floats:
        """The longest silence of each instance."""
        found = np.zeros(len(self.grid.begins))
        np.maximum.at(found, self.instance, (self.end - self.begin) / SECOND)
        return found


def _round(seconds: float) -> float:
    """The next duration that a person would write; of days, whole ones."""
    if seconds * SECOND > DAY:
        return math.ceil(seconds * SECOND / DAY) * DAY / SECOND
    return nice(seconds * SECOND) / SECOND
