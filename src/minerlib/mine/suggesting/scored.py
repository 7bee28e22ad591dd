"""The scores of a shape over a history: its level up to a moment, a line through it, and the alerts of that line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from minerlib.mine.suggesting.alerts import Alerts
from minerlib.mine.suggesting.choose import Choice, Level, choose, worth_looking
from minerlib.mine.suggesting.panegrid import Floats, Grid, Ints, Truths
from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.sweep import Tops, tops

_SAMPLE = 200_000  # scores that a median is taken of; of more, every second, third, ... one


class Scored(Protocol):
    """A shape, scored with what it learnt up to a moment."""

    grid: Grid
    learnt: Any

    def choose(self, until: int, days: float, a_day: float, ceiling: float | None) -> Choice | None:
        """A line for the scores up to `until` (µs); None where they say nothing."""
        ...

    def alerts(self, choice: Choice) -> Alerts:
        """What that line raises, in the whole history."""
        ...

    def nearest(self, count: int) -> Ints:
        """The instances with the highest scores."""
        ...

    def highest(self, grid: Grid, primed: int | None) -> Floats | None:
        """The highest score of each instance of a grid that this one's is of, where priming begins at a moment (µs);
        None where nobody knows."""
        ...


@dataclass
class Windows:
    """The scores of a shape's windows."""

    grid: Grid
    shape: Shape
    learnt: Any
    score: Floats
    tops: Tops
    primed: Floats

    def choose(self, until: int, days: float, a_day: float, ceiling: float | None) -> Choice | None:
        level = _level(self.grid, self.score, until, self.shape.filled(self.grid))
        if level is None or level.high <= level.low or math.isinf(level.high):
            return None
        reach = (self.shape.over + self.shape.wait) / max(1, until - self.grid.first)
        return choose(self.tops.until(until), level, days, a_day, ceiling, self.shape.clear, reach)

    def alerts(self, choice: Choice) -> Alerts:
        spans = self.tops.spans(choice.line, choice.clear)
        highest = [self.score[b : e + 1] for b, e in zip(spans.begin.tolist(), spans.end.tolist(), strict=True)]
        peak = np.array([float(np.nanmax(each)) for each in highest])
        wide = choice.spread or abs(choice.line) or 1.0
        grid = self.grid
        return Alerts(
            grid.instance[spans.begin],
            grid.time[spans.begin],
            np.minimum(grid.time[spans.end], grid.end),
            (peak - choice.line) / wide,
        )

    def nearest(self, count: int) -> Ints:
        return np.argsort(-_highest(self.grid, self.primed), kind="stable")[:count]

    def highest(self, grid: Grid, primed: int | None) -> Floats | None:
        shape, learnt = self.shape, self.learnt

        def highest() -> Floats:
            return _highest(grid, self.primed if grid is self.grid else shape.scores(grid, learnt))

        found: Floats = grid.once((shape, "highest"), highest) if learnt is None else highest()
        if primed is None:
            return found
        begin = primed + shape.every
        some = grid.between(primed - shape.over, begin + shape.over)
        if not len(some):
            return found
        bound = shape.bound(some, learnt)
        if bound is None:
            return None
        found = found.copy()
        at = some.numbers
        found[at] = np.maximum(found[at], _highest(some, np.where(some.time > primed, bound, np.nan)))
        return found


def _highest(grid: Grid, score: Floats) -> Floats:
    return np.maximum.reduceat(np.where(np.isnan(score), -np.inf, score), grid.begins)


def windows(grid: Grid, shape: Shape, learn: int, untils: Sequence[int], a_day: float) -> Windows | None:
    """A shape scored with what it learnt up to `learn`, ready for lines up to each of `untils`; None without scores."""
    learnt = shape.learnt(grid, learn)
    primed = shape.scores(grid, learnt)
    score = primed if grid.start < 0 else np.where(grid.time > grid.start, primed, np.nan)
    least = np.inf
    for until in untils:
        some = score if until >= grid.end else score[grid.time <= until]
        some = some[~np.isnan(some)]
        if len(some):
            days = (until - grid.first) / 86_400e6
            kept = worth_looking(len(some), a_day * days)
            least = min(least, float(np.partition(some, len(some) - kept)[len(some) - kept]) if kept else np.inf)
    if not np.isfinite(least):
        return None
    return Windows(
        grid, shape, learnt, score, tops(grid, score, shape.held(grid), np.nextafter(least, -np.inf)), primed
    )


def _level(grid: Grid, score: Floats, until: int, filled: Truths) -> Level | None:
    """What the scores up to a moment are like, of windows that are `filled` as usual."""
    there = ~np.isnan(score) if until >= grid.end else ~np.isnan(score) & (grid.time <= until)
    count = int(there.sum())
    some = score[there & filled]
    if not len(some):
        return None
    low, high = float(some.min()), float(some.max())
    some = some[:: 1 + count // _SAMPLE]
    usual = float(np.median(some))
    if not math.isfinite(usual):
        return Level(count, usual, 0.0, low, high)
    spread = 1.4826 * float(np.median(np.abs(some - usual)))
    finite = some[np.isfinite(some)]
    if not spread and len(finite):
        quartiles = np.quantile(finite, [0.25, 0.75])
        spread = float(quartiles[1] - quartiles[0]) / 1.349 or float(np.std(finite))
    return Level(count, usual, spread, low, high)
