"""What DuckDB gives, as a Polars frame."""

from datetime import timedelta
from typing import Any

import polars as pl
import pyarrow as pa

_DAYS = 30  # of a month, as DuckDB counts where it compares


def frame_of_arrow(table: Any) -> pl.DataFrame:
    """An Arrow table as a frame: an interval is a duration, a name that comes twice gains a number, and what Polars has
    no type for is text."""
    taken: dict[str, pl.Series] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        unique, number = name, 0
        while unique in taken:
            unique, number = f"{name}_{number + 1}", number + 1
        taken[unique] = _series(unique, column)
    return pl.DataFrame(list(taken.values()))


def _series(name: str, column: Any) -> pl.Series:
    if isinstance(column.type, pa.BaseExtensionType):  # JSON, UUID
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    if pa.types.is_interval(column.type):
        spans = [
            None if span is None else timedelta(span.months * _DAYS + span.days, microseconds=span.nanoseconds // 1000)
            for span in column.to_pylist()
        ]
        return pl.Series(name, spans, dtype=pl.Duration("us"))
    try:
        return pl.Series(name, column)
    except (pl.exceptions.PolarsError, TypeError, ValueError, pa.ArrowException):
        return pl.Series(name, [None if value is None else str(value) for value in column.to_pylist()], dtype=pl.String)
