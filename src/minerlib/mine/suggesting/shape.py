"""What every shape of a rule is to mining: how a window is scored, and how a line through the scores is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import polars as pl

from minerlib.event.moment import words
from minerlib.mine.suggesting.constants import FILLED
from minerlib.mine.suggesting.panegrid import Floats, Grid, Truths
from minerlib.rule.expression import quoted

_PLAIN = {"value", "used_pct", "pct", "percent"}  # fields whose name says nothing that the kind does not


@dataclass(frozen=True)
class Shape:
    """A number over a window of `over`, every `every` (µs), for each instance of `by`, on one `side` of a line.

    A score is high where it is worth an alert, on both sides: what is measured, with its sign turned for `low`. The
    line must be crossed for `wait`, and what clears it for as long.
    """

    kind: str
    field: str
    by: tuple[str, ...]
    side: str
    over: int
    every: int
    wait: int

    name: ClassVar[str] = ""
    endings: ClassVar[tuple[str, str]] = ("high", "low")  # of the rule's name, by side

    @property
    def sign(self) -> int:
        """1 where high values alert, -1 where low ones do."""
        return 1 if self.side == "high" else -1

    @property
    def above(self) -> str:
        return "above" if self.sign > 0 else "below"

    def measured(self, grid: Grid) -> Floats:
        """What the rule measures, a row of the grid; NaN where it observes nothing."""
        raise NotImplementedError

    def learnt(self, grid: Grid, until: int) -> Any:
        """What is learnt from the history up to `until` (µs) before anything can be scored."""
        return None

    def score(self, grid: Grid, learnt: Any) -> Floats:
        """The scores of the rows."""
        return self.sign * self.measured(grid)

    def bound(self, grid: Grid, learnt: Any) -> Floats | None:
        """What no score is above that any part of a row's window could have; None where nobody knows."""
        return None

    def extreme(self, grid: Grid) -> Floats:
        """The highest value of each row's window, on the low side the lowest."""
        return grid.rolled("high" if self.sign > 0 else "low", self.panes(grid))

    def lines(self, grid: Grid, learnt: Any, score: float) -> Floats:
        """What is measured where a score lies, a row of the grid."""
        return np.full(len(grid), self.sign * score)

    def clear(self, line: float, usual: float) -> float | None:
        """The score that clears a line, where it is not a part of the way back to what is usual."""
        return None

    def ceiling(self, limits: tuple[float | None, float | None]) -> float | None:
        """The score beyond which there is none, where the field ends at these (low, high) by nature."""
        return None

    def measure(self) -> dict[str, Any]:
        """The `measure` of the document."""
        raise NotImplementedError

    def when(self, score: float, alerts: bool) -> str:
        """The condition that a score lies above (`alerts`), or below."""
        return f"{'>' if (self.sign > 0) == alerts else '<'} {number(self.sign * score)}"

    def said(self, score: float, alerts: bool = True) -> str:
        """The same in words."""
        return f"{'above' if (self.sign > 0) == alerts else 'below'} {number(self.sign * score)}"

    def subject(self) -> str:
        """What is compared, in words."""
        raise NotImplementedError

    def selects(self) -> pl.Expr | None:
        """What is true of the `value` of events that its `where` selects; None where it has no `where`."""
        return None

    def more(self, learnt: Any, names: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
        """What else stands in the document; `names` are the values of `by` of each instance."""
        return {}

    def document(
        self, scope: str, line: float, clear: float, learnt: Any, names: Mapping[int, Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The rule's document with this line and what clears it."""
        held = words(self.wait)
        return {
            "rule": self.title(),
            "version": 1,
            "scope": scope,
            "about": f"{self.subject()} is {self.said(line)}",
            "kind": self.kind,
            "by": list(self.by),
            "measure": self.measure(),
            "levels": [{"severity": "warning", "when": self.when(line, True), "for": held}],
            "clear": {"when": self.when(clear, False), "for": held},
            **self.more(learnt, names),
        }

    def title(self) -> str:
        """The rule's name."""
        name = self.kind if self.field in _PLAIN else f"{self.kind}-{self.field}"
        return re.sub(r"[^a-z0-9]+", "-", f"{name}-{self.endings[self.sign < 0]}".lower()).strip("-")

    def of(self, agg: str) -> dict[str, Any]:
        """A `measure` of the field itself."""
        return {"of": quoted(self.field), "agg": agg, "over": words(self.over), "every": words(self.every)}

    def panes(self, grid: Grid) -> int:
        """How many panes of a grid its window has."""
        return self.over // grid.pane

    def held(self, grid: Grid) -> int:
        """How many panes the line must be crossed for."""
        return -(-self.wait // grid.pane)

    def filled(self, grid: Grid) -> Truths:
        """The rows whose window lies in their instance's history and holds as many values as most do, about: a mean
        of few goes further than one of many, and one of half a day further than one of a whole."""
        count = grid.rolled("count", self.panes(grid))
        return (grid.age >= self.panes(grid)) & (count >= FILLED * float(np.median(count[count > 0])))

    def scores(self, grid: Grid, learnt: Any) -> Floats:
        """The scores of the windows that end at a multiple of `every`, and not behind the end of the history."""
        there = grid.time <= grid.end
        if self.every > grid.pane:
            there &= grid.time % self.every == 0
        return np.where(there, self.score(grid, learnt), np.nan)


def number(value: float) -> str:
    """A number as a person writes it, all of it: 85, 0.25, 35000000.

    >>> number(85.0), number(1e-05), number(3.5e7)
    ('85', '0.00001', '35000000')
    """
    text = format(Decimal(repr(float(value))), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
