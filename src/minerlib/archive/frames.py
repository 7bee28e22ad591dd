"""Rows of SQLite as the frame of a kind, and such a frame as events again."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
from polars import selectors as cs

from minerlib.archive.bodies import bodies_of
from minerlib.archive.columns import RESERVED, TAIL, TIME, Types, dtypes
from minerlib.archive.fields import fields_of
from minerlib.event.event import Event

BATCH = 10_000


class Row(NamedTuple):
    """A row of a day's file, its epoch by name, times in microseconds."""

    epoch: str
    offset: int
    part: int
    time: int
    seen: int
    source: str
    kind: str
    body: str | None
    raw: bytes | None
    repeat: int


SELECT = "select ? as epoch, offset, part, time, seen, source, kind, body, raw, repeat from events"


def frame_of(rows: Sequence[tuple[Any, ...]], scope: str, known: Types) -> pl.DataFrame:
    """Rows (see Row) of one kind as a frame: the columns of an event, a column a field that occurs, `rest`, `raw`,
    `repeat`. Columns that are `known` have the type they have there."""
    given = [[row[place] for row in rows] for place in range(10)]  # zip takes four times as long
    return event_frame(given, scope, fields_of(given[7], known))


def event_frame(given: Sequence[Sequence[Any]], scope: str, fields: pl.DataFrame) -> pl.DataFrame:
    """A frame out of the columns of Row (the body aside) and the fields of the bodies with their `rest`."""
    epoch, offset, part, time, seen, source, kind, _, raw, repeat = given
    company, system, environment = ([word] * len(offset) for word in scope.split("."))
    data: dict[str, Any] = {
        "time": time, "seen": seen, "epoch": epoch, "offset": offset, "part": part, "company": company,
        "system": system, "environment": environment, "source": source, "kind": kind,
        "raw": raw, "repeat": [bool(said) for said in repeat],
    }  # fmt: skip
    moments = ("time", "seen")
    schema = {**dtypes({}), **dict.fromkeys(moments, pl.Int64)}
    *event, raw, repeat = (pl.Series(name, values, dtype=schema[name]) for name, values in data.items())
    return pl.DataFrame([*event, *fields, raw, repeat]).with_columns(pl.col(name).cast(TIME) for name in moments)


def events_of(frame: pl.DataFrame) -> list[Event]:
    """The events of a frame that has the columns of `frame_of`, in its order."""
    fields = [name for name in frame.columns if name not in RESERVED and frame[name].null_count() < frame.height]
    bodies = bodies_of({name: frame[name].to_list() for name in fields}, frame["rest"].to_list())
    times = frame.select(pl.col("time", "seen").cast(pl.Int64))
    given = frame.select("epoch", "offset", "part", "company", "system", "environment", "source", "kind")
    return [
        Event(
            time=time, seen=seen, epoch=epoch, offset=offset, part=part, company=company, system=system,
            environment=environment, source=source, kind=kind, body=None if raw is not None else body, raw=raw,
            repeat=repeat,
        )
        for time, seen, (epoch, offset, part, company, system, environment, source, kind), body, raw, repeat in zip(
            times["time"].to_list(), times["seen"].to_list(), given.iter_rows(), bodies, frame["raw"].to_list(),
            frame["repeat"].to_list(), strict=True,
        )
    ]  # fmt: skip


def joined(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """Frames of several kinds, one below the other: a column that is not of one type in all of them is text."""
    if len(frames) == 1:
        return frames[0]
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.collect_schema().items():
            types.setdefault(name, set()).add(dtype)
    mixed = [name for name, found in types.items() if len(found) > 1]
    texts = [frame.with_columns(cs.by_name(mixed, require_all=False).cast(pl.String)) for frame in frames]
    return pl.concat(texts, how="diagonal")


def asked(frame: pl.LazyFrame, since: datetime | None, until: datetime | None, repeats: bool) -> pl.LazyFrame:
    """What of a frame was asked for, its columns in their order."""
    # by_name, because a field may be called `*`, which is a pattern elsewhere
    frame = frame.select(cs.by_name(*(name for name in frame.collect_schema() if name not in TAIL), *TAIL))
    frame = frame if since is None else frame.filter(pl.col("time") >= since)
    frame = frame if until is None else frame.filter(pl.col("time") < until)
    return frame if repeats else frame.filter(~pl.col("repeat"))


def merged(frames: Sequence[pl.DataFrame]) -> Iterator[list[Event]]:
    """The events of several frames (one a kind) in the order of (offset, part), a batch at a time."""
    frames = [frame for frame in frames if frame.height]
    if not frames:
        return
    order = pl.concat(
        frame.select("offset", "part", frame=pl.lit(number, pl.Int64)).with_row_index("row")
        for number, frame in enumerate(frames)
    ).sort("offset", "part")
    for some in order.iter_slices(BATCH):
        batch: list[Event] = []
        for (number,), rows in some.group_by("frame", maintain_order=True):
            batch += events_of(frames[number][rows["row"]])
        if len(frames) > 1:
            batch.sort(key=lambda event: (event.offset, event.part))
        yield batch
