"""Panes of many instances as columns: within a pane events are taken one by one in order, as a loop would."""

import math
from typing import NamedTuple

import numpy as np

from minerlib.event.moment import SECOND
from minerlib.rule.aggregate import SUMS
from minerlib.rule.parts import Measure
from minerlib.rule.rows import NO_FLOATS, NO_INTS, Floats, Ints, Rows


class Block(NamedTuple):
    """One pane, `(pane - 1) * length` to `pane * length`, of all instances with an event in it, in order of slot.

    For each: how many events, and with an observation; the positions (offset, part) of the first and last; the numbers
    that its aggregate keeps. `at` and `values` are all values by slot, in order, where an aggregate needs them;
    `names` the names of different ones.
    """

    pane: int
    slots: Ints
    events: Ints
    counts: Ints
    first: Ints
    last: Ints
    numbers: tuple[Floats, ...]
    at: Ints = NO_INTS
    values: Floats = NO_FLOATS
    names: dict[int, dict[str, bool]] = {}


def pane_length(measure: Measure) -> int:
    return math.gcd(measure.over, measure.every)


def keeps_values(agg: str | None) -> bool:
    """Whether an aggregate needs every value of its window."""
    return agg == "distinct" or (agg is not None and agg[0] == "p")


def empty(measure: Measure, pane: int) -> Block:
    start = SUMS[measure.agg].start if measure.agg in SUMS else ()
    nothing = np.empty((0, 2), np.int64)
    return Block(pane, NO_INTS, NO_INTS, NO_INTS, nothing, nothing, tuple(NO_FLOATS for _ in start))


def grown(measure: Measure, block: Block, rows: Rows, known: int) -> Block:
    """The block with more events of its pane, behind those it has; `known` is how many slots there are."""
    slots, old, new = _places(block.slots, rows.slot, known)
    size = len(slots)
    events, count = np.zeros(size, np.int64), np.zeros(size, np.int64)
    events[old], count[old] = block.events, block.counts
    events += np.bincount(new, minlength=size)
    at = np.stack((rows.offset, rows.part), axis=1)
    first, last = np.empty((size, 2), np.int64), np.empty((size, 2), np.int64)
    last[old] = block.last
    last[new] = at  # of equal places the last counts
    first[new[::-1]] = at[::-1]
    first[old] = block.first
    if measure.agg == "distinct":
        return _named(block, slots, events, count, first, last, rows, new)
    counts = ~np.isnan(rows.value)
    if not counts.all():
        rows, new = rows.some(counts), new[counts]
    count += np.bincount(new, minlength=size)
    numbers: list[Floats] = []
    if measure.agg in SUMS:
        sums = SUMS[measure.agg]
        for start, column in zip(sums.start, block.numbers, strict=True):
            numbers.append(np.full(size, start))
            numbers[-1][old] = column
        if len(new):
            behind = (rows.time - block.pane * pane_length(measure)) / SECOND
            with np.errstate(all="ignore"):
                below = np.zeros(rows.size) if rows.below is None else rows.below
                sums.add(numbers, new, rows.value, below, behind)
    found = Block(block.pane, slots, events, count, first, last, tuple(numbers))
    if keeps_values(measure.agg):
        found = found._replace(
            at=np.concatenate((block.at, rows.slot)), values=np.concatenate((block.values, rows.value))
        )
    return found


def _named(
    block: Block, slots: Ints, events: Ints, count: Ints, first: Ints, last: Ints, rows: Rows, new: Ints
) -> Block:
    """The same where different values are counted by their names."""
    names = {slot: dict(there) for slot, there in block.names.items()}
    said = [] if rows.name is None else rows.name.tolist()
    for slot, name, place in zip(rows.slot.tolist(), said or [""] * rows.size, new.tolist(), strict=True):
        if name:
            names.setdefault(slot, {})[name] = True
            count[place] += 1
    return Block(block.pane, slots, events, count, first, last, (), names=names)


def without(block: Block, slot: int) -> Block:
    """The block as it were without an instance."""
    stays, values = block.slots != slot, block.at != slot
    return Block(
        block.pane, block.slots[stays], block.events[stays], block.counts[stays], block.first[stays], block.last[stays],
        tuple(column[stays] for column in block.numbers), block.at[values], block.values[values],
        {each: there for each, there in block.names.items() if each != slot},
    )  # fmt: skip


def _places(have: Ints, more: Ints, known: int) -> tuple[Ints, Ints, Ints]:
    """All slots of two columns in order, and where in it each of either stands."""
    if known <= 4 * (len(have) + len(more)):
        there = np.zeros(known, np.bool_)
        there[have] = True
        there[more] = True
        slots = np.flatnonzero(there)
        place = np.empty(known, np.int64)
        place[slots] = np.arange(len(slots))
        return slots, place[have], place[more]
    slots = np.union1d(have, more)
    return slots, np.searchsorted(slots, have), np.searchsorted(slots, more)
