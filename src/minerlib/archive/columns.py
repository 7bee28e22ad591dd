"""Bodies as columns: numbers are Float64, then text and truth; what does not fit a column exactly goes to `rest`.

A column takes the type that came first. Another type, a null, a list, an empty object, an integer beyond 2**53, a name
that differs from a column's only in case, or one too many, stand in `rest`: JSON text, an object of such fields by
dotted name, or the whole body where that is no object. So every body can be had back.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import polars as pl

from minerlib.event.body import flatten

TIME = pl.Datetime("us", "UTC")
EVENT: dict[str, pl.DataType | type[pl.DataType]] = {
    "time": TIME, "seen": TIME, "epoch": pl.String, "offset": pl.Int64, "part": pl.Int32,
    "company": pl.String, "system": pl.String, "environment": pl.String, "source": pl.String, "kind": pl.String,
}  # fmt: skip
TAIL: dict[str, pl.DataType | type[pl.DataType]] = {"rest": pl.String, "raw": pl.Binary, "repeat": pl.Boolean}
RESERVED = {*EVENT, *TAIL, "date"}
MOST = 1000  # columns of one kind
_EXACT = 2**53
_TYPES = {float: pl.Float64, str: pl.String, bool: pl.Boolean}
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

Types = dict[str, type]


def to_columns(bodies: Iterable[Any], known: Types) -> tuple[dict[str, list[Any]], list[str | None], Types]:
    """The columns of bodies, their `rest`, and the types of all columns: those `known` and those that are new."""
    bodies = list(bodies)
    types = dict(known)
    folded = {name.casefold(): name for name in (*types, *RESERVED)}
    columns: dict[str, list[Any]] = {name: [None] * len(bodies) for name in types}
    rests: list[str | None] = []
    for row, body in enumerate(bodies):
        if body is ABSENT:
            rests.append(None)
            continue
        if not isinstance(body, dict):
            rests.append(_encode(body).decode())
            continue
        left: dict[str, Any] = {}
        fields = flatten(body)
        if any("." in name for name in body) and unflatten(fields.items()) != body:
            left.update(_shadowed(body, fields))
        for name, value in fields.items():
            column = column_name(name)
            found = _fitting(value)
            if column is None or found is None:
                left[name] = value
                continue
            typ = types.get(column)
            if typ is None:
                if len(types) >= MOST or folded.setdefault(column.casefold(), column) != column:
                    left[name] = value
                    continue
                types[column] = typ = found
                columns[column] = [None] * len(bodies)
            if typ is found:
                columns[column][row] = float(value) if found is float else value
            else:
                left[name] = value
        rests.append(_encode(left).decode() if left else None)
    return columns, rests, types


class _Absent:
    """There is no body: the event is raw."""


ABSENT = _Absent()


def column_name(field: str) -> str | None:
    """The column of a field; None where it has none. Fields named like an event's columns become `body.<name>`."""
    if field.casefold() in RESERVED:
        return f"body.{field}"
    if not field or field.casefold().removeprefix("body.") in RESERVED:
        return None
    return field


def field_name(column: str) -> str:
    """The field of a column."""
    return column.removeprefix("body.") if column.casefold().removeprefix("body.") in RESERVED else column


def body_of(columns: Mapping[str, Any], rest: str | None) -> Any:
    """The body that columns and `rest` came from, integers as floats where they stood in a column."""
    left = _decode(rest) if rest is not None else {}
    if not isinstance(left, dict):
        return left
    fields = [(field_name(name), value) for name, value in columns.items() if value is not None]
    return unflatten([*fields, *left.items()])


def unflatten(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Nested objects from dotted names; a name that cannot be nested any more stays as it is."""
    body: dict[str, Any] = {}
    for name, value in fields:
        *path, last = name.split(".")
        at = body
        for word in path:
            inner = at.setdefault(word, {})
            if not isinstance(inner, dict):
                break
            at = inner
        else:
            if last not in at:
                at[last] = value
                continue
        body[name] = value
    return body


def dtypes(types: Types) -> dict[str, pl.DataType | type[pl.DataType]]:
    """The Polars schema of a kind whose fields have these types."""
    return {**EVENT, **{name: _TYPES[typ] for name, typ in types.items()}, **TAIL}


def known_types(schema: Mapping[str, Any]) -> Types:
    """The types of the fields in a Polars schema of a kind."""
    back = {dtype: typ for typ, dtype in _TYPES.items()}
    return {name: back[dtype] for name, dtype in schema.items() if name not in RESERVED}


def _fitting(value: Any) -> type | None:
    if isinstance(value, bool):
        return bool
    if isinstance(value, (int, float)):
        return float if isinstance(value, float) or -_EXACT <= value <= _EXACT else None
    return str if isinstance(value, str) else None


def _shadowed(body: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    """Nested fields whose dotted name stands in the body as a plain one too: the objects that hold them."""
    return {
        name: value
        for name, value in body.items()
        if isinstance(value, dict) and any(f"{name}.{inner}" in body for inner in flatten(value))
    }
