"""Whether the fields that were read of bodies are all that the bodies say, exactly.

Arrow's reader says nothing of nulls, and of fields that it was not told of. But each name has a colon after it: where
all colons of a body stand after names of fields that were read, or in such names and texts, nothing else is there.

    {"used": 3, "host": "a:b"}    3 colons: used 1, host 1, its text 1    told
    {"used": 3, "note": null}     2 colons: used 1                        not told
    {"cpu": {"user": 3}}          2 colons: cpu 1, user 1                 told
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from minerlib.archive.columns import EXACT

_MINUS_ZERO = np.float64(-0.0).view(np.int64)
_ESCAPED = "\\u003"  # begins a colon that does not look like one

Array = Any  # pyarrow tells no types
Bools = npt.NDArray[np.bool_]


class Field(NamedTuple):
    """A field of bodies: its name where it stands, its values, and its column, or of an object the values `inside`."""

    name: str
    values: Array
    column: str = ""
    inside: Sequence[Array] = ()


def all_told(data: bytes, fields: Sequence[Field]) -> bool:
    """Whether all bodies are told by their fields; `data` is the JSON of all of them.

    None can have fewer colons than its fields, so it is enough to count those of all together."""
    if b"\\" in data and _ESCAPED.encode() in data:
        return False
    colons = np.count_nonzero(np.frombuffer(data, np.uint8) == ord(":"))
    return colons == sum(map(_colons, fields)) and not any(_odd(field).any() for field in fields)


def told(texts: Sequence[str], fields: Sequence[Field]) -> Bools:
    """Which bodies are told by their fields."""
    colons = np.array([text.count(":") for text in texts])
    odd = np.array([_ESCAPED in text for text in texts])
    for field in fields:
        colons -= _there(field.values) * (1 + field.name.count(":"))
        if pa.types.is_string(field.values.type):
            colons -= pl.Series(field.values).str.count_matches(":", literal=True).fill_null(0).to_numpy()
        odd |= _odd(field)
    return (colons == 0) & ~odd


def _colons(field: Field) -> int:
    """How many colons a field accounts for, in all bodies together."""
    values = field.values
    count = (len(values) - values.null_count) * (1 + field.name.count(":"))
    if pa.types.is_string(values.type):
        _, ends, text = values.buffers()
        end = np.frombuffer(ends, np.int32)[len(values)]
        count += np.count_nonzero(np.frombuffer(text, np.uint8)[:end] == ord(":"))
    return count


def _odd(field: Field) -> Bools:
    """Where a value may be another than was said: an integer that no float is, -0, an empty object."""
    values = field.values
    if pa.types.is_float64(values.type):
        numbers = values.fill_null(1.0).to_numpy()
        return ~(np.abs(numbers) < EXACT) | (numbers.view(np.int64) == _MINUS_ZERO)
    if all(inner.null_count > values.null_count for inner in field.inside) and field.inside:
        return _there(values) & ~np.logical_or.reduce([_there(inner) for inner in field.inside])
    return np.zeros(len(values), np.bool_)


def _there(values: Array) -> Bools:
    return values.is_valid().to_numpy(zero_copy_only=False)
