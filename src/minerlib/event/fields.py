"""Fields of many bodies at once. Each kind has a shape, the fields its bodies turned out to have, so that all of a body
is decoded, and is readable or not, as it would be alone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from minerlib.event.body import DEEPEST, NO_JSON, too_deep
from minerlib.event.moment import SECOND, read_time
from minerlib.event.read import Column, Index, Ints

_WIDE = 200  # fields a shape has at most; kinds with more are decoded one by one
_SAFE = 1e11  # seconds; see `read_time`


class Times(NamedTuple):
    """Moments in microseconds, and which of them no body said, where there are any."""

    moments: Ints
    unknown: npt.NDArray[np.bool_] | None


class Bodies:
    """Decoded bodies, and under which number each field of theirs stands."""

    def __init__(self, bodies: list[Any], names: dict[str, int]) -> None:
        self.bodies, self.names = bodies, names
        self._columns: dict[str, Column] = {}
        self._indexes: dict[str, Index] = {}

    def column(self, name: str) -> Column:
        """The values of a field; None where a body has none."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def numbers(self, name: str) -> None:
        """Nothing is known of what producers say."""

    def objects(self, name: str) -> list[int]:
        """Columns tell."""
        return []

    def index(self, name: str) -> Index:
        """Where which values of a field are."""
        if name not in self._indexes:
            self._indexes[name] = Index(self.column(name))
        return self._indexes[name]

    def _column(self, name: str) -> Column:
        number = self.names.get(name)
        if number is None:
            return [None] * len(self.bodies)
        try:
            return [getattr(body, f"f{number}") for body in self.bodies]
        except AttributeError:  # of a body that was decoded before any had this field
            return [getattr(body, f"f{number}", None) for body in self.bodies]


class Shapes:
    """The shapes of bodies by kind, learnt from them."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, int]] = {}
        self._decoders: dict[str, Any] = {}

    def names(self, kind: str) -> dict[str, int]:
        """The fields of a kind, by number; `time` is the first."""
        return self._names.setdefault(kind, {"time": 0})

    def read(self, kind: str, bodies: Sequence[bytes]) -> tuple[list[Any], list[int]]:
        """The bodies that are one readable JSON object, and the places of the others."""
        decode = self._decoder(kind)
        if max(map(len, bodies), default=0) > 2 * DEEPEST and any(map(too_deep, bodies)):
            return self._one_by_one(kind, bodies)
        try:
            return [decode(body) for body in bodies], []
        except NO_JSON:
            return self._one_by_one(kind, bodies)

    def _one_by_one(self, kind: str, bodies: Sequence[bytes]) -> tuple[list[Any], list[int]]:
        """The same where some do not fit: shapes grow."""
        read: list[Any] = []
        odd: list[int] = []
        for place, body in enumerate(bodies):
            if too_deep(body):
                odd.append(place)
                continue
            try:
                read.append(self._decoder(kind)(body))
                continue
            except NO_JSON:
                pass
            try:
                whole = msgspec.json.decode(body)
                if isinstance(whole, dict) and len(self.names(kind)) + len(whole) <= _WIDE:
                    for name in whole:
                        self._learn(kind, name)
                    read.append(self._decoder(kind)(body))
                    continue
            except NO_JSON:
                pass
            odd.append(place)
        return read, odd

    def _learn(self, kind: str, name: str) -> None:
        names = self.names(kind)
        if name not in names:
            names[name] = len(names)
            self._decoders.pop(kind, None)

    def _decoder(self, kind: str) -> Any:
        if kind not in self._decoders:
            names = self.names(kind)
            shape = msgspec.defstruct(
                "Body", [(f"f{number}", Any, None) for number in names.values()],
                rename={f"f{number}": name for name, number in names.items()},
                forbid_unknown_fields=True, gc=False,
            )  # fmt: skip
            self._decoders[kind] = msgspec.json.Decoder(shape).decode
        return self._decoders[kind]


def times(said: list[Any]) -> Times:
    """What producers wrote as time, of many at once; as `read_time` says it of each."""
    types = set(map(type, said))
    if types == {float}:
        seconds = np.array(said)
        if bool(((seconds > 0) & (seconds < _SAFE)).all()):
            return Times(np.rint(seconds * SECOND).astype(np.int64), None)
    moments = [read_time(each) for each in said]
    unknown = np.array([moment is None for moment in moments], np.bool_)
    return Times(np.array([moment or 0 for moment in moments], np.int64), unknown if unknown.any() else None)


def earliest(said: list[Any]) -> int:
    """A moment that none of what producers wrote as time lies before; far back where that is not known."""
    if said and set(map(type, said)) == {float} and 0 < (first := min(said)) < _SAFE:
        return int(first * SECOND) - 1
    return 0 if said else 2**62
