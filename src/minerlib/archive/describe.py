"""What the fields of a kind are: their types, how often they are there, since when and until when, an example.

One pass over the rows, a batch at a time. A field may stand in its column, in `rest`, or now here and now there; a
`rest` of `{"": {...}}` holds the body whole (see columns.py), and its columns count for nothing.
"""

from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from minerlib.archive.columns import EVENT, RESERVED, field_of
from minerlib.event.body import flatten

_WORDS: dict[Any, str] = {pl.Float64: "number", pl.String: "text", pl.Boolean: "true or false"}
_BATCH = 100_000  # rows
_CUT = 80  # letters of an example
_WHOLE = '{"":{'
SCHEMA = {
    "field": pl.String, "types": pl.String, "share": pl.Float64, "first": EVENT["time"], "last": EVENT["time"],
    "example": pl.String,
}  # fmt: skip


class _Field:
    """What was met of a field so far."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.count = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.example: str | None = None

    def met(self, type_: str, count: int, first: Any, last: Any, value: Any) -> None:
        self.types.add(type_)
        self.count += count
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
        if self.example is None or self.example == "null":
            self.example = (value if isinstance(value, str) else msgspec.json.encode(value).decode())[:_CUT]


def describe(frame: pl.LazyFrame) -> pl.DataFrame:
    """A row a field of a frame as `scan` gives it (see Archive.schema)."""
    fields: dict[str, _Field] = {}
    events = 0
    for batch in frame.drop("seen", "epoch", "offset", "part", "raw").collect_batches(chunk_size=_BATCH):
        events += batch.height
        left = batch.lazy().select("time", "rest").drop_nulls("rest").group_by("rest", maintain_order=True)
        _take_columns(fields, batch.filter(~pl.col("rest").fill_null("").str.starts_with(_WHOLE)))
        for text, count, first, last in (
            left.agg(pl.len(), first=pl.col("time").min(), last=pl.col("time").max()).collect().iter_rows()
        ):
            _take_rest(fields, text, count, first, last)
    if (
        events != frame.select(pl.len()).collect().item()
    ):  # batches end in silence where a broken file makes Polars panic
        raise pl.exceptions.ComputeError("not all rows could be read")
    rows = [
        (name, ", ".join(sorted(field.types)), round(field.count / events, 4), field.first, field.last, field.example)
        for name, field in fields.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _take_columns(fields: dict[str, _Field], batch: pl.DataFrame) -> None:
    """Take in what stands in columns."""
    time = batch["time"]
    for name in batch.columns:
        if name in RESERVED:
            continue
        column = batch[name].alias("")  # its own name may be a pattern to Polars
        there = column.len() - column.null_count()
        if there:
            mask = column.is_not_null()
            when = time if there == batch.height else time.filter(mask)
            word = _WORDS.get(column.dtype, str(column.dtype))
            field = fields.setdefault(field_of(name), _Field())
            field.met(word, there, when.min(), when.max(), column.first(ignore_nulls=True))


def _take_rest(fields: dict[str, _Field], text: str, count: int, first: Any, last: Any) -> None:
    """Take in one `rest`, which so many events have between two moments."""
    left = msgspec.json.decode(text)
    if not isinstance(left, dict):
        return
    whole = text.startswith(_WHOLE)
    for name, value in (flatten(left[""]) if whole else left).items():
        if name or whole:  # else an empty name says how the others are nested
            fields.setdefault(name, _Field()).met(_word(value), count, first, last, value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "text", list: "list", dict: "object"}.get(type(value), "null")
