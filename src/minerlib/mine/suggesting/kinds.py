"""Which kind is meant, where only a field was named."""

from typing import Any

import polars as pl

from minerlib.errors import MineError
from minerlib.event.event import COLUMNS
from minerlib.mine.series import nearest
from minerlib.mine.tables import as_polars

READING = "reading"  # what the rows of a frame are called that does not say


def kind_of(history: Any, field: str, kind: str | None, scope: str | None = None) -> str:
    """The kind given, else the only one that has the field. Raises MineError that lists them where several have it."""
    if kind is not None:
        return kind
    if not hasattr(history, "streams"):
        frame = history if isinstance(history, pl.LazyFrame) else as_polars(history).lazy()
        if "kind" not in frame.collect_schema():
            return READING
        kinds = sorted(str(name) for name in frame.select("kind").unique().collect().to_series())
        return _one(kinds, field)
    if not hasattr(history, "kinds"):
        found = {event.kind for stream in history.streams(scope or "*.*.*") for events in history.events(stream)
                 for event in events if isinstance(event.body, dict) and field in event.body}  # fmt: skip
        return _one(sorted(found), field)
    kinds = [str(name) for name in history.kinds()["kind"]]
    fields = {name: _fields(history, name, scope) for name in kinds}
    having = [name for name in kinds if field in fields[name]]
    if not having:
        known = sorted({name for names in fields.values() for name in names})
        raise MineError(f"No kind in the history has a field {field!r}{nearest(field, known)}")
    return _one(having, field)


def _fields(history: Any, kind: str, scope: str | None) -> set[str]:
    schema = history.scan(kind, scope=scope, own=True).collect_schema()
    return {name.removeprefix("body.") for name in schema if name not in COLUMNS}


def _one(kinds: list[str], field: str) -> str:
    if len(kinds) == 1:
        return kinds[0]
    if not kinds:
        raise MineError(f"No kind in the history has a field {field!r}; it is empty.")
    raise MineError(f"Several kinds have a field {field!r}: {', '.join(kinds[:12])}. Say which with kind=.")
