"""The columns of a kind: those of the event, a column a field of its bodies, and `rest`.

Numbers are Float64, then text and truth; what does not fit a column exactly goes to `rest`. A column takes the type
that came first. Another type, a null, a list, an empty object, an integer beyond 2**53, a name that differs from a
column's only in case or holds a NUL, and one column too many stand in `rest`, so that every body can be had back:

    {"used": 3, "tags": ["a"]}      used = 3.0       rest = {"tags": ["a"]}
    {"cpu": {"user": 3}}            cpu.user = 3.0   rest = null
    {"cpu.user": 3}                 cpu.user = 3.0   rest = {"": [["cpu.user"]]}     a path whose names hold dots
    {"a.b": 1, "a": {"b": 2}}       a.b = 1.0        rest = {"": {"a.b": 1, "a": {"b": 2}}}    the body, whole
    [1, 2]                                           rest = [1, 2]                   a body that is no object
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

TIME = pl.Datetime("us", "UTC")
Dtype = pl.DataType | type[pl.DataType]
EVENT: dict[str, Dtype] = {
    "time": TIME, "seen": TIME, "epoch": pl.String, "offset": pl.Int64, "part": pl.Int32,
    "company": pl.String, "system": pl.String, "environment": pl.String, "source": pl.String, "kind": pl.String,
}  # fmt: skip
TAIL: dict[str, Dtype] = {"rest": pl.String, "raw": pl.Binary, "repeat": pl.Boolean}
RESERVED = frozenset({*EVENT, *TAIL, "date"})
MOST = 1000  # columns of one kind
EXACT = 2**53  # up to it every integer is a Float64
DTYPES: dict[type, Dtype] = {float: pl.Float64, str: pl.String, bool: pl.Boolean}

Types = dict[str, type]


class Absent:
    """There is no body: the event is raw."""


ABSENT = Absent()


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


def dtypes(types: Types) -> dict[str, Dtype]:
    """The Polars schema of a kind whose fields have these types."""
    return {**EVENT, **{name: DTYPES[typ] for name, typ in types.items()}, **TAIL}


def types_of(schema: Mapping[str, Any]) -> Types:
    """The types of the fields in a Polars schema of a kind; columns others may have added are not ours to fill."""
    back = {dtype: typ for typ, dtype in DTYPES.items()}
    return {name: back.get(dtype, Absent) for name, dtype in schema.items() if name not in RESERVED}
