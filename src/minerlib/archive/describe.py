"""What the fields of a kind are: their types, how often they are there, an example."""

from collections import Counter
from typing import Any

import msgspec
import polars as pl

from minerlib.archive.columns import RESERVED, field_of

_WORDS: dict[Any, str] = {pl.Float64: "number", pl.String: "text", pl.Boolean: "true or false"}
_decode = msgspec.json.Decoder().decode


def describe(frame: pl.LazyFrame) -> pl.DataFrame:
    """A row a field of a frame as `scan` gives it: field, type, share of events that have it, example."""
    schema = frame.collect_schema()
    names = [name for name in schema if name not in RESERVED]
    counts = frame.select(pl.len().alias("\0events"), *(pl.col(name).count() for name in names)).collect().row(0)
    events, has = max(1, counts[0]), Counter(dict(zip(names, counts[1:], strict=True)))
    first = frame.select(pl.col(name).drop_nulls().first() for name in names).collect()
    examples = {name: str(first[name][0]) for name in names if has[name]}
    types = {name: [_WORDS.get(schema[name], str(schema[name]))] for name in names if has[name]}
    rests = frame.group_by("rest").len().filter(pl.col("rest").is_not_null()).sort("rest").collect()
    for text, times in rests.rows():
        left = _decode(text)
        for name, value in left.items() if isinstance(left, dict) else ():
            if name:  # an empty name says how the others are nested, see columns.py
                has[name] += times
                examples.setdefault(name, msgspec.json.encode(value).decode()[:80])
                word = _word(value)
                if word not in types.setdefault(name, []):
                    types[name].append(word)
    rows = [
        (field_of(name), ", ".join(sorted(types[name])), round(has[name] / events, 4), examples[name]) for name in types
    ]
    return pl.DataFrame(
        rows, schema={"field": pl.String, "type": pl.String, "share": pl.Float64, "example": pl.String}, orient="row"
    )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "text", list: "list", dict: "object"}.get(type(value), "null")
