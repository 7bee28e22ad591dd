"""Whether rules took in the same so far, so that they can go on together."""

import numpy as np

from minerlib.rule.blocks import Block
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Ints


def alike(one: Intake, other: Intake) -> bool:
    """Whether two hold the same, however their slots are numbered; the first may know more instances."""
    if (one.limit, one.waiting.size, len(one.blocks)) != (other.limit, other.waiting.size, len(other.blocks)):
        return False
    numbers = np.array([one.slots.at.get(key, -1) for key in other.slots.keys], np.int64)
    known = np.flatnonzero(other.last)
    return bool(
        (numbers[known] >= 0).all()
        and np.array_equal(one.last[numbers[known]], other.last[known])
        and all(map(_equal, one.waiting, other.waiting.in_slots(numbers)))
        and all(_same(*pair, numbers) for pair in zip(one.blocks, other.blocks, strict=True))
        and not one.full
        and not other.full
    )


def _same(one: Block, other: Block, numbers: Ints) -> bool:
    """Whether two panes are the same, those of `other` with the numbers that its slots have in `one`."""
    if one.pane != other.pane or len(one.slots) != len(other.slots):
        return False
    order = np.argsort(numbers[other.slots])
    mine = [one.slots, one.events, one.counts, one.first, one.last, *one.numbers]
    theirs = [numbers[other.slots], other.events, other.counts, other.first, other.last, *other.numbers]
    names = {int(numbers[slot]): list(there) for slot, there in other.names.items()}
    return (
        all(_equal(a, b[order]) for a, b in zip(mine, theirs, strict=True))
        and _equal(one.at, numbers[other.at])
        and _equal(one.values, other.values)
        and {slot: list(there) for slot, there in one.names.items()} == names
    )


def _equal(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=one.dtype == np.float64)
