"""The second half of the engine: what became due is done instant by instant, for the instances in which it matters.

At one instant events come first, by position; then windows; then those that are missed, forgotten, let go.
"""

import heapq
from collections.abc import Sequence

import numpy as np

from minerlib.rule.flap import settle
from minerlib.rule.instance import WAKES, Instance, Position, Taken
from minerlib.rule.intake import NEVER, Chunk
from minerlib.rule.marks import Marks
from minerlib.rule.matter import Matter
from minerlib.rule.naming import SETTLES, Cause, named, say
from minerlib.rule.observe import Change, observe
from minerlib.rule.rows import Floats, Ints
from minerlib.rule.rule import Rule
from minerlib.rule.silence import EXPIRES, RETIRES, come_back, end_silence, expire, forget_instance
from minerlib.rule.state import State
from minerlib.rule.transition import Transition
from minerlib.rule.watch import Watch
from minerlib.rule.window import Window


class Instants:
    """What a chunk makes a rule say: all its events, and what else is due strictly before `upto`."""

    def __init__(self, rule: Rule, state: State, chunk: Chunk, upto: int, watch: Watch | None) -> None:
        self.rule, self.state, self.chunk, self.upto, self.watch = rule, state, chunk, upto, watch
        self.slots = state.intake.slots
        self.measure = rule.measure

    def run(self) -> list[Transition]:
        """Do it."""
        state, rows = self.state, self.chunk.rows
        if state.marks is None:
            state.marks = Marks(self.rule, self.slots, state.instances)
        self.marks: Marks = state.marks
        self.marks.grow(len(self.slots))
        matter = self.matter = Matter(self.rule, state, self.chunk, self.marks, self.upto)
        if self.watch:
            self._tell(self.watch)
        said: list[Transition] = []
        windows, at, done = self.chunk.windows, 0, -1
        while True:
            place = matter.places[0] if matter.places else None
            event = int(rows.time[place]) if place is not None else NEVER
            end = self._next_window(windows, at)
            due = state.agenda[0][0] if state.agenda else NEVER
            if place is not None and event <= end and event <= due:
                heapq.heappop(matter.places)
                if place != done:
                    said += self._event(place)
                done = place
            elif end >= self.upto and due >= self.upto:
                break
            elif end <= due:
                window = windows[at] if at < len(windows) and windows[at].end == end else None
                at += window is not None
                said += self._window(end, window)
            else:
                said += self._due(due, state.agenda[0][1])
        if rows.size:
            state.latest = int(rows.time[-1])
        return said

    def _taken(self, place: int) -> Taken:
        rows = self.chunk.rows
        slot, value = int(rows.slot[place]), float(rows.value[place])
        time, offset, part = int(rows.time[place]), int(rows.offset[place]), int(rows.part[place])
        said = (rows.name is not None and rows.name[place]) or (None if value != value else value)
        return Taken(time, offset, part, self.slots.keys[slot], said)

    def _tell(self, watch: Watch) -> None:
        """Let the watch hear all events."""
        for place in range(self.chunk.rows.size):
            event = self._taken(place)
            watch.heard(event)
            if self.matter.bare and isinstance(event.value, float):
                watch.observed(event.key, event.time, event.value)

    def _event(self, place: int) -> list[Transition]:
        """An event that matters: its instance is new, comes back, or sees a value that changes something."""
        rule, state, event = self.rule, self.state, self._taken(place)
        slot = int(self.chunk.rows.slot[place])
        said = end_silence(rule, state, event)
        instance = state.instances.get(event.key)
        if instance is None:
            instance = state.instances[event.key] = Instance([None] * len(rule.levels))
            voice = state.gone.pop(event.key, None)
            if voice and voice.counts_at(event.time):
                instance.voice = voice
            state.wake(event.time + rule.retire, RETIRES, event.key)
            if rule.missing:
                state.wake(event.time + rule.missing.after, EXPIRES, event.key)
        elif instance.missing is not None:
            said += come_back(rule, state, event.key, instance, event)
            state.wake(event.time + (rule.missing.after if rule.missing else 0), EXPIRES, event.key)
        if self.matter.bare and isinstance(event.value, float):
            cause = Cause("value", event.value, None, [(event.offset, event.part)])
            for change in observe(rule, instance, event.key, event.time, event.value):
                said += say(rule, state, event.key, instance, change, event.time, cause)
        self.marks.note(slot, instance)
        self.matter.look_on(slot, place)
        return said

    def _next_window(self, windows: Sequence[Window], at: int) -> int:
        """When the next window ends that may matter."""
        end = windows[at].end if at < len(windows) else NEVER
        if self.state.restless and self.measure:
            return min(end, self.state.window + self.measure.every)
        return end

    def _window(self, end: int, window: Window | None) -> list[Transition]:
        """A window that ends; none where nothing is in it: cleared before raised, lower positions first."""
        state, marks = self.state, self.marks
        slots, values = self._observed(window)
        matter = marks.awake[slots] & marks.stirred(slots, values) & ~np.isnan(values)
        if self.watch:
            for slot, value in zip(slots.tolist(), values.tolist(), strict=True):
                if marks.awake[slot] and value == value:
                    self.watch.observed(self.slots.keys[slot], end, value)
        found: list[tuple[bool, list[Position], str, Change, float]] = []
        for slot, value in zip(slots[matter].tolist(), values[matter].tolist(), strict=True):
            key = self.slots.keys[slot]
            changes = observe(self.rule, state.instances[key], key, end, value)
            marks.note(slot, state.instances[key])
            if changes:
                positions = window.positions(slot) if window else []
                found += [(change.what != "cleared", positions, key, change, value) for change in changes]
        state.window = end
        state.restless = self.matter.counting and marks.restless()
        found.sort(key=lambda each: each[:3])
        said: list[Transition] = []
        over = self.measure.over if self.measure else 0
        for _, positions, key, change, value in found:
            cause = Cause("value", value, (end - over, end), positions)
            said += say(self.rule, state, key, state.instances[key], change, end, cause)
        return said

    def _observed(self, window: Window | None) -> tuple[Ints, Floats]:
        """The slots and values that a window observes; where events are counted, there are 0 of them elsewhere."""
        if not self.matter.counting:
            return window.seen if window else (np.empty(0, np.int64), np.empty(0))
        values = np.zeros(len(self.slots))
        if window:
            values[window.seen.slots] = window.seen.values
        return np.arange(len(self.slots)), values

    def _due(self, time: int, what: int) -> list[Transition]:
        """All instances for which the same is due at a time: missed, forgotten, or let go, by instance."""
        state, rule = self.state, self.rule
        keys: list[str] = []
        while state.agenda and state.agenda[0][:2] == (time, what):
            key = heapq.heappop(state.agenda)[2]
            instance = state.instances.get(key)
            if instance and getattr(instance, WAKES[what]) == time and key not in keys[-1:]:  # else put off, forgotten
                keys.append(key)
        said: list[Transition] = []
        for key in keys:
            instance, slot = state.instances[key], self.slots.at[key]
            setattr(instance, WAKES[what], None)
            later = self._later(instance, slot, time, what)
            if later is not None:
                state.wake(later, what, key)
                continue
            if what == EXPIRES:
                said += expire(rule, state, key, instance, time, self._latest(time))
                marks_of: Instance | None = instance
            elif what == RETIRES:
                said += forget_instance(rule, state, key, time, None, self.watch)
                marks_of = None
            else:
                marks_of = instance
                if instance.latched >= 0:
                    cause = Cause("settled")
                    said.append(named(rule, state, key, instance.voice, settle(rule, instance), time, cause))
            self.marks.note(slot, marks_of)
            if what != SETTLES:
                self.matter.look_behind(slot, time)
        return said

    def _later(self, instance: Instance, slot: int, time: int, what: int) -> int | None:
        """When an instance is due instead, where it has spoken, or would have, since it was put on the agenda."""
        rule = self.rule
        if what == SETTLES:
            due = instance.turned + (rule.flap.per if rule.flap else 0)
        elif what == RETIRES:
            due = self.chunk.last_of(slot, time) + rule.retire
        else:
            due = self.chunk.last_of(slot, time) + (rule.missing.after if rule.missing else 0)
        return due if due > time else None

    def _latest(self, time: int) -> int:
        """The time of the newest event of any instance at `time` or before."""
        at = int(self.chunk.rows.time.searchsorted(time, "right"))
        return int(self.chunk.rows.time[at - 1]) if at else self.state.latest
