"""The history of one field, as numbers over time for each instance, and as the windows a rule would see."""

import difflib
import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from minerlib.errors import ArchiveError, MineError
from minerlib.event.body import field as find
from minerlib.event.event import COLUMNS
from minerlib.event.moment import MINUTE, SECOND

_OWN = {*COLUMNS, "rest", "date"}  # columns that are no fields
LATENESS, AHEAD = 5 * SECOND, MINUTE  # a rule's defaults
NICE = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def read(
    history: Any,
    kind: str,
    field: str,
    by: Sequence[str],
    since: int | None = None,
    until: int | None = None,
    scope: str | None = None,
) -> pl.DataFrame:
    """The field's values: `scope`, `epoch`, `by.<name>` for each in `by`, `instance` (a number), `time` (µs), `value`.

    Sorted by instance and time; late events, which no rule would see, are left out. Raises MineError with the
    nearest name where the kind or a field is not there, and where the field is no number.
    """
    rows = _rows(history, kind, (field, *by), since, until, scope)
    schema = rows.collect_schema()
    fields = [name.removeprefix("body.") for name in schema.names() if name not in _OWN]
    for name in (field, *(name for name in by if name not in COLUMNS)):
        if name not in fields:
            raise MineError(f"The events of kind {kind} have no field {name!r}{nearest(name, fields)}")
    column = f"body.{field}" if f"body.{field}" in schema else field
    if not (schema[column].is_numeric() or schema[column] == pl.Null):
        raise MineError(
            f"The field {field!r} of {kind} holds {_called(schema[column])}, not numbers; a threshold needs a number."
        )
    at, seen = pl.col("time").dt.epoch("us"), pl.col("seen").dt.epoch("us")
    rows = rows if since is None else rows.filter(seen >= since)  # to the microsecond, as `backtest` cuts it
    rows = rows if until is None else rows.filter(seen < until)
    keys = ["scope", "epoch", *(f"by.{name}" for name in by)]  # told apart, a field may be called instance
    frame = (
        rows.filter(at >= seen - LATENESS)
        .select(
            pl.concat_str("company", "system", "environment", separator=".").alias("scope"),
            "epoch",
            *(pl.col(name).alias(f"by.{name}") for name in by),
            pl.when(at > seen + AHEAD).then(seen).otherwise(at).alias("time"),
            pl.col(column).cast(pl.Float64).fill_nan(None).alias("value"),
        )
        .drop_nulls("value")
        .sort([*keys, "time"])
        .collect()
    )
    return frame.with_columns(pl.struct(keys).rle_id().cast(pl.Int64).alias("instance"))


def cadence(frame: pl.DataFrame) -> int:
    """The usual time between two values of an instance, in µs: the median of the instances' medians."""
    steps = frame.select("instance", pl.col("time").diff().over("instance").alias("step")).filter(pl.col("step") > 0)
    usual = steps.group_by("instance").agg(pl.col("step").median())["step"].median()
    if not isinstance(usual, float):
        raise MineError("The history holds one value an instance; a rule needs at least two: let it collect longer.")
    return round(usual)


def nice(span: float) -> int:
    """The first duration a person would write that is not below `span` (µs; 2 % are forgiven)."""
    return next((n * SECOND for n in NICE if n * SECOND * 1.02 >= span), NICE[-1] * SECOND)


def windows(frame: pl.DataFrame, over: int, every: int) -> pl.DataFrame:
    """The mean over (T - over, T] for every T that is a multiple of `every`: `instance`, `time` (T), `value`.

    Summed in panes of gcd(over, every) first: a pane that ends at P is in the windows with P <= T < P + over. Windows
    without a value are left out, as a rule leaves them out.
    """
    pane = math.gcd(over, every)
    first = (pl.col("pane") + (every - 1)) // every * every
    return (
        frame.lazy()
        .group_by("instance", ((pl.col("time") + (pane - 1)) // pane * pane).alias("pane"))
        .agg(pl.col("value").sum(), pl.len().alias("count"))
        .with_columns(pl.int_ranges(first, pl.col("pane") + over, every).alias("time"))
        .explode("time")
        .group_by("instance", "time")
        .agg(pl.col("value").sum() / pl.col("count").sum())
        .sort("instance", "time")
        .collect()
    )


def nearest(name: str, known: list[str]) -> str:
    """The end of a sentence that says what is not there: the nearest that is, or what there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it has {', '.join(sorted(known)[:12])}." if known else "; it is empty."


def _rows(
    history: Any, kind: str, names: Sequence[str], since: int | None, until: int | None, scope: str | None
) -> pl.LazyFrame:
    """The events of the kind as rows, by `scan` where the history has it, else event by event."""
    if hasattr(history, "scan"):
        try:
            return history.scan(kind, scope=scope)
        except ArchiveError:
            kinds = [str(name) for name in history.kinds()["kind"]]
            if kind in kinds:
                raise
            raise MineError(f"There is no kind {kind!r} in the history{nearest(kind, kinds)}") from None
    columns: dict[str, list[Any]] = {name: [] for name in (*COLUMNS[:10], *(n for n in names if n not in COLUMNS))}
    for stream in history.streams(scope or "*.*.*"):
        for events in history.events(stream, kind, since=since, until=until):
            for event in events:
                for name, column in columns.items():
                    column.append(getattr(event, name) if name in COLUMNS else find(event.body, name))
    frame = pl.LazyFrame(columns, strict=False)
    return frame.with_columns(pl.col("time", "seen").cast(pl.Int64).cast(pl.Datetime("us", "UTC")))


def _called(dtype: pl.DataType) -> str:
    return "text" if dtype == pl.String else "true and false" if dtype == pl.Boolean else str(dtype)
