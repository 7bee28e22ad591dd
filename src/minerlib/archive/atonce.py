"""Bodies taken into columns at once, by Arrow's reader of JSON: those of which every value fits a column exactly.

What columns hold is said in columns.py. Arrow reads the fields that it is told of; told.py says of which bodies they
are all that was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from pyarrow.json import ParseOptions, ReadOptions, read_json

from minerlib.archive.columns import Types, field_of
from minerlib.archive.told import Array, Bools, Field, all_told, told
from minerlib.event.body import DEPTH

_TYPES = {float: pa.float64(), str: pa.string(), bool: pa.bool_()}
_MOST = 2**31 - 1  # bytes that Arrow reads as one block
_first, _last = itemgetter(0), itemgetter(-1)

Tree = dict[str, Any]  # a field: its column, or the fields inside


def take_at_once(texts: Sequence[Any], types: Types) -> tuple[Bools, pl.DataFrame] | None:
    """Which of some bodies, given as JSON, went wholly into columns of these types, and those columns: what they have
    in the rows of the others means nothing.

    None where the bodies cannot be read together: one is no object, is no JSON, or has a value of another type.
    """
    tree, data = _tree(types), _lines(texts)
    if data is None or not tree:
        return None
    known = ParseOptions(explicit_schema=pa.schema(_schema(tree, types)), unexpected_field_behavior="ignore")
    try:
        table = read_json(pa.BufferReader(data), ReadOptions(use_threads=False, block_size=len(data) + 1), known)
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(texts):
        return None
    fields = list(_fields(tree, {name: table[name].combine_chunks() for name in tree}))
    whole = np.ones(len(texts), np.bool_) if all_told(data, fields) else told(texts, fields)
    return whole, pl.DataFrame([pl.Series(field.column, field.values) for field in fields if field.column])


def _tree(types: Types) -> Tree:
    """Fields in fields, as the dots in the names of columns have them; of `a` and `a.b` the first."""
    tree: Tree = {}
    for column in types:
        *outer, name = field_of(column).split(".")
        at: Any = tree if len(outer) <= DEPTH else column  # deeper ones were said with dots in a name
        for each in outer:
            at = at.setdefault(each, {}) if isinstance(at, dict) else at
        if isinstance(at, dict):
            at.setdefault(name, column)
    return tree


def _schema(tree: Tree, types: Types) -> list[Any]:
    """The same for Arrow."""
    return [
        pa.field(name, _TYPES[types[node]] if isinstance(node, str) else pa.struct(_schema(node, types)))
        for name, node in tree.items()
    ]


def _lines(texts: Sequence[Any]) -> bytes | None:
    """Texts as lines; None unless each goes from brace to brace.

    Then none can go on in the next: where an inner brace was closed, JSON has no other opened. So each is one object
    if there are as many objects as texts. (And on a null that comes first, Arrow 26 crashes.)"""
    try:
        if {*map(_first, texts)} != {"{"} or {*map(_last, texts)} != {"}"}:
            return None
    except (TypeError, IndexError):  # a raw event has no text
        return None
    data = "\n".join(texts).encode()
    return data if len(data) < _MOST else None


def _fields(tree: Tree, values: Mapping[str, Array]) -> Iterator[Field]:
    """Each field with its values, and those inside objects."""
    for name, node in tree.items():
        if isinstance(node, str):
            yield Field(name, values[name], node)
        else:
            inside = dict(zip(node, values[name].flatten(), strict=True))
            yield Field(name, values[name], inside=list(inside.values()))
            yield from _fields(node, inside)
