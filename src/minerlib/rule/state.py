"""The state of a rule on a stream: data that can be stored, compared and read again."""

import heapq
from typing import Any

import msgspec

from minerlib.errors import StreamError
from minerlib.rule import stored
from minerlib.rule.instance import WAKES, Instance, Silence, Voice
from minerlib.rule.intake import Intake
from minerlib.rule.marks import Marks
from minerlib.rule.rows import Slots

LAYOUT = 3  # of the bytes; the first of them
COUNTS: tuple[str, ...] = ("selected", "late", "future", "null", "repeat", "fault", "beyond")
FAULTS = 100  # faults kept until somebody takes them; more are only counted
SOURCES = 1_000  # of late events that are counted by name


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """An event that could not be evaluated: where it stands, which field, and what is wrong with it."""

    offset: int
    part: int
    field: str
    said: str


class State(msgspec.Struct):
    """All that a rule remembers of one stream and epoch.

    `intake` holds the events that wait, the panes of windows, and when each instance was last heard of. `counts` says
    how many events were selected, late, future, null, repeat, fault, and beyond a bound; `late` how many were late by
    source. `agenda` is a heap of (time, what, instance); an entry counts while the instance names that time itself.
    `latest` is the time of the newest event of any instance, `gone` what was said of instances that were forgotten at
    this very moment, `full` whether the rule watches as many as it may. `window` is the end of the newest window that
    was looked at, `restless` whether one of nothing would have changed anything. `marks` are worked out anew.
    """

    stream: str
    epoch: str
    clock: int = 0
    number: int = 0
    intake: Intake = msgspec.field(default_factory=lambda: Intake(Slots([])))
    agenda: list[tuple[int, int, str]] = []
    instances: dict[str, Instance] = {}
    counts: dict[str, int] = {}
    late: dict[str, int] = {}
    latest: int = 0
    silence: Silence | None = None
    voice: Voice = msgspec.field(default_factory=Voice)
    gone: dict[str, Voice] = {}
    gone_at: int = 0
    full: bool = False
    faults: list[Fault] = []
    window: int = 0
    restless: bool = False
    marks: Marks | None = None

    @classmethod
    def fresh(cls, stream: str = "local.lab.dev", epoch: str = "") -> "State":
        """The state before the first event of `stream` (a scope) in `epoch`."""
        return cls(stream, epoch, counts=dict.fromkeys(COUNTS, 0))

    def wake(self, time: int, what: int, key: str) -> None:
        """Put an instance on the agenda: it is missed (1), forgotten (2) or let go (3)."""
        setattr(self.instances[key], WAKES[what], time)
        heapq.heappush(self.agenda, (time, what, key))

    def last(self, key: str) -> int:
        """The time of the newest event of an instance."""
        return int(self.intake.last[self.intake.slots.at[key]])

    def fault(self, offset: int, part: int, field: str, said: str) -> None:
        """Remember a fault until somebody takes it."""
        self.faults = [*self.faults, Fault(offset, part, field, said)][-FAULTS:]

    def take_faults(self) -> list[Fault]:
        """The newest faults not taken before, at most 100."""
        found, self.faults = self.faults, []
        return found

    def to_bytes(self) -> bytes:
        """The whole of it; `from_bytes` gives an equal state."""
        own, intake = self.to_parts()
        return own + intake + len(own).to_bytes(8)

    @classmethod
    def from_bytes(cls, data: bytes) -> "State":
        """The state that was stored. Raises StreamError where another version of minerlib stored it."""
        size = int.from_bytes(data[-8:])
        return cls.from_parts(data[:size], data[size:-8])

    def to_parts(self) -> tuple[bytes, bytes]:
        """The same in two parts, the second of which is equal for rules that take in the same."""
        return bytes([LAYOUT]) + _encode(self), stored.to_bytes(self.intake)

    @classmethod
    def from_parts(cls, own: bytes, intake: bytes) -> "State":
        """The state that was stored in two parts. Raises StreamError where another version of minerlib stored it."""
        if own[:1] != bytes([LAYOUT]):
            raise StreamError(
                "The stored state of a rule comes from another version of minerlib: remove the node's checkpoints, and "
                "its rules begin anew, primed with the past."
            )
        state = _decode(memoryview(own)[1:])
        state.intake = stored.from_bytes(intake)
        return state


def _nothing(what: Any) -> None:
    """Intakes and marks are not stored here."""


def _fresh(kind: type, found: Any) -> Intake:
    return Intake(Slots([]))


_encode = msgspec.msgpack.Encoder(enc_hook=_nothing).encode
_decode = msgspec.msgpack.Decoder(State, dec_hook=_fresh).decode
