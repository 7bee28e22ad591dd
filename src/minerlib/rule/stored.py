"""An intake as plain data, its columns as bytes: only what is still needed of it, with slots numbered anew."""

from collections.abc import Collection
from typing import Any

import numpy as np

from minerlib.rule.blocks import Block
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Ints, Rows, Slots

_ROWS = (np.int64, np.int64, np.int64, np.int64, np.float64, np.float64)


def stored_intake(intake: Intake, known: Collection[str]) -> list[Any]:
    """An intake as data; `known` are the instances of which the newest event must be remembered."""
    keys, slots = intake.slots.keys, intake.slots.at
    needed = np.zeros(len(keys), np.bool_)
    for column in (intake.waiting.slot, *(block.slots for block in intake.blocks)):
        needed[column] = True
    last = np.zeros(len(keys), np.int64)
    mine = np.array([slots[key] for key in known], np.int64)
    needed[mine] = True
    last[mine] = intake.last[mine]
    places = np.flatnonzero(needed)
    numbers = np.cumsum(needed) - 1
    waiting = intake.waiting.in_slots(numbers)
    return [
        [keys[place] for place in places.tolist()],
        last[places].tobytes(),
        [*(column.tobytes() for column in waiting[:6]), waiting.name.tolist(), waiting.retire.tobytes()],
        [_stored(block, numbers) for block in intake.blocks],
        intake.limit,
        sorted(int(numbers[slot]) for slot in intake.full),
    ]


def _stored(block: Block, numbers: Ints) -> list[Any]:
    names = [[int(numbers[slot]), list(there)] for slot, there in sorted(block.names.items())]
    columns = (numbers[block.slots], block.events, block.counts, block.first, block.last)
    values = (numbers[block.at].tobytes(), block.values.tobytes())
    return [
        block.pane, *(each.tobytes() for each in columns), [each.tobytes() for each in block.numbers], *values, names
    ]  # fmt: skip


def read_intake(found: Any) -> Intake:
    """The intake that data stands for."""
    keys, last, waiting, blocks, limit, full = found
    columns: list[Any] = [np.frombuffer(data, kind) for data, kind in zip(waiting[:6], _ROWS, strict=True)]
    rows = Rows._make([*columns, np.array(waiting[6], np.object_), np.frombuffer(waiting[7], np.bool_)])
    return Intake(
        Slots(keys), rows, tuple(_read(each) for each in blocks), np.frombuffer(last, np.int64), limit, frozenset(full)
    )


def _read(found: Any) -> Block:
    pane, slots, events, count, first, last, numbers, at, values, names = found
    ints = [np.frombuffer(data, np.int64) for data in (slots, events, count)]
    places = [np.frombuffer(data, np.int64).reshape(-1, 2) for data in (first, last)]
    floats = tuple(np.frombuffer(data, np.float64) for data in numbers)
    said = {slot: dict.fromkeys(there, True) for slot, there in names}
    return Block._make(
        [pane, *ints, *places, floats, np.frombuffer(at, np.int64), np.frombuffer(values, np.float64), said]
    )
