"""Which rows tell a field, how often it is told, and what was perhaps meant where there is no such thing."""

import difflib
from collections.abc import Sequence
from typing import Any

import polars as pl

from minerlib.errors import ArchiveError, MineError
from minerlib.event.body import field as find
from minerlib.event.event import COLUMNS
from minerlib.event.moment import MINUTE, SECOND
from minerlib.mine.suggesting.constants import SLOW

LATENESS, AHEAD = 5 * SECOND, MINUTE  # a rule's defaults
NICE = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def cadence(frame: pl.DataFrame, share: float = SLOW) -> int:
    """The time within which an instance's next value mostly comes, in µs: `share` of them do, of nine instances in ten.

    `frame` has columns `instance` and `time` (µs), sorted. Raises MineError where no instance was told twice.
    """
    steps = frame.select("instance", pl.col("time").diff().over("instance").alias("step")).filter(pl.col("step") > 0)
    usual = steps.group_by("instance").agg(pl.col("step").quantile(share))["step"].quantile(SLOW, "nearest")
    if not isinstance(usual, float):
        raise MineError("The history holds one value an instance; a rule needs at least two: let it collect longer.")
    return round(usual)


def nice(span: float) -> int:
    """The first duration a person would write that is not below `span` (µs; 2 % are forgiven)."""
    return next((n * SECOND for n in NICE if n * SECOND * 1.02 >= span), NICE[-1] * SECOND)


def nearest(name: str, known: list[str]) -> str:
    """The end of a sentence that says what is not there: the nearest that is, or what there is."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; it has {', '.join(sorted(known)[:12])}." if known else "; it is empty."


def rows(history: Any, kind: str, names: Sequence[str], scope: str | None, client: Any = None) -> Any:
    """The events of the kind as rows, by `scan` where the history has it (lazy; of Dask with a client), else event by
    event, with the fields `names`. Raises MineError with the nearest name where there is no such kind."""
    if hasattr(history, "scan"):
        try:
            return history.scan(kind, scope=scope) if client is None else history.scan(kind, scope=scope, client=client)
        except ArchiveError:
            kinds = [str(name) for name in history.kinds()["kind"]]
            if kind in kinds:
                raise
            raise MineError(f"There is no kind {kind!r} in the history{nearest(kind, kinds)}") from None
    columns: dict[str, list[Any]] = {name: [] for name in (*COLUMNS[:10], *(n for n in names if n not in COLUMNS))}
    for stream in history.streams(scope or "*.*.*"):
        for events in history.events(stream, kind):
            for event in events:
                for name, column in columns.items():
                    column.append(getattr(event, name) if name in COLUMNS else find(event.body, name))
    frame = pl.DataFrame(columns, strict=False)
    return frame.with_columns(pl.col("time", "seen").cast(pl.Int64).cast(pl.Datetime("us", "UTC")))
