"""The state of a rule on a stream: data that can be stored, compared and read again."""

from typing import Any

import msgspec

from minerlib.errors import StreamError

LAYOUT = 1  # of the bytes; the first of them
COUNTS = ("selected", "late", "future", "null", "repeat", "fault")
FAULTS = 100  # faults kept until somebody takes them; more are only counted
Position = tuple[int, int]


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """An event that could not be evaluated: where it stands, which field, and what is wrong with it."""

    offset: int
    part: int
    field: str
    said: str


class Pane(msgspec.Struct, array_like=True):
    """What one step of a window holds: events, values, their sum added one by one, the ends, the outer positions."""

    index: int
    events: int
    count: int
    sum: float
    low: float
    high: float
    first: Position
    last: Position


class Instance(msgspec.Struct, array_like=True):
    """One thing a rule watches. `firing` is the level it fires at (-1: none), `held[i]` since when level `i` has held,
    `clearing` since when `clear` has; `last` the time of its last event; `missing` since when it is missed, and
    `missed` whether that is why it fires. `due` is its next window, `ordinal` counts its transitions at `said`;
    `primed` is the clock at which it was firing when the rule began."""

    held: list[int | None]
    last: int
    firing: int = -1
    clearing: int | None = None
    missing: int | None = None
    missed: bool = False
    due: int | None = None
    panes: list[Pane] = []
    said: int = 0
    ordinal: int = 0
    primed: int | None = None


class Waiting(msgspec.Struct, array_like=True, order=True):
    """A selected event that the clock has not reached yet: time, position, instance, value (None: no observation)."""

    time: int
    offset: int
    part: int
    key: str
    value: float | None


class State(msgspec.Struct):
    """All that a rule remembers of one stream and epoch.

    `counts` says how many events were selected, late, future, null, repeat, fault; `late` how many were late by source.
    `agenda` is a heap of (time, 0 window or 1 expiry, instance).
    """

    stream: str
    epoch: str
    clock: int = 0
    number: int = 0
    waiting: list[Waiting] = []
    agenda: list[tuple[int, int, str]] = []
    instances: dict[str, Instance] = {}
    counts: dict[str, int] = {}
    late: dict[str, int] = {}
    faults: list[Fault] = []

    @classmethod
    def fresh(cls, stream: str = "local.lab.dev", epoch: str = "") -> "State":
        """The state before the first event of `stream` (a scope) in `epoch`."""
        return cls(stream, epoch, counts=dict.fromkeys(COUNTS, 0))

    def take_faults(self) -> list[Fault]:
        """The newest faults not taken before, at most 100."""
        found, self.faults = self.faults, []
        return found

    def to_bytes(self) -> bytes:
        """The whole of it; `from_bytes` gives an equal state."""
        return bytes([LAYOUT]) + msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "State":
        """The state that was stored. Raises StreamError where another version of minerlib stored it."""
        if data[:1] != bytes([LAYOUT]):
            raise StreamError(
                "The stored state of a rule comes from another version of minerlib: remove the node's checkpoints, and "
                "its rules begin anew, primed with the past."
            )
        return msgspec.msgpack.decode(memoryview(data)[1:], type=cls)


def instance_of(key: str, by: tuple[str, ...]) -> dict[str, Any]:
    """The names and values that a key stands for."""
    return dict(zip(by, msgspec.json.decode(key), strict=True))
