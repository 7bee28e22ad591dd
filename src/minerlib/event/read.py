"""Events of one kind as columns, whatever they come from."""

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Column = list[Any]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Index:
    """Where which values are in a column, built once for all who look for one."""

    def __init__(self, column: Column) -> None:
        self._texts: dict[str, list[int]] = {}
        self._numbers: dict[float, list[int]] = {}
        self._others: list[int] = []
        for place, value in enumerate(column):
            if isinstance(value, str):
                self._texts.setdefault(value, []).append(place)
            elif isinstance(value, (bool, int, float)):
                self._numbers.setdefault(value, []).append(place)
            elif value is not None:
                self._others.append(place)
        self._of_texts = [place for places in self._texts.values() for place in places]
        self._of_numbers = [place for places in self._numbers.values() for place in places]

    def places(self, value: str | float | bool) -> list[int]:
        """The places of a value, and of those of other types, which may be faults; nulls are left out."""
        if isinstance(value, str):
            return sorted([*self._texts.get(value, ()), *self._of_numbers, *self._others])
        return sorted([*self._numbers.get(value, ()), *self._of_texts, *self._others])


class Columns(Protocol):
    """The fields of many bodies."""

    def column(self, name: str) -> Column:
        """The values of a field; None where a body has none."""
        ...

    def numbers(self, name: str) -> Floats | None:
        """The same where they are known to be numbers; NaN where a body has none."""
        ...

    def objects(self, name: str) -> list[int]:
        """The places of bodies in which a field is an object and `column` does not tell."""
        ...

    def index(self, name: str) -> Index:
        """Where which values of a field are."""
        ...


class Read(NamedTuple):
    """Events of one kind as columns: times, the stream's clock, positions, numbers of keys, fields."""

    time: Ints
    seen: Ints
    offset: Ints
    part: Ints
    codes: Ints
    bodies: Columns

    def some(self, places: Ints) -> "Read":
        """The events at some places."""
        return Read._make([*(column[places] for column in self[:5]), _Some(self.bodies, places)])


class _Some:
    """The fields of bodies at some places."""

    def __init__(self, bodies: Columns, places: Ints) -> None:
        self._bodies, self._places = bodies, places

    def column(self, name: str) -> Column:
        column = self._bodies.column(name)
        return [column[place] for place in self._places.tolist()]

    def numbers(self, name: str) -> Floats | None:
        numbers = self._bodies.numbers(name)
        return None if numbers is None else numbers[self._places]

    def objects(self, name: str) -> list[int]:
        inside = self._bodies.objects(name)
        return np.flatnonzero(np.isin(self._places, inside)).tolist() if inside else []

    def index(self, name: str) -> Index:
        return Index(self.column(name))
