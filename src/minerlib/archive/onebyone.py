"""Bodies taken into columns one after another: a look at each value. What columns hold is said in columns.py."""

from collections.abc import Iterable
from typing import Any

import msgspec
import polars as pl

from minerlib.archive.columns import ABSENT, DTYPES, EXACT, MOST, RESERVED, Types, column_of
from minerlib.event.body import DEPTH

_FITS = {float: float, int: float, str: str, bool: bool}
_encode = msgspec.json.Encoder().encode

Path = tuple[str, ...]


class Columns:
    """Bodies of one kind taken in one after another, as the columns they become.

    `known` are the columns there are, with their types (float, str, bool); `columns` gains a list for each field
    met, `types` the new ones; `rest` has a line for each body.
    """

    def __init__(self, known: Types, size: int) -> None:
        self.types = dict(known)
        self.columns: dict[str, list[Any]] = {}
        self.rest: list[str | None] = [None] * size
        self._size = size
        self._slots: dict[str, tuple[type, list[Any]] | None] = {}
        self._flat: dict[str, tuple[type, list[Any]]] = {}  # those of names without dots
        self._folded = {name.casefold(): name for name in (*known, *RESERVED)}

    def frame(self) -> pl.DataFrame:
        """A column a field met, and `rest`."""
        found = [pl.Series(name, v, dtype=DTYPES[self.types[name]]) for name, v in self.columns.items()]
        return pl.DataFrame([*found, pl.Series("rest", self.rest, dtype=pl.String)])

    def take(self, row: int, body: Any) -> None:
        """Put a body into a row."""
        if body is ABSENT:
            return
        if not isinstance(body, dict):
            self.rest[row] = _encode(body).decode()
            return
        left: dict[str, Any] = {}
        flat = self._flat
        for name, value in body.items():
            slot = flat.get(name)
            if slot is not None and slot[0] is type(value):
                slot[1][row] = value
            elif "." in name or (isinstance(value, dict) and value):
                self._take_nested(row, body)
                return
            elif not self._put(row, name, value):
                left[name] = value
        if left:
            self.rest[row] = _encode({"": body} if "" in left else left).decode()

    def _take_nested(self, row: int, body: dict[str, Any]) -> None:
        """The same for a body that has objects in it, or names with dots."""
        left: dict[str, Any] = {}
        odd: list[Path] = []
        leaves = list(_leaves(body, ()))
        names: set[str] = set()
        for path, value in leaves:
            name = path[0] if len(path) == 1 else ".".join(path)
            if name.count(".") != len(path) - 1:
                odd.append(path)
            names.add(name)
            if not self._put(row, name, value):
                left[name] = value
        if len(names) < len(leaves) or "" in left:  # two fields of one name: the columns do not tell which was where
            left = {"": body}
        elif odd:
            left[""] = odd
        if left:
            self.rest[row] = _encode(left).decode()

    def _put(self, row: int, name: str, value: Any) -> bool:
        """Whether a value went into a column, as it is."""
        fits = _FITS.get(type(value))
        if fits is None or (type(value) is int and not -EXACT <= value <= EXACT):
            return False
        slot = self._slots[name] if name in self._slots else self._open(name, fits)
        if slot is None or slot[0] is not fits:
            return False
        slot[1][row] = float(value) if fits is float else value
        return True

    def _open(self, name: str, fits: type) -> tuple[type, list[Any]] | None:
        """The type and the values of a field's column, which is new or not; None where it cannot have one."""
        column = column_of(name)
        slot = None
        if column is not None and self._folded.get(column.casefold(), column) == column:
            if column not in self.types and len(self.types) < MOST:
                self._folded[column.casefold()] = column
                self.types[column] = fits
            if self.types.get(column) in DTYPES:  # a column of others may have another type
                slot = self.types[column], self.columns.setdefault(column, [None] * self._size)
        self._slots[name] = slot
        if slot and "." not in name:
            self._flat[name] = slot
        return slot


def _leaves(body: dict[str, Any], path: Path) -> Iterable[tuple[Path, Any]]:
    for name, value in body.items():
        if isinstance(value, dict) and value and len(path) < DEPTH:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value
