"""Messages of a stream read as columns: what rules need of them is decoded, and events are made where someone asks.

The same as `Order.read`, message by message, as far as anybody can tell.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from minerlib.event.body import read_parts
from minerlib.event.event import Event
from minerlib.event.fields import Bodies, earliest, times
from minerlib.event.known import Keys
from minerlib.event.order import Message, Order, events_of, given_time
from minerlib.event.read import Ints, Read


class Messages:
    """Messages in the order of their stream, with what `order` makes of them as it hears them."""

    def __init__(self, order: Order, messages: Sequence[Message], keys: Keys) -> None:
        self.messages, self.keys, self.codes = list(messages), keys, keys.codes(messages)
        self.kinds = {keys.keys[code].kind for code in set(self.codes)}
        self.repeats: set[int] = set()
        self._first = 0 if order.clock is not None else len(self.messages)  # of those at which the clock is known
        self._clocks: list[tuple[int, int]] = [(0, order.clock or 0)]
        self._bodies: dict[str, _Kind] = {}
        self._events: list[Event] | None = None
        self._hear(order)
        self.epoch, self.clock = order.epoch, order.clock or 0

    def _hear(self, order: Order) -> None:
        ticks, codes = self.keys.ticks, self.codes
        matter = [place for place, message in enumerate(self.messages) if message.message_id]
        if not ticks.isdisjoint(codes):
            matter = sorted({*matter, *(place for place, code in enumerate(codes) if code in ticks)})
        known = order.clock is not None
        for place in matter:
            if order.hear(self.messages[place], codes[place] in ticks):
                self.repeats.add(place)
            if order.clock is not None and order.clock != self._clocks[-1][1]:
                self._clocks.append((place, order.clock))
            if not known and order.clock is not None:
                self._first, known = place, True

    def join(self, others: "Messages") -> None:
        """Take those that follow in the stream behind these; both have the same keys."""
        begin = len(self.messages)
        self.messages += others.messages
        self.codes += others.codes
        self.kinds |= others.kinds
        self.repeats |= {begin + place for place in others.repeats}
        self._clocks += [(begin + place, clock) for place, clock in others._clocks]
        self.epoch, self.clock = others.epoch, others.clock
        self._events = None

    @property
    def size(self) -> int:
        """How many messages there are."""
        return len(self.messages)

    @property
    def count(self) -> int:
        """How many events they hold."""
        several = [message.body for message in self.messages[self._first :] if b"\n" in message.body]
        return len(self.messages) - self._first + sum(len(read_parts(body)) - 1 for body in several)

    @property
    def began(self) -> int:
        """The stream's clock at the first of them that has one."""
        return next((clock for _, clock in self._clocks if clock), 0)

    def seen(self, places: Ints) -> Ints:
        """The stream's clock at some places."""
        found = np.empty(len(self.codes), np.int64)
        for place, clock in self._clocks:
            found[place:] = clock
        return found[places]

    @property
    def events(self) -> list[Event]:
        """All events, in order."""
        if self._events is None:
            self._events = self.events_at(range(len(self.codes)))
        return self._events

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """The events of the messages at some places, in order."""
        if not len(places):
            return []
        keys, codes, seen, epoch = self.keys.keys, self.codes, self.seen(np.array(places, np.int64)), self.epoch
        return [
            event
            for place, clock in zip(places, seen.tolist(), strict=True)
            if place >= self._first
            for event in events_of(self.messages[place], keys[codes[place]], clock, epoch, place in self.repeats)
        ]

    def places_of(self, kind: str, begin: int = 0) -> list[int]:
        """The places of the messages of a kind, from `begin` on."""
        wanted = self.keys.of.get(kind, set[int]())
        return [place for place, code in enumerate(self.codes[begin:], begin) if code in wanted]

    def earliest(self, kind: str) -> int:
        """A moment before which no event of a kind counts (one of the future does when it is seen); far back where
        that is not known."""
        return min(self._kind(kind).earliest, self._clocks[0][1])

    def read(self, kind: str) -> Read:
        """The messages of a kind, of which each is one readable event said once."""
        found = self._kind(kind)
        if found.read is None:
            found.read = self._columns(kind, found)
        return found.read

    def _columns(self, kind: str, found: "_Kind") -> Read:
        places = np.array(found.places, np.int64)
        time = times([body.f0 for body in found.bodies])
        if time.unknown is not None:
            at = np.flatnonzero(time.unknown)
            given = [given_time(self.messages[found.places[n]].timestamp) for n in at.tolist()]
            clocks = self.seen(places[at]).tolist()
            time.moments[at] = [c if moment is None else moment for moment, c in zip(given, clocks, strict=True)]
        codes = np.array(self.codes, np.int64)[places]
        bodies = Bodies(found.bodies, self.keys.shapes.names(kind))
        messages = self.messages
        offset = np.array([messages[place].offset for place in found.places], np.int64)
        return Read(time.moments, self.seen(places), offset, np.zeros(len(places), np.int64), codes, bodies)

    def apart(self, kind: str, rows: list[int]) -> list[Event]:
        """The events of a kind that `read` left out, and those of some of its rows."""
        found = self._kind(kind)
        return self.events_at(sorted([*found.odd, *(found.places[row] for row in rows)]))

    def all(self, kind: str) -> list[Event]:
        """The events of a kind."""
        return self.events_at(self.places_of(kind))

    def _kind(self, kind: str) -> "_Kind":
        """What is known of a kind, with all messages so far."""
        found = self._bodies.get(kind)
        if found is None:
            found = self._bodies[kind] = _Kind()
        if found.upto == len(self.codes):
            return found
        places = self.places_of(kind, found.upto)
        cut = self.keys.cut
        if self.repeats or self._first or not cut.isdisjoint(self.codes):
            apart = {p for p in places if p in self.repeats or p < self._first or self.codes[p] in cut}
            found.odd += sorted(apart)
            places = [place for place in places if place not in apart]
        bodies, odd = self.keys.shapes.read(kind, [self.messages[place].body for place in places])
        if odd:
            strange = {places[at] for at in odd}
            found.odd += sorted(strange)
            places = [place for place in places if place not in strange]
        found.places += places
        found.bodies += bodies
        found.earliest = min(found.earliest, 0 if found.odd else earliest([body.f0 for body in bodies]))
        found.upto, found.read = len(self.codes), None
        return found


class _Kind:
    """The messages of a kind: of those up to a place, which are readable, and their bodies."""

    def __init__(self) -> None:
        self.upto, self.earliest = 0, 2**62
        self.read: Read | None = None
        self.places: list[int] = []
        self.bodies: list[Any] = []
        self.odd: list[int] = []
