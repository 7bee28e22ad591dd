"""Messages of a stream read as columns: what rules need of them is decoded, and events are made where someone asks.

The same as `Order.read`, message by message, as far as anybody can tell.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from minerlib.event.event import Event
from minerlib.event.fields import Column, Shapes
from minerlib.event.key import Key
from minerlib.event.order import TICK, Message, Order, events_of, given_time, readable

Ints = npt.NDArray[np.int64]
_KEYS = 200_000  # routing keys that are remembered at most


class Keys:
    """The routing keys that were met, by number, and the shapes of bodies of each kind."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.keys: list[Key] = []
        self.ticks: set[int] = set()
        self.cut: set[int] = set()  # whose source stands whole in the body
        self.named: dict[tuple[str, ...], dict[int, str]] = {}  # instances, where the key alone names them
        self.shapes = Shapes()

    def codes(self, messages: Sequence[Message]) -> list[int]:
        """The number of each message's key."""
        numbers = self.numbers
        try:
            return [numbers[message.key] for message in messages]
        except KeyError:
            return [numbers[m.key] if m.key in numbers else self._add(m.key) for m in messages]

    def _add(self, key: str) -> int:
        number = self.numbers[key] = len(self.keys)
        self.keys.append(readable(key))
        if self.keys[-1].kind == TICK:
            self.ticks.add(number)
        if "~" in self.keys[-1].source:
            self.cut.add(number)
        return number

    @property
    def crowded(self) -> bool:
        """Whether it is time to begin anew."""
        return len(self.keys) > _KEYS


class Read(NamedTuple):
    """Messages of one kind, each of which is one readable event said once: places, times, fields by name; and the places
    of those that have to be read as events, repeats among them."""

    places: Ints
    codes: Ints
    time: Ints
    columns: dict[str, Column]
    odd: list[int]


class Messages:
    """Messages in the order of their stream, with what `order` makes of them."""

    def __init__(self, order: Order, messages: Sequence[Message], keys: Keys) -> None:
        self.messages, self.keys, self.codes = messages, keys, keys.codes(messages)
        self.repeats: set[int] = set()
        self._first = 0  # of those at which the clock is known
        self._clocks = self._follow(order)
        self.epoch, self.clock = order.epoch, order.clock or 0
        self._events: list[Event] | None = None
        self._read: dict[tuple[str, tuple[str, ...]], Read] = {}

    def _follow(self, order: Order) -> list[tuple[int, int]]:
        """Let the order hear what moves it: places, and the clock from each of them on."""
        ticks, codes = self.keys.ticks, self.codes
        matter = [place for place, message in enumerate(self.messages) if message.message_id]
        if not ticks.isdisjoint(codes):
            matter = sorted({*matter, *(place for place, code in enumerate(codes) if code in ticks)})
        clocks = [(0, order.clock or 0)]
        known = order.clock is not None
        if not known:
            self._first = len(codes)
        for place in matter:
            if order.hear(self.messages[place], codes[place] in ticks):
                self.repeats.add(place)
            if order.clock is not None and order.clock != clocks[-1][1]:
                clocks.append((place, order.clock))
            if not known and order.clock is not None:
                self._first, known = place, True
        return clocks

    @cached_property
    def seen(self) -> Ints:
        """The stream's clock at each message."""
        found = np.empty(len(self.codes), np.int64)
        for place, clock in self._clocks:
            found[place:] = clock
        return found

    @cached_property
    def offsets(self) -> Ints:
        """The offset of each message."""
        return np.array([message.offset for message in self.messages], np.int64)

    @cached_property
    def kinds(self) -> set[str]:
        """The kinds that occur."""
        keys = self.keys.keys
        return {keys[code].kind for code in set(self.codes)}

    def events(self) -> list[Event]:
        """All events, in order."""
        if self._events is None:
            self._events = self.events_at(range(len(self.codes)))
        return self._events

    def events_at(self, places: Sequence[int]) -> list[Event]:
        """The events of the messages at some places, in order."""
        keys, codes, seen = self.keys.keys, self.codes, self.seen.tolist()
        return [
            event
            for place in places
            if place >= self._first
            for event in events_of(
                self.messages[place], keys[codes[place]], seen[place], self.epoch, place in self.repeats
            )
        ]

    def read(self, kind: str, fields: tuple[str, ...]) -> Read:
        """The messages of a kind, and these fields of them."""
        asked = kind, fields
        if asked not in self._read:
            self._read[asked] = self._columns(kind, fields)
        return self._read[asked]

    def places_of(self, kind: str) -> list[int]:
        """The places of the messages of a kind."""
        wanted = [key.kind == kind for key in self.keys.keys]
        return [place for place, code in enumerate(self.codes) if wanted[code]]

    def _columns(self, kind: str, fields: tuple[str, ...]) -> Read:
        places = self.places_of(kind)
        apart: set[int] = set()
        if self.repeats or self._first or not self.keys.cut.isdisjoint(self.codes):
            cut = self.keys.cut
            apart = {p for p in places if p in self.repeats or p < self._first or self.codes[p] in cut}
            places = [place for place in places if place not in apart]
        bodies = [self.messages[place].body for place in places]
        odd, time, columns = self.keys.shapes.read(kind, bodies, fields)
        if odd:
            apart |= {places[at] for at in odd}
            places = [place for place in places if place not in apart]
        at = np.array(places, np.int64)
        codes = np.array(self.codes, np.int64)[at]
        if time.unknown is not None:
            given = [given_time(self.messages[places[n]].timestamp) for n in np.flatnonzero(time.unknown).tolist()]
            seen = self.seen[at[time.unknown]]
            time.moments[time.unknown] = [
                clock if moment is None else moment for moment, clock in zip(given, seen.tolist(), strict=True)
            ]
        return Read(at, codes, time.moments, columns, sorted(apart))
