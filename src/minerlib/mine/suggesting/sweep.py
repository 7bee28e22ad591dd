"""How often would it have alerted? The states of a rule "above a line for so long" over all windows, by their tops.

A rule raises at a window whose instance has been above the line for `wait`, and clears at one by which it has been
below the clear line for as long. So two numbers a window are enough: the level that was *held* for `wait`, and the
level it *stayed below* for `wait`. Of windows that no line is drawn through, only the lowest of the second counts
between two of the first; what is kept is a thousandth of the history, and each further line takes a moment.
"""

from dataclasses import dataclass

import numpy as np

from minerlib.mine.suggesting.panegrid import Floats, Grid, Ints, Truths, filled, rolling


@dataclass(frozen=True)
class Spans:
    """Alerts: the rows of a grid at which they are raised, and at which they are cleared or the history ends."""

    begin: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.begin)


@dataclass(frozen=True)
class Tops:
    """The windows of a scored grid that a line may be drawn below: their `row`, when (`time`), and the level `held`.

    `relief[n]` is the lowest level stayed below from the n-th of them up to the next; `below` is that of every row. No
    other row held more than `least`.
    """

    row: Ints
    time: Ints
    held: Floats
    relief: Floats
    below: Floats
    least: float = -np.inf

    def until(self, time: int) -> "Tops":
        """Those up to a moment (µs)."""
        kept = np.flatnonzero(self.time <= time)
        relief = np.minimum.reduceat(self.relief, kept) if len(kept) else self.relief[:0]
        return Tops(self.row[kept], self.time[kept], self.held[kept], relief, self.below, self.least)

    def raised(self, line: float, clear: float) -> Ints:
        """The rows at which "> line" would have raised, clearing at "< clear"; a clear line is never above its line."""
        over = np.flatnonzero(self.held > line)
        if not len(over):
            return self.row[:0]
        relief = np.minimum.reduceat(self.relief, over)
        return self.row[over[np.r_[True, relief[:-1] < clear]]]

    def spans(self, line: float, clear: float) -> Spans:
        """The same with where each ends."""
        over = np.flatnonzero(self.held > line)
        if not len(over):
            return Spans(self.row[:0], self.row[:0])
        relief = np.minimum.reduceat(self.relief, over)
        new = np.r_[True, relief[:-1] < clear]
        last = self.row[over[np.r_[np.flatnonzero(new)[1:] - 1, len(over) - 1]]]
        ends = [_first(self.below, int(row) + 1, clear) for row in last]
        return Spans(self.row[over[new]], np.array(ends, np.int64))


def tops(grid: Grid, score: Floats, wait: int, least: float) -> Tops:
    """What a sweep needs of a score a row (NaN: nothing observed) and of `wait` (a number of panes).

    `least` is the lowest line that will be asked about. What is not observed changes nothing: the level stays.
    """
    held, below = levels(grid, score, wait)
    row = np.flatnonzero(held > least)
    relief = np.minimum.reduceat(below, row) if len(row) else np.empty(0)
    return Tops(row, grid.time[row], held[row], relief, below, least)


def levels(grid: Grid, score: Floats, wait: int) -> tuple[Floats, Floats]:
    """For each row the level that was held for `wait` panes (-inf where none was) and the level stayed below.

    Behind an instance's last observation it has stayed below everything.
    """
    observed = ~np.isnan(score)
    held, below = score, score
    if wait:
        place = filled(score, grid.begins)
        level = np.where(place >= 0, score[place], -np.inf)
        level = np.where(_over(grid, observed), -np.inf, level)
        held = rolling(level, wait + 1, np.minimum, -np.inf)
        below = rolling(level, wait + 1, np.maximum, -np.inf)
    below = np.where(observed, below, np.inf)
    below[np.r_[grid.begins[1:] - 1, len(grid) - 1]] = -np.inf
    return np.where(observed, held, -np.inf), below


def _over(grid: Grid, observed: Truths) -> Truths:
    """The rows behind the last observation of their instance."""
    rows = np.where(observed, np.arange(len(observed)), -1)
    last = np.maximum.reduceat(rows, grid.begins)
    size = np.diff(np.r_[grid.begins, len(observed)])
    return np.arange(len(observed)) > np.repeat(last, size)


def _first(below: Floats, begin: int, clear: float) -> int:
    """The first row from `begin` on whose level is below `clear`; the last one where there is none."""
    width = 64
    while begin < len(below):
        found = np.flatnonzero(below[begin : begin + width] < clear)
        if len(found):
            return begin + int(found[0])
        begin += width
        width *= 4
    return len(below) - 1
