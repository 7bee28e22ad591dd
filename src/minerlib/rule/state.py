"""The state of a rule on a stream: data that can be stored, compared and read again."""

import heapq
from typing import Any, NamedTuple

import msgspec

from minerlib.errors import StreamError
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Slots
from minerlib.rule.stored import read_intake, stored_intake

LAYOUT = 3  # of the bytes; the first of them
COUNTS: tuple[str, ...] = ("selected", "late", "future", "null", "repeat", "fault", "beyond")
FAULTS = 100  # faults kept until somebody takes them; more are only counted
WAKES = {1: "expires", 2: "retires", 3: "settles"}  # the field of an instance that says when it is on the agenda
SOURCES = 1_000  # of late events that are counted by name
Position = tuple[int, int]


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """An event that could not be evaluated: where it stands, which field, and what is wrong with it."""

    offset: int
    part: int
    field: str
    said: str


class Taken(NamedTuple):
    """An event of an instance where it counts: its time, its position, its value (None: no observation)."""

    time: int
    offset: int
    part: int
    key: str = ""
    value: float | str | None = None


class Voice(msgspec.Struct, array_like=True, gc=False):
    """What was said last: `ordinal` counts the transitions at `said`; `primed` is the clock at which it was firing when
    the rule began."""

    said: int = 0
    ordinal: int = 0
    primed: int | None = None

    def counts_at(self, time: int) -> bool:
        """Whether something was said, or may have been, that is due at `time` or later."""
        return max(self.said, self.primed or 0) >= time


class Instance(msgspec.Struct, array_like=True, gc=False):
    """One thing a rule watches.

    `firing` is the level it fires at (-1: none), `held[i]` since when level `i` has held, `clearing` since when `clear`
    has. `missing` is since when it is unknown, `missed` whether that is why it fires, `quiet` whether nothing was said
    of it. `expires`, `retires` and `settles` are the times at which it is missed, forgotten and let go. `turns` are the
    times and levels of its latest would-be transitions, `latched` the level it is latched at (-1: it is not) and
    `turned` its latest would-be transition since.
    """

    held: list[int | None]
    firing: int = -1
    clearing: int | None = None
    missing: int | None = None
    missed: bool = False
    quiet: bool = False
    expires: int | None = None
    retires: int | None = None
    settles: int | None = None
    turns: list[tuple[int, int, bool]] = []
    latched: int = -1
    turned: int = 0
    voice: Voice = msgspec.field(default_factory=Voice)


class Silence(msgspec.Struct, array_like=True):
    """Since when the whole stream is silent, and whether that was said."""

    since: int
    said: bool = True


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
    marks: Any = None

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
        return bytes([LAYOUT]) + _encoder(self).encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "State":
        """The state that was stored. Raises StreamError where another version of minerlib stored it."""
        if data[:1] != bytes([LAYOUT]):
            raise StreamError(
                "The stored state of a rule comes from another version of minerlib: remove the node's checkpoints, and "
                "its rules begin anew, primed with the past."
            )
        return msgspec.msgpack.decode(memoryview(data)[1:], type=cls, dec_hook=lambda _, found: read_intake(found))


def _encoder(state: State) -> msgspec.msgpack.Encoder:
    def hook(what: Any) -> Any:
        return stored_intake(what, state.instances) if isinstance(what, Intake) else None

    return msgspec.msgpack.Encoder(enc_hook=hook)


def instance_of(key: str, by: tuple[str, ...]) -> dict[str, Any]:
    """The names and values that a key stands for; nothing where it is that of the whole stream."""
    if not key:
        return {}
    return dict(zip(by, msgspec.json.decode(key), strict=True))
