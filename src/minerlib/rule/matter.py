"""Which events of a chunk matter: of instances that are new, come back, or see a value that changes something."""

import heapq

import numpy as np

from minerlib.rule.aggregate import COUNTS
from minerlib.rule.instance import Instance
from minerlib.rule.intake import NEVER, Chunk
from minerlib.rule.marks import Marks
from minerlib.rule.rows import Ints
from minerlib.rule.rule import Rule
from minerlib.rule.silence import EXPIRES, RETIRES
from minerlib.rule.state import State


class Matter:
    """The places of events that matter, as a heap; what happens on the way adds to them."""

    def __init__(self, rule: Rule, state: State, chunk: Chunk, marks: Marks, upto: int) -> None:
        self.rule, self.state, self.chunk, self.marks, self.upto = rule, state, chunk, marks, upto
        self.slots = state.intake.slots
        measure = rule.measure
        self.bare = measure is not None and measure.agg is None
        self.counting = measure is not None and measure.agg in COUNTS
        self.places: list[int] = []
        self.bits: Ints | None = None
        self._find()

    def _find(self) -> None:
        """Find the first events that matter: of those asleep, of those that a value stirs, the end of a silence."""
        rows, marks = self.chunk.rows, self.marks
        if not rows.size:
            return
        if self.state.silence is not None:
            self.places.append(0)
        slots, places = self.chunk.begins
        asleep = ~marks.awake[slots]
        if asleep.any():
            if self._quiet():
                self._bear(slots[asleep], places[asleep])
            else:
                self.places += places[asleep].tolist()
        if self.bare:
            self.bits = marks.bits(rows.value)
            stirred = ((self.bits & marks.care[rows.slot]) != marks.rest[rows.slot]) & ~np.isnan(rows.value)
            there = np.zeros(len(marks.awake), np.bool_)
            there[rows.slot[stirred]] = True
            for slot in slots[there[slots] & ~asleep].tolist():
                self.look_on(slot, -1)
        heapq.heapify(self.places)

    def look_on(self, slot: int, place: int) -> None:
        """The next event of an instance behind `place` that its value makes matter."""
        if self.bits is None:
            return
        places = self.chunk.of(slot)
        places = places[int(places.searchsorted(place, "right")) :]
        if not len(places):
            return
        marks = self.marks
        if marks.rest[slot] < 0:
            values = self.chunk.rows.value[places[:8]]
            some = np.flatnonzero(~np.isnan(values))
            if not len(some) and len(places) > 8:
                some = np.flatnonzero(~np.isnan(self.chunk.rows.value[places]))
        else:
            stirred = (self.bits[places] & marks.care[slot]) != marks.rest[slot]
            some = np.flatnonzero(stirred & ~np.isnan(self.chunk.rows.value[places]))
        if len(some):
            heapq.heappush(self.places, int(places[some[0]]))

    def look_behind(self, slot: int, time: int) -> None:
        """The next event of an instance that is missed or forgotten matters; the next of all, where all are silent."""
        place = self.chunk.behind(slot, time)
        if place is not None:
            heapq.heappush(self.places, place)
        if self.state.silence is not None:
            first = int(self.chunk.rows.time.searchsorted(time, "right"))
            if first < self.chunk.rows.size:
                heapq.heappush(self.places, first)

    def _quiet(self) -> bool:
        """Whether nothing happens here but windows of what was said, so that it does not matter when one was born."""
        rule, state = self.rule, self.state
        spans = [rule.retire, *([rule.missing.after] if rule.missing else [])]
        ends = int(self.chunk.rows.time[0]) + min(spans)
        due = state.agenda[0][0] if state.agenda else NEVER
        plain = not self.bare and not self.counting and not state.gone and state.silence is None
        return plain and min(ends, due) >= self.upto and not self.marks.missing

    def _bear(self, slots: Ints, places: Ints) -> None:
        """New instances, all at once."""
        rule, keys, levels = self.rule, self.slots.keys, len(self.rule.levels)
        retire, after = rule.retire, rule.missing.after if rule.missing else None
        born = [(keys[n], time) for n, time in zip(slots.tolist(), self.chunk.rows.time[places].tolist(), strict=True)]
        agenda = [(time + retire, RETIRES, key) for key, time in born]
        if after is None:
            new = {key: Instance([None] * levels, retires=time + retire) for key, time in born}
        else:
            agenda += [(time + after, EXPIRES, key) for key, time in born]
            new = {key: Instance([None] * levels, retires=time + retire, expires=time + after) for key, time in born}
        self.state.instances.update(new)
        self.state.agenda += agenda
        heapq.heapify(self.state.agenda)
        self.marks.born(slots)
