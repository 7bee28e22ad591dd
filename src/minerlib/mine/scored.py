"""The scores of a shape over a history: its level up to a moment, a line through it, and the alerts of that line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from minerlib.mine.choose import Choice, Level, choose, worth_looking
from minerlib.mine.panegrid import Floats, Grid, Ints, Truths
from minerlib.mine.shape import Shape
from minerlib.mine.sweep import Tops, tops

_SAMPLE = 200_000  # scores that a median is taken of; of more, every second, third, ... one


class Alerts(NamedTuple):
    """What a sweep says would have been raised: by instance, from `begin` to `end` (µs), and how far beyond the line.

    `beyond` is the highest score above the line, in spreads of all scores; `lasted` the length in windows.
    """

    instance: Ints
    begin: Ints
    end: Ints
    beyond: Floats
    lasted: Floats

    def within(self, since: int, until: int) -> "Alerts":
        """Those raised in `(since, until]`."""
        return self.some((self.begin > since) & (self.begin <= until))

    def some(self, which: Truths) -> "Alerts":
        """Those that are marked."""
        return Alerts(self.instance[which], self.begin[which], self.end[which], self.beyond[which], self.lasted[which])


class Scored(Protocol):
    """A shape, scored with what it learnt up to a moment."""

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


@dataclass
class Windows:
    """The scores of a shape's windows."""

    grid: Grid
    shape: Shape
    learnt: Any
    score: Floats
    tops: Tops

    def choose(self, until: int, days: float, a_day: float, ceiling: float | None) -> Choice | None:
        level = _level(self.grid, self.score, until)
        if level is None or level.high <= level.low or math.isinf(level.high):
            return None
        return choose(self.tops.until(until), level, days, a_day, ceiling, self.shape.clear)

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
            (spans.end - spans.begin + self.shape.held(grid) + 1).astype(np.float64),
        )

    def nearest(self, count: int) -> Ints:
        highest = self.highest()
        return np.argsort(-highest, kind="stable")[:count]

    def highest(self) -> Floats:
        """The highest score of each instance."""
        return np.maximum.reduceat(np.where(np.isnan(self.score), -np.inf, self.score), self.grid.begins)


def windows(grid: Grid, shape: Shape, learn: int, untils: Sequence[int], a_day: float) -> Windows | None:
    """A shape scored with what it learnt up to `learn`, ready for lines up to each of `untils`; None without scores."""
    learnt = shape.learnt(grid, learn)
    score = shape.scores(grid, learnt)
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
    return Windows(grid, shape, learnt, score, tops(grid, score, shape.held(grid), np.nextafter(least, -np.inf)))


def _level(grid: Grid, score: Floats, until: int) -> Level | None:
    some = score if until >= grid.end else score[grid.time <= until]
    some = some[~np.isnan(some)]
    count = len(some)
    if not count:
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
