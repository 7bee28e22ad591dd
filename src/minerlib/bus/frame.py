"""Events as a Polars frame: what a look at the live stream leaves in the analyst's hands."""

from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from minerlib.event.body import flatten
from minerlib.event.event import COLUMNS, Event

_PLAIN = ("company", "system", "environment", "source", "kind")


def frame_of(events: Sequence[Event]) -> pl.DataFrame:
    """One row an event: `time` and `seen` (Datetime, µs, UTC), the names of its key, a column a field, `raw`.

    Numbers are Float64; a field that holds several types, lists or objects is JSON text. A field with the name of
    an event's column becomes `body.<name>`; a body that is no object stands, as JSON, in `body`.
    """
    moment = pl.Datetime("us", "UTC")
    columns: dict[str, pl.Series] = {
        "time": pl.Series([e.time for e in events], dtype=pl.Int64).cast(moment),
        "seen": pl.Series([e.seen for e in events], dtype=pl.Int64).cast(moment),
    }
    for name in _PLAIN:
        columns[name] = pl.Series([getattr(e, name) for e in events], dtype=pl.String)
    found: dict[str, list[Any]] = {}
    for row, event in enumerate(events):
        fields = flatten(event.body)
        if not isinstance(event.body, dict) and event.raw is None:
            fields = {"": event.body}
        for name, value in fields.items():
            found.setdefault(_column(name), [None] * len(events))[row] = value
    found.pop("body.time", None)  # the event's own time, as its producer wrote it
    for name in sorted(found):
        columns[name] = _series(found[name])
    columns["raw"] = pl.Series([e.raw for e in events], dtype=pl.Binary)
    return pl.DataFrame(columns)


def _column(name: str) -> str:
    if not name:
        return "body"
    return f"body.{name}" if name in COLUMNS else name


def _series(values: list[Any]) -> pl.Series:
    types = {type(value) for value in values if value is not None}
    if types <= {int, float}:
        return pl.Series([None if v is None else float(v) for v in values], dtype=pl.Float64)
    if types == {bool}:
        return pl.Series(values, dtype=pl.Boolean)
    if types == {str}:
        return pl.Series(values, dtype=pl.String)
    return pl.Series([None if v is None else msgspec.json.encode(v).decode() for v in values], dtype=pl.String)
