"""Tables as people hold them, Polars's or pandas's, and where in them the time is."""

from typing import Any

import polars as pl

from minerlib.errors import MineError, SettingError

_TIMES = ("time", "timestamp", "datetime", "date", "ts")


def as_polars(frame: Any) -> pl.DataFrame:
    """A Polars frame of a lazy, Polars or pandas one. Raises SettingError for anything else."""
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    if not hasattr(frame, "index") or not hasattr(frame, "columns"):
        raise SettingError(f"A {type(frame).__name__} is no history: give an Archive, or a Polars or pandas frame.")
    if frame.index.name is not None or type(frame.index).__name__ == "DatetimeIndex":
        frame = frame.rename_axis(frame.index.name or "time").reset_index()
    try:
        return pl.from_pandas(frame)
    except (TypeError, ValueError):  # Arrow's errors are these: a column that holds now numbers, now text
        return pl.from_pandas(frame.assign(**{name: _as_text(frame[name]) for name in frame.columns[_mixed(frame)]}))


def _mixed(frame: Any) -> list[bool]:
    """Which columns of a pandas frame hold values of several types."""
    return [
        str(dtype) == "object" and frame[name].dropna().map(type).nunique() > 1
        for name, dtype in zip(frame.columns, frame.dtypes, strict=True)
    ]


def _as_text(column: Any) -> Any:
    """Values as text, each as it prints; what is missing stays so."""
    return column.map(str, na_action="ignore").astype("str")


def times(rows: pl.DataFrame) -> pl.Series:
    """The times of a frame's rows as `time` (UTC, µs). Raises MineError where there are none."""
    moments = [name for name, kind in rows.schema.items() if kind.base_type() in (pl.Datetime, pl.Date)]
    named = [name for name in rows.columns if name.lower() in _TIMES]
    name = next(iter([name for name in named if name == "time"] or named or (moments if len(moments) == 1 else [])), "")
    if not name:
        raise MineError(f"The frame has no column of times; name one `time`. Its columns: {', '.join(rows.columns)}.")
    found = rows[name]
    if found.dtype == pl.Null:
        found = found.cast(pl.Datetime("us", "UTC"))
    elif found.dtype == pl.String:
        found = found.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    elif found.dtype.is_numeric():
        found = (found * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    elif found.dtype.base_type() in (pl.Datetime, pl.Date):
        zone = getattr(found.dtype, "time_zone", None)
        found = found.cast(pl.Datetime("us", zone))
        found = found.dt.convert_time_zone("UTC") if zone else found.dt.replace_time_zone("UTC")
    if found.dtype != pl.Datetime("us", "UTC") or found.null_count():
        raise MineError(f"Some of the frame's column {name} are no times: write them like 2026-11-23T04:00:00Z.")
    return found.alias("time")
