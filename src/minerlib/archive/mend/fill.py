"""Events that are missing in the tables, put there: out of SQLite, out of the stream, out of what was put aside.

They lie below what the tables have of their stream, so its transaction version stays where it is. Nothing is there
twice afterwards: what a table has already is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
import polars as pl

from minerlib.archive.check.finding import Ranges, inside
from minerlib.archive.columns import Types
from minerlib.archive.day import read_from
from minerlib.archive.frames import SELECT, frame_of
from minerlib.archive.places import days, kind_dir, sealed_kinds, stream_dir
from minerlib.archive.sealed import Sealed, append, open_table
from minerlib.event.event import Event
from minerlib.event.moment import HOUR, from_datetime, to_datetime
from minerlib.rule.history import Stream

_MOST = 50_000  # rows of one commit
_encode = msgspec.json.Encoder().encode
Row = tuple[Any, ...]  # as `frames.Row`


class Lead(NamedTuple):
    """Where to begin reading a stream so that clock and repeats are known: an offset and the clock there, an hour
    before what is wanted; None where nothing lies before it."""

    offset: int
    clock: int | None


class Fetched(NamedTuple):
    """Events that a stream still has, and offsets that are the broker's own."""

    events: list[Event]
    own: Ranges


class Fetch(Protocol):
    """Reads ranges of offsets from a stream; nothing where it was declared anew. Raises BrokerError, and then nothing
    is known."""

    def __call__(self, stream: Stream, ranges: Ranges, lead: Lead) -> Iterator[Fetched]: ...


def fill(root: Path, stream: Stream, rows: Iterable[Row], kinds: Sequence[str] = ()) -> int:
    """Append rows of a stream (of some `kinds`, or all) that are not in the tables; how many they were."""
    count = 0
    waiting: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not kinds or row[6] in kinds:
            waiting[row[6]].append(row)
            if len(waiting[row[6]]) >= _MOST:
                count += _append(root, stream, row[6], waiting.pop(row[6]))
    return count + sum(_append(root, stream, kind, some) for kind, some in waiting.items())


def rows_of_days(root: Path, stream: Stream, ranges: Ranges) -> Iterator[Row]:
    """What the files of a stream's days have of ranges of offsets, in order."""
    if not ranges:
        return
    for path in days(stream_dir(root, stream.scope)):
        with read_from(path) as db:
            number = db and db.execute("select number from epochs where name = ?", (stream.epoch,)).fetchone()
            if db is not None and number:
                for row in db.execute(
                    f"{SELECT} where epoch = ? and offset between ? and ? order by offset, part",
                    (stream.epoch, *number, ranges[0][0], ranges[-1][1]),
                ):
                    if inside(ranges, row[1]):
                        yield row


def rows_of(events: Iterable[Event]) -> Iterator[Row]:
    """Events as rows."""
    for e in events:
        body = _encode(e.body).decode() if e.raw is None else None
        yield e.epoch, e.offset, e.part, e.time, e.seen, e.source, e.kind, body, e.raw, int(e.repeat)


def lead_to(root: Path, stream: Stream, first: int) -> Lead:
    """Where to begin reading a stream from which `first` is wanted."""
    before = [frame.select("offset", "seen") for frame in _frames(root, stream, 0, first - 1)]
    if not before:
        return Lead(0, None)
    rows = pl.concat(before)
    top: datetime | None = rows.select(pl.col("seen").max()).collect().item()
    if top is None:
        return Lead(0, None)
    back = to_datetime(from_datetime(top) - HOUR)
    offset, seen = rows.filter(pl.col("seen") >= back).sort("offset").first().collect().row(0)
    return Lead(offset, from_datetime(seen))


def _append(root: Path, stream: Stream, kind: str, rows: list[Row]) -> int:
    offsets = [row[1] for row in rows]
    low, high = min(offsets), max(offsets)

    def make(_: int, known: Types) -> pl.DataFrame | None:
        there = {
            key
            for frame in _frames(root, stream, low, high, kind)
            for key in frame.select("offset", "part").collect().rows()
        }
        new = {(row[1], row[2]): row for row in rows if (row[1], row[2]) not in there}
        return frame_of(list(new.values()), stream.scope, known) if new else None

    return append(root, stream.scope, stream.epoch, kind, make)


def _frames(root: Path, stream: Stream, low: int, high: int, kind: str | None = None) -> Iterator[pl.LazyFrame]:
    """The sealed rows of a stream between two offsets, a frame for each kind."""
    words = dict(zip(("company", "system", "environment"), stream.scope.split("."), strict=True))
    bounds = {name: (word, word) for name, word in {**words, "epoch": stream.epoch}.items()}
    for each in [kind] if kind else sealed_kinds(root):
        table = open_table(root, each)
        if table is not None:
            yield Sealed(table, kind_dir(root, each)).scan(**bounds, offset=(low, high))
