"""An intake as bytes: its columns as they are in memory, those of nothing but zeros left out."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from minerlib.rule.blocks import Block
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Ints, Rows, Slots

_ROWS = (np.int64, np.int64, np.int64, np.int64, np.float64)


def to_bytes(intake: Intake) -> bytes:
    """The whole of an intake. Rules that share one have it stored once."""
    if intake.stored is None:
        last = np.zeros(len(intake.slots), np.int64)
        last[: len(intake.last)] = intake.last
        intake.stored = msgspec.msgpack.encode(_numbered(intake, last, last > 0))
    return intake.stored


def pruned(intake: Intake, known: Iterable[str]) -> Intake:
    """An intake without instances that are neither known nor needed any more."""
    slots = intake.slots.at
    needed = np.zeros(len(intake.slots), np.bool_)
    needed[[slots[key] for key in known]] = True
    last = np.zeros(len(needed), np.int64)
    last[: len(intake.last)] = intake.last
    return _read(_numbered(intake, np.where(needed, last, 0), needed))


def from_bytes(data: bytes) -> Intake:
    """The intake that was stored."""
    return _read(msgspec.msgpack.decode(data))


def _numbered(intake: Intake, last: Ints, needed: Any) -> list[Any]:
    """An intake as plain data; slots that nothing is left of are left out."""
    needed = needed.copy()
    for column in (intake.waiting.slot, *(block.slots for block in intake.blocks)):
        needed[column] = True
    numbers = np.cumsum(needed) - 1
    waiting = intake.waiting.in_slots(numbers)
    names = [] if waiting.name is None or not waiting.name.any() else waiting.name.tolist()
    keys = intake.slots.keys
    return [
        [keys[place] for place in np.flatnonzero(needed).tolist()], last[needed].tobytes(),
        waiting.size, [_packed(column) for column in waiting[:5]], _packed(waiting.below), names,
        _packed(waiting.retire),
        [_stored(block, numbers) for block in intake.blocks], intake.limit,
        sorted(int(numbers[slot]) for slot in intake.full),
    ]  # fmt: skip


def _read(found: Any) -> Intake:
    keys, last, size, columns, below, names, retire, blocks, limit, full = found
    rows: list[Any] = [_column(data, kind, size) for data, kind in zip(columns, _ROWS, strict=True)]
    rows += [np.frombuffer(below, np.float64) if below else None, np.array(names, np.object_) if names else None]
    rows += [np.frombuffer(retire, np.bool_) if retire else None]
    panes = tuple(_block(each) for each in blocks)
    return Intake(Slots(keys), Rows._make(rows), panes, np.frombuffer(last, np.int64), limit, frozenset(full))


def _stored(block: Block, numbers: Ints) -> list[Any]:
    names = [[int(numbers[slot]), list(there)] for slot, there in sorted(block.names.items())]
    columns = (numbers[block.slots], block.events, block.counts, block.first, block.last)
    return [
        block.pane, len(block.slots), [_packed(each) for each in columns], [_packed(each) for each in block.numbers],
        numbers[block.at].tobytes(), block.values.tobytes(), names,
    ]  # fmt: skip


def _block(found: Any) -> Block:
    pane, size, columns, numbers, at, values, names = found
    slots, events, counts = (_column(data, np.int64, size) for data in columns[:3])
    first, last = (_column(data, np.int64, 2 * size).reshape(-1, 2) for data in columns[3:])
    said = {slot: dict.fromkeys(there, True) for slot, there in names}
    return Block(
        pane, slots, events, counts, first, last, tuple(_column(data, np.float64, size) for data in numbers),
        np.frombuffer(at, np.int64), np.frombuffer(values, np.float64), said,
    )  # fmt: skip


def _packed(column: Any) -> bytes:
    data = b"" if column is None else column.tobytes()
    return data if any(data) else b""


def _column(data: bytes, kind: Any, size: int) -> Any:
    return np.frombuffer(data, kind) if data else np.zeros(size, kind)
