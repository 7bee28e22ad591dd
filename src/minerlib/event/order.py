"""The order of a stream: its clock, its epoch and its repeats, as a fold over messages.

Every reader of a stream folds the same messages, so every reader agrees on what each event's `seen`,
`epoch` and `repeat` are: nothing here asks a wall clock.
"""

import hashlib
from typing import Any, NamedTuple

import msgspec

from minerlib.event.body import field, read_parts
from minerlib.event.event import Event
from minerlib.event.key import LOCAL, UNREADABLE, Key, split_key, whole_source
from minerlib.event.moment import HOUR, MINUTE, read_time

TICK = "tick"
_ID = "minerlib/"
UNROUTED = "unrouted"


class Message(msgspec.Struct, frozen=True):
    """A message of a stream as the broker gave it: offset, routing key, body, properties."""

    offset: int
    key: str
    body: bytes
    message_id: str | None = None
    timestamp: int | None = None

    def digest(self) -> str:
        """32 hex digits by which a reader recognises the message at an offset it stored."""
        said = hashlib.blake2b(self.body, digest_size=16, person=b"minerlib")
        said.update(f"\0{self.key}\0{self.message_id or ''}".encode())
        return said.hexdigest()


class Position(NamedTuple):
    """Where a reader has come to: the last message it took, that message's digest, and the order as JSON."""

    epoch: str
    offset: int
    digest: str
    order: str


class Order(msgspec.Struct):
    """Where a reader of a stream is: the state of the fold, whole; it can be stored and read as JSON.

    `clock` is the highest accepted tick in microseconds, `doubted` a tick too far ahead to be believed alone,
    `highs` the numbers each publisher said in the last hour of clock that may still matter.
    """

    clock: int | None = None
    epoch: str = ""
    doubted: int | None = None
    highs: dict[str, list[tuple[int, int]]] = {}

    def read(self, message: Message) -> list[Event]:
        """The events of the next message. Empty only before the first tick, where `seen` has no meaning yet."""
        key = readable(message.key)
        repeat = self.hear(message, key.kind == TICK)
        return [] if self.clock is None else events_of(message, key, self.clock, self.epoch, repeat)

    def hear(self, message: Message, tick: bool) -> bool:
        """Take the next message in without reading its events; whether it was said before."""
        repeat = False
        if message.message_id and message.message_id.startswith(_ID):
            repeat = self._said_before(message.message_id[len(_ID) :])
        if tick and not repeat:
            self._tick(read_parts(message.body)[0].body)
        return repeat

    def _tick(self, body: Any) -> None:
        time = read_time(field(body, "time"))
        if time is None:
            return
        if not self.epoch and isinstance(said := field(body, "epoch"), str):
            self.epoch = said
        if self.clock is None or time <= self.clock + MINUTE:
            self.clock = max(self.clock or time, time)
            self.doubted = None
        elif self.doubted is not None and abs(time - self.doubted) <= MINUTE:
            self.clock = max(time, self.doubted)
            self.doubted = None
        else:
            self.doubted = time

    def _said_before(self, name: str) -> bool:
        """Whether a numbered message is a repeat; remembers it. Kept as falling numbers, oldest first."""
        publisher, _, digits = name.rpartition(":")
        if not publisher or not digits.isascii() or not digits.isdigit():
            return False
        number, clock = int(digits), self.clock or 0
        highs = [high for high in self.highs.get(publisher, ()) if high[1] >= clock - HOUR]
        if publisher == UNROUTED:  # several hosts republish these in no order: only an equal one is a repeat
            repeat = any(number == said for said, _ in highs)
        else:
            repeat = bool(highs) and number <= highs[0][0]
            while highs and highs[-1][0] <= number:
                highs.pop()
        highs.append((number, clock))
        self.highs[publisher] = highs
        return repeat

    def to_json(self) -> str:
        """The state as text; publishers silent for an hour of clock are left out, which changes nothing."""
        clock = self.clock or 0
        self.highs = {name: highs for name, highs in self.highs.items() if highs[-1][1] >= clock - HOUR}
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Order":
        return msgspec.json.decode(text, type=cls)


def readable(key: str) -> Key:
    """Scope, source and kind of a routing key, also where it says none."""
    return split_key(key) or Key(LOCAL, "unknown", UNREADABLE)


def events_of(message: Message, key: Key, clock: int, epoch: str, repeat: bool) -> list[Event]:
    """The events that a message is, where the stream's clock stands at `clock`."""
    company, system, environment = key.scope.split(".")
    given = given_time(message.timestamp)
    events: list[Event] = []
    for number, (body, raw) in enumerate(read_parts(message.body)):
        time = read_time(body.get("time")) if isinstance(body, dict) else None
        if time is None:
            time = clock if given is None else given
        events.append(
            Event(
                time=time, seen=clock, epoch=epoch, offset=message.offset, part=number,
                company=company, system=system, environment=environment,
                source=whole_source(key.source, body) if "~" in key.source else key.source,
                kind=key.kind, body=body, raw=raw, repeat=repeat,
            )
        )  # fmt: skip
    return events


def given_time(timestamp: int | None) -> int | None:
    """The time that a message's properties give; any of 64 bits may be set in it."""
    return read_time(timestamp) if timestamp else None
