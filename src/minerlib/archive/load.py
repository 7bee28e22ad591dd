"""Loading: old rows of a file or a frame as a stream of the archive, straight to Delta, once."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl

from minerlib import settings
from minerlib.archive.archive import Archive
from minerlib.archive.columns import Types
from minerlib.archive.frames import event_frame
from minerlib.archive.given import Rows, read_given
from minerlib.archive.onebyone import Columns
from minerlib.archive.places import LOADED, days, stream_dir
from minerlib.archive.sealed import append, lacking
from minerlib.archive.timecolumn import times_of
from minerlib.errors import ArchiveError, SettingError
from minerlib.event.key import check_scope, make_key
from minerlib.event.pattern import check_kind
from minerlib.rule.history import Stream

BATCH = 200_000  # rows of one commit
Progress = Callable[[int, int], None]


class Loaded(NamedTuple):
    """What became of it: the stream, how many events are in it and how many of them were `added` now, their times
    (microseconds), from which `column` and how written; where rows were left out (`unread` of them, `lines` the first
    few) because they have no time or are no rows."""

    kind: str
    stream: Stream
    events: int
    added: int
    first: int
    last: int
    column: str
    written: str
    unread: int
    place: str
    lines: list[int]


def load(
    data: Any,
    kind: str,
    source: str | None = None,
    scope: str = "local.lab.dev",
    time: str | None = None,
    archive: Path | str | Archive | None = None,
    progress: Progress | None = None,
    source_column: str | None = None,
) -> Loaded:
    """Take a CSV, NDJSON or Parquet file, or a Polars or pandas frame, with its old times into an archive.

    Rows become events of `kind` about `source` (or what `source_column` names: `unknown` where it is empty) in `scope`,
    in the order of their times, which are the stream's clock too. `time` names the column of times where it is not
    plain. The stream's epoch is a hash of all this and of the content, so loading the same again adds nothing.
    `progress(done, rows)` is called as it goes.

        minerlib.load("cpu.csv", "cpu.usage", source="web-1", scope="acme.web.prod")

    Raises SettingError where it cannot be meant so, ArchiveError where nothing of it can be loaded or `scope` is a
    live stream of this archive.
    """
    root = archive.path if isinstance(archive, Archive) else Path(archive) if archive else settings.archive_dir()
    check_scope(scope)
    _check(kind, source, source_column)
    if days(stream_dir(root, scope)):
        company, system, _ = scope.split(".")
        raise ArchiveError(
            f"{scope} is a live stream in {root}, and old events are never mixed into one: load into a scope of its"
            f" own, for example {company}.{system}.history."
        )
    rows = read_given(data)
    if not len(rows.lines):
        raise ArchiveError(f"There are no rows in {_called(data)}: nothing was loaded.")
    times = times_of(rows, time)
    order = sorted(
        (n for n, moment in enumerate(times.moments) if moment is not None), key=lambda n: times.moments[n] or 0
    )
    if not order:
        said = next((str(value) for value in rows.column(times.column) if value is not None), "")
        raise ArchiveError(
            f"No row of {_called(data)} has a time that can be read in column {times.column} (the first says {said!r}):"
            " write times like 2026-11-23T04:00:00Z, or as seconds since 1970."
        )
    sources = _sources(rows, source, source_column)
    epoch = _epoch(data, rows, (kind, source or "", source_column or "", scope, times.column))
    taken = _Taken(rows, times.moments, order, sources, {times.column, *([source_column] if source_column else [])})
    missing = lacking(root, kind, Stream(scope, epoch))
    added = 0
    for begin in range(0, len(order), BATCH):
        end = min(begin + BATCH, len(order))
        added += append(
            root,
            scope,
            epoch,
            kind,
            lambda above, known, b=begin, e=end: taken.frame(
                [n for n in range(b, e) if n > above or n in missing], known, epoch, scope, kind
            ),
        )
        if progress:
            progress(end, len(order))
    unread = sorted([*rows.bad, *(rows.lines[n] for n, moment in enumerate(times.moments) if moment is None)])
    first, last = (times.moments[order[at]] or 0 for at in (0, -1))
    return Loaded(
        kind, Stream(scope, epoch), len(order), added, first, last, times.column, times.written, len(unread),
        rows.place, unread[:5],
    )  # fmt: skip


class _Taken(NamedTuple):
    """Rows with their times and sources, in the order of their times: that place is the offset."""

    rows: Rows
    moments: list[int | None]
    order: list[int]
    sources: list[str]
    without: set[str]

    def frame(self, offsets: list[int], known: Types, epoch: str, scope: str, kind: str) -> pl.DataFrame | None:
        """The rows of some offsets, None where there are none."""
        if not offsets:
            return None
        some = [self.order[offset] for offset in offsets]
        columns = Columns(known, len(some))
        for number, body in enumerate(self.rows.bodies(some, self.without)):
            columns.take(number, body)
        size, moments = len(some), [self.moments[row] for row in some]
        given = [
            [epoch] * size, offsets, [0] * size, moments, moments, [self.sources[row] for row in some],
            [kind] * size, [], [None] * size, [False] * size,
        ]  # fmt: skip
        return event_frame(given, scope, columns.frame())


def _check(kind: str, source: str | None, source_column: str | None) -> None:
    if (source is None) == (source_column is None):
        raise SettingError("Say what the rows are about, once: --source web-1, or --source-column host.")
    make_key("a.b.c", source or "x", check_kind(kind))


def _sources(rows: Rows, source: str | None, column: str | None) -> list[str]:
    """The source of each row; dots become `/`, as in a routing key."""
    if column is None:
        return [(source or "").replace(".", "/")] * len(rows.lines)
    if column not in rows.names:
        raise SettingError(f"There is no column {column!r}; there are {', '.join(rows.names[:12])}.")
    values = rows.column(column)
    return ["unknown" if value in (None, "") else str(value).replace(".", "/") for value in values]


def _epoch(data: Any, rows: Rows, said: tuple[str, ...]) -> str:
    """The name of the epoch: a hash of the content and of what was said about it."""
    digest = hashlib.sha256(msgspec.json.encode(said))
    if isinstance(data, (str, Path)):
        with Path(data).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    else:
        for begin in range(0, len(rows.lines), BATCH):
            some = list(range(begin, min(begin + BATCH, len(rows.lines))))
            digest.update(msgspec.json.encode(rows.bodies(some, set())))
    return f"{LOADED}{digest.hexdigest()[:24]}"


def _called(data: Any) -> str:
    return str(data) if isinstance(data, (str, Path)) else "the frame"
