"""Bodies as columns: numbers are Float64, then text and truth; what does not fit a column exactly goes to `rest`.

A column takes the type that came first. Another type, a null, a list, an empty object, an integer beyond 2**53, a name
that differs from a column's only in case or holds a NUL, and one column too many stand in `rest`, so that every body
can be had back:

    {"used": 3, "tags": ["a"]}      used = 3.0       rest = {"tags": ["a"]}
    {"cpu": {"user": 3}}            cpu.user = 3.0   rest = null
    {"cpu.user": 3}                 cpu.user = 3.0   rest = {"": [["cpu.user"]]}     a path whose names hold dots
    {"a.b": 1, "a": {"b": 2}}       a.b = 1.0        rest = {"": {"a.b": 1, "a": {"b": 2}}}    the body, whole
    [1, 2]                                           rest = [1, 2]                   a body that is no object
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from minerlib.event.body import DEPTH

TIME = pl.Datetime("us", "UTC")
Dtype = pl.DataType | type[pl.DataType]
EVENT: dict[str, Dtype] = {
    "time": TIME, "seen": TIME, "epoch": pl.String, "offset": pl.Int64, "part": pl.Int32,
    "company": pl.String, "system": pl.String, "environment": pl.String, "source": pl.String, "kind": pl.String,
}  # fmt: skip
TAIL: dict[str, Dtype] = {"rest": pl.String, "raw": pl.Binary, "repeat": pl.Boolean}
RESERVED = frozenset({*EVENT, *TAIL, "date"})
MOST = 1000  # columns of one kind
_EXACT = 2**53
_DTYPES: dict[type, Dtype] = {float: pl.Float64, str: pl.String, bool: pl.Boolean}
_FITS = {float: float, int: float, str: str, bool: bool}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Types = dict[str, type]
Path = tuple[str, ...]


class Absent:
    """There is no body: the event is raw."""


ABSENT = Absent()


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
        if fits is None or (type(value) is int and not -_EXACT <= value <= _EXACT):
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
            if column in self.types:
                slot = self.types[column], self.columns.setdefault(column, [None] * self._size)
        self._slots[name] = slot
        if slot and "." not in name:
            self._flat[name] = slot
        return slot


def column_of(field: str) -> str | None:
    """The column of a field; None where it has none. A field named like an event's column becomes `body.<name>`."""
    if field.casefold() in RESERVED:
        return f"body.{field}"
    if not field or field.casefold().removeprefix("body.") in RESERVED:
        return None
    if "\0" in field:  # Arrow hands names over as C strings, and deltalake aborts the process
        return None
    return field


def field_of(column: str) -> str:
    """The field of a column."""
    plain = column.removeprefix("body.")
    return plain if plain.casefold() in RESERVED else column


def bodies_of(columns: Mapping[str, Sequence[Any]], rests: Sequence[str | None]) -> list[Any]:
    """The bodies that columns and `rest` came from; an integer that stood in a column comes back as a float.

    >>> bodies_of({"cpu.user": [3.0], "body.time": ["now"]}, ['{"tags":["a"]}'])
    [{'tags': ['a'], 'time': 'now', 'cpu': {'user': 3.0}}]
    """
    flat = [(field_of(name), values) for name, values in columns.items()]
    plain = [(name, values) for name, values in flat if "." not in name]
    nested = [(name, name.split("."), values) for name, values in flat if "." in name]
    bodies: list[Any] = []
    for row, rest in enumerate(rests):
        left: Any = _decode(rest) if rest is not None else {}
        if not isinstance(left, dict):
            bodies.append(left)
            continue
        odd = left.pop("", ())
        if isinstance(odd, dict):
            bodies.append(odd)
            continue
        paths = {".".join(path): path for path in odd}
        body: dict[str, Any] = {}
        for name, value in left.items():
            _set(body, paths.get(name) or name.split("."), value)
        for name, values in plain:
            if values[row] is not None:
                body[name] = values[row]
        for name, path, values in nested:
            if values[row] is not None:
                _set(body, paths.get(name) or path if paths else path, values[row])
        bodies.append(body)
    return bodies


def dtypes(types: Types) -> dict[str, Dtype]:
    """The Polars schema of a kind whose fields have these types."""
    return {**EVENT, **{name: _DTYPES[typ] for name, typ in types.items()}, **TAIL}


def types_of(schema: Mapping[str, Any]) -> Types:
    """The types of the fields in a Polars schema of a kind; columns others may have added are not ours to fill."""
    back = {dtype: typ for typ, dtype in _DTYPES.items()}
    return {name: back.get(dtype, Absent) for name, dtype in schema.items() if name not in RESERVED}


def _leaves(body: dict[str, Any], path: Path) -> Iterable[tuple[Path, Any]]:
    for name, value in body.items():
        if isinstance(value, dict) and value and len(path) < DEPTH:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _set(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    at = body
    for name in path[:-1]:
        at = at.setdefault(name, {})
    at[path[-1]] = value
