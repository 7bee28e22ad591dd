"""The first half of the engine: events wait for their time, then go into the panes of their instance, and windows end.

It knows nothing of thresholds, so rules that select and measure alike share one intake. It is never changed: what comes
in gives another, which is remembered, so that the next rule that puts the same question gets the same answer.
"""

from functools import cached_property
from typing import Any

import numpy as np

from minerlib.rule.blocks import Block, without
from minerlib.rule.panes import Panes
from minerlib.rule.parts import Measure
from minerlib.rule.rows import NO_INTS, NO_ROWS, Ints, Rows, Slots, firsts
from minerlib.rule.window import Window

NEVER = 2**63 - 1
_FIELDS = ("slots", "waiting", "blocks", "last", "limit", "full")


class Chunk:
    """Events that became due, in order, and the windows with anything in them that ended among them, in order.

    `last` is the time of the newest event of each slot before them.
    """

    def __init__(self, rows: Rows, windows: list[Window], last: Ints, refused: list[tuple[int, bool]]) -> None:
        self.rows, self.windows, self.last, self.refused = rows, windows, last, refused

    @cached_property
    def begins(self) -> tuple[Ints, Ints]:
        """The slots that occur, and the place of the first event of each."""
        return firsts(self.rows.slot, len(self.last))

    @cached_property
    def _by_slot(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.rows.slot, kind="stable")
        return order, self.rows.slot[order]

    def of(self, slot: int) -> Ints:
        """The places of an instance's events, in order."""
        order, there = self._by_slot
        return order[there.searchsorted(slot) : there.searchsorted(slot, "right")]

    def behind(self, slot: int, time: int) -> int | None:
        """The place of the first event of an instance behind a time."""
        places = self.of(slot)
        at = int(self.rows.time[places].searchsorted(time, "right"))
        return int(places[at]) if at < len(places) else None

    def last_of(self, slot: int, time: int) -> int:
        """The time of the newest event of an instance at `time` or before."""
        places = self.of(slot)
        at = int(self.rows.time[places].searchsorted(time, "right"))
        return int(self.rows.time[places[at - 1]]) if at else int(self.last[slot])


class Intake:
    """What was taken in of a stream: `waiting` are events that the clock has not passed, `blocks` the panes that
    windows still need, `limit` the time up to which (exclusively) all was done, `last` the newest event of each
    slot."""

    def __init__(
        self,
        slots: Slots,
        waiting: Rows = NO_ROWS,
        blocks: tuple[Block, ...] = (),
        last: Ints = NO_INTS,
        limit: int = 0,
        full: frozenset[int] = frozenset(),
    ) -> None:
        self.slots, self.waiting, self.blocks = slots, waiting, blocks
        self.last, self.limit, self.full = last, limit, full
        self.stored: bytes | None = None  # as bytes, where somebody asked for them
        self._then: tuple[object, Intake] | None = None
        self._through: tuple[tuple[Measure | None, int, int], Intake, Chunk] | None = None

    def take(self, keys: list[str], rows: Rows) -> "Intake":
        """With more events waiting, whose slots are numbers of `keys`."""
        if not rows.size:
            return self
        if self._then is None or self._then[0] is not rows:
            waiting = rows.in_slots(self.slots.numbers(keys)).behind(self.waiting)
            self._then = rows, self._but(waiting=waiting)
        return self._then[1]

    def due(self, limit: int) -> int:
        """How many events wait that are due strictly before `limit`."""
        return int(self.waiting.time.searchsorted(limit))

    def through(self, measure: Measure | None, count: int, limit: int) -> tuple["Intake", Chunk]:
        """Behind the next `count` events and all windows that end strictly before `limit`, and what that gave."""
        asked = measure, count, limit
        if self._through is None or self._through[0] != asked:
            self._through = asked, *self._work(measure, count, limit)
        return self._through[1:]

    def without(self, slot: int) -> "Intake":
        """As if an instance had never been."""
        return self._but(
            blocks=tuple(block for block in (without(each, slot) for each in self.blocks) if len(block.slots))
        )

    def refusing(self, refused: np.ndarray) -> "Intake":
        """Without some of the events that wait."""
        return self._but(waiting=self.waiting.some(~refused))

    def _but(self, **other: Any) -> "Intake":
        same = {name: getattr(self, name) for name in _FIELDS}
        return Intake(**{**same, **other})

    def _work(self, measure: Measure | None, count: int, limit: int) -> tuple["Intake", Chunk]:
        rows, rest = self.waiting.some(slice(count)), self.waiting.some(slice(count, None))
        last = np.zeros(len(self.slots), np.int64)
        last[: len(self.last)] = self.last
        before = last
        if count:
            last = last.copy()
            last[rows.slot] = rows.time  # of one slot the newest counts
        if measure is None or measure.agg is None:
            then = self._but(waiting=rest, last=last, limit=max(limit, self.limit))
            return then, Chunk(rows, [], before, [])
        panes = Panes(self.blocks, self.full, measure, rows, limit, self.limit, len(self.slots))
        panes.run()
        then = self._but(
            waiting=rest, blocks=tuple(panes.blocks), last=last, limit=max(limit, self.limit), full=panes.room.full
        )
        return then, Chunk(rows, panes.windows, before, panes.room.refused)
