"""A window that ends: what it observes of each instance with an event in it, worked out when somebody asks."""

from functools import cached_property
from typing import NamedTuple

import numpy as np

from minerlib.event.moment import SECOND
from minerlib.rule.aggregate import COUNTS, SUMS, nearest
from minerlib.rule.blocks import Block, keeps_values, pane_length
from minerlib.rule.merged import Panes, line, until
from minerlib.rule.parts import Measure
from minerlib.rule.rows import Floats, Ints

Position = tuple[int, int]


class Seen(NamedTuple):
    """What is observed of each slot that has an event in the window, in order of slot; NaN is no observation."""

    slots: Ints
    values: Floats


class Window:
    """`(end - over, end]` of all instances, out of the blocks in it; `known` is how many slots there are."""

    def __init__(self, measure: Measure, end: int, blocks: tuple[Block, ...], known: int) -> None:
        self.measure, self.end, self.blocks, self.known = measure, end, blocks, known

    @cached_property
    def seen(self) -> Seen:
        """What it observes."""
        slots = self._slots()
        places = [np.searchsorted(slots, block.slots) if len(self.blocks) > 1 else slice(None) for block in self.blocks]
        places = [np.arange(len(slots)) if isinstance(each, slice) else each for each in places]
        with np.errstate(all="ignore"):
            return Seen(slots, self._values(slots, places))

    def positions(self, slot: int) -> list[Position]:
        """Where the first and the last event of an instance in it stand; nothing where it has none."""
        found: list[Position] = []
        for block in self.blocks:
            at = int(np.searchsorted(block.slots, slot))
            if at < len(block.slots) and block.slots[at] == slot:
                found += [_position(block.first[at]), _position(block.last[at])]
        return [found[0], found[-1]] if found else []

    def _slots(self) -> Ints:
        if len(self.blocks) == 1:
            return self.blocks[0].slots
        there = np.zeros(self.known, np.bool_)
        for block in self.blocks:
            there[block.slots] = True
        return np.flatnonzero(there)

    def _values(self, slots: Ints, places: list[Ints]) -> Floats:
        measure, size = self.measure, len(slots)
        agg = measure.agg or ""
        if agg in COUNTS:
            return self._counts(slots, places)
        if keeps_values(agg):
            at = np.searchsorted(slots, np.concatenate([block.at for block in self.blocks]))
            return nearest(at, np.concatenate([block.values for block in self.blocks]), agg, size)
        length, panes = pane_length(measure), Panes()
        for block, place in zip(self.blocks, places, strict=True):
            some, columns = block.counts > 0, block.numbers
            if not some.all():
                place, columns = place[some], tuple(column[some] for column in columns)
            if len(place):
                panes.append((place, columns, (block.pane * length - self.end) / SECOND))
        if agg == "forecast":
            return until(line(panes, size), measure.to or 0.0)
        values = SUMS[agg].result(panes, size)
        return np.where(np.isfinite(values), values, np.nan)

    def _counts(self, slots: Ints, places: list[Ints]) -> Floats:
        measure, found = self.measure, np.zeros(len(slots))
        if measure.agg == "distinct":
            names: dict[int, set[str]] = {}
            for block in self.blocks:
                for slot, there in block.names.items():
                    names.setdefault(slot, set()).update(there)
            return np.array([float(len(names.get(slot, ()))) for slot in slots.tolist()])
        for block, place in zip(self.blocks, places, strict=True):
            found[place] += block.events if measure.of is None else block.counts
        return found / (measure.over / SECOND) if measure.agg == "rate" else found


def _position(pair: Ints) -> Position:
    return int(pair[0]), int(pair[1])
