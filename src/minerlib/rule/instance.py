"""One thing a rule watches, and what is remembered of it."""

from typing import Any, NamedTuple

import msgspec

WAKES = {1: "expires", 2: "retires", 3: "settles"}  # the field of an instance that says when it is on the agenda
Position = tuple[int, int]


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


def instance_of(key: str, by: tuple[str, ...]) -> dict[str, Any]:
    """The names and values that a key stands for; nothing where it is that of the whole stream."""
    if not key:
        return {}
    return dict(zip(by, msgspec.json.decode(key), strict=True))
