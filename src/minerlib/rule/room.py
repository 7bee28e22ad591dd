"""The bound on values that an instance keeps in its window, for percentiles and different values."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from minerlib.rule.blocks import Block, keeps_values
from minerlib.rule.parts import Measure
from minerlib.rule.rows import Rows

VALUES = 100_000  # that an instance keeps at most


class Room:
    """Says which values find no room: `refused` are their places among the rows, and whether it is the first of its
    instance since it last had room; `full` are the instances that have none."""

    def __init__(self, measure: Measure, full: frozenset[int]) -> None:
        self.keeps, self.distinct = keeps_values(measure.agg), measure.agg == "distinct"
        self.full, self.refused = full, list[tuple[int, bool]]()

    def take(self, blocks: Sequence[Block], pane: int, rows: Rows, first: int) -> Rows:
        """The rows of one pane, of which values without room are no observations any more."""
        if not self.keeps or _most(blocks, rows) <= VALUES:
            return rows
        kept = _kept_by_slot(blocks)
        said = (
            {slot: set(there) for slot, there in blocks[-1].names.items()}
            if blocks[-1:] and blocks[-1].pane == pane
            else {}
        )
        value = rows.value.copy()
        name = np.full(rows.size, "", np.object_) if rows.name is None else rows.name.copy()
        for place, (slot, number, word) in enumerate(
            zip(rows.slot.tolist(), value.tolist(), name.tolist(), strict=True)
        ):
            if (not word or word in said.get(slot, ())) if self.distinct else number != number:
                continue
            if kept[slot] >= VALUES:
                value[place], name[place] = np.nan, ""
                self.refused.append((first + place, slot not in self.full))
                self.full |= {slot}
                continue
            kept[slot] += 1
            said.setdefault(slot, set()).add(word)
        return rows._replace(value=value, name=name)

    def forget(self, blocks: Sequence[Block]) -> None:
        """Windows went on: those that have room again are not full."""
        if self.full:
            kept = _kept_by_slot(blocks)
            self.full = frozenset(slot for slot in self.full if kept[slot] >= VALUES)


def _most(blocks: Sequence[Block], rows: Rows) -> int:
    """How many values an instance keeps at most, were all of them kept."""
    total = rows.size + sum(len(block.values) + sum(map(len, block.names.values())) for block in blocks)
    if total <= VALUES:
        return total
    kept = np.bincount(np.concatenate([rows.slot, *(block.at for block in blocks)]))
    names = [len(there) for block in blocks for there in block.names.values()]
    return int(kept.max()) + sum(names)


def _kept_by_slot(blocks: Sequence[Block]) -> Counter[int]:
    found = Counter[int]()
    for block in blocks:
        found.update(block.at.tolist())
        found.update({slot: len(there) for slot, there in block.names.items()})
    return found
