"""The archive as its readers see it: sealed tables and today's files as one, no event twice or missing at the seam."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import polars as pl
from polars import selectors as cs

from minerlib import settings
from minerlib.archive import streams
from minerlib.archive.blame import blaming
from minerlib.archive.columns import RESERVED
from minerlib.archive.describe import describe
from minerlib.archive.each import each
from minerlib.archive.frames import asked, joined, merged
from minerlib.archive.kinds import kinds
from minerlib.archive.missing import no_kind
from minerlib.archive.places import LAYOUT, scopes, sealed_kinds
from minerlib.archive.rows import Rows
from minerlib.archive.snapshot import Snapshot
from minerlib.errors import ArchiveError
from minerlib.event.event import Event
from minerlib.event.known import Keys
from minerlib.event.moment import DAY, from_datetime, now, to_datetime, when
from minerlib.event.pattern import Kinds, kind_matches, topic_matches
from minerlib.rule.batch import Batch
from minerlib.rule.history import Stream
from minerlib.rule.rule import RETIRE

if TYPE_CHECKING:
    import pandas as pd

Moment = str | int | float | datetime | timedelta | None
_ROWS = 500_000  # rows held in memory at once by `events`


class Archive:
    """What was kept, under `path` (default: MINERLIB_ARCHIVE, else ./archive). Reading never disturbs the archiver.

        archive.kinds()                                        what there is
        archive.scan("disk.usage", since="2h").collect()       a lazy Polars frame of one kind, or of a pattern

    It is a History too: `streams`, `events` and `clock` are what a backtest asks. Raises ArchiveError where the path
    is something else than an archive.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path else settings.archive_dir()
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise ArchiveError(f"{self.path} is a file, and an archive is a folder: name its folder.")
        if not scopes(self.path) and not sealed_kinds(self.path):
            strange = [path.name for path in sorted(self.path.iterdir()) if not _ours(path)]
            if strange:
                raise ArchiveError(
                    f"{self.path} is no archive: it holds {', '.join(strange[:3])} and no events. Name the folder"
                    " given to the archiver, or an empty one."
                )

    def __repr__(self) -> str:
        return f"Archive({str(self.path)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its path: another process opens it anew."""
        return type(self), (self.path.absolute(),)

    @overload
    def scan(
        self, kind: str, since: Moment = None, until: Moment = None, scope: str | None = None, repeats: bool = False,
        own: bool = False, *, client: None = None,
    ) -> pl.LazyFrame: ...  # fmt: skip

    @overload
    def scan(
        self, kind: str, since: Moment = None, until: Moment = None, scope: str | None = None, repeats: bool = False,
        own: bool = False, *, client: object,
    ) -> Any: ...  # fmt: skip

    def scan(
        self, kind: str, since: Moment = None, until: Moment = None, scope: str | None = None, repeats: bool = False,
        own: bool = False, *, client: object = None,
    ) -> Any:  # fmt: skip
        """The events of a kind, or of a pattern of kinds, as a lazy frame: a row an event, a column a field.

        `since` and `until` bound `time` (`[since, until)`), `scope` may hold `*`. What was said twice is left out
        unless `repeats`; the workbench's own kinds (ticks, alerts) are matched only when named, or with `own`. A field
        that has another type (number, text, truth) in one kind than in another is text in a pattern of both. With
        `client` (a `distributed.Client`) it is a Dask frame, of a partition a file, which the cluster's workers read:
        pandas, its columns Arrow's. Raises ArchiveError where no such event is in the archive, ArchiveBroken where a
        file is missing or not as large as it was; what is broken inside a file Polars finds when the frame is
        collected.
        """
        at = now()
        begin, end = when(since, at), when(until, at)
        snapshot = Snapshot(self.path, _wanted(kind, own), scope)
        if not snapshot.kinds:
            raise ArchiveError(no_kind(self.path, kind, scope))
        since, until = (None if moment is None else to_datetime(moment) for moment in (begin, end))
        if client is not None:
            from minerlib.archive.partitions import partitions  # Dask is not loaded before somebody asks

            return partitions(snapshot, since, until, repeats)
        parts = [part for name in snapshot.kinds for part in snapshot.parts(name, since, until)]
        return asked(joined(parts), since, until, repeats)

    def to_pandas(self, kind: str, *args: Any, **named: Any) -> "pd.DataFrame":
        """`scan`, as a pandas frame."""
        with blaming(self.path, _wanted(kind, own=True)):
            return self.scan(kind, *args, **named).collect().to_pandas()

    def sql(
        self,
        query: str,
        since: Moment = None,
        until: Moment = None,
        scope: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> pl.DataFrame:
        """The rows of a query in DuckDB's SQL, as a Polars frame (`.to_pandas()` makes it a pandas one).

        A kind is a table: `disk.usage` is `disk_usage`, or `"disk.usage"` in quotes, as are fields whose names hold
        dots. It has the rows and columns that `scan` gives, bounded alike. `events` is all kinds but the workbench's
        own, with a column `body` (JSON) for the fields. `progress` is told the percentage, ten times a second.

            archive.sql("select source, max(used) from disk_usage group by source", since="2h")

        Raises ArchiveError where a kind is not there, SettingError where the query cannot be meant, or does more than
        read. Ctrl-C ends it.
        """
        from minerlib.archive.sql import ask  # DuckDB is not loaded before somebody asks

        at = now()
        return ask(self.path, query, when(since, at), when(until, at), scope, progress)

    def kinds(self) -> pl.DataFrame:
        """What there is: kind, events (repeats aside), sources, first, last.

        A kind of which a file is broken is there with nulls, and a warning that names the file.
        """
        return kinds(self.path)

    def schema(self, kind: str, since: Moment = None, until: Moment = None, scope: str | None = None) -> pl.DataFrame:
        """The fields of a kind, as far as `scan` would give it: field, types (number, text, true or false, list,
        object, null: all that occur), share (of its events that have it, 0 to 1), first and last (the `time` of such an
        event), example. Nested fields have dotted names."""
        with blaming(self.path, _wanted(kind, own=False), scope):
            return describe(self.scan(kind, since, until, scope))

    def streams(self, scope: str = "*.*.*") -> list[Stream]:
        """The streams and epochs there are events of, oldest first."""
        return [stream for stream in streams.streams(self.path) if topic_matches(scope, stream.scope)]

    def clock(self, stream: Stream, until: int | None = None) -> int | None:
        """The stream's clock: the highest `seen` of any event (below `until`), in microseconds."""
        return streams.clock(self.path, stream, until)

    def events(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
    ) -> Iterator[list[Event]]:
        """The events of a stream in its order, in batches: those `seen` in `[since, until)` (microseconds), from offset
        `first` on, repeats left out. About half a million rows are in memory at once."""
        for frames in self._frames(stream, kind, since, until, first):
            yield from merged(list(frames.values()))

    def each(
        self, kind: Kinds = "#", since: Moment = None, until: Moment = None, scope: str = "*.*.*"
    ) -> Iterator[Event]:
        """The events of a kind, or of patterns of kinds, one by one: each stream in its order, and all of them as they
        were `seen`, in `[since, until)`. Repeats are left out. As many rows as `events` holds are in memory for each
        stream that is being read."""
        at = now()
        begins = streams.begins(self.path)
        wanted = {stream: begun for stream, begun in begins.items() if topic_matches(scope, stream.scope)}
        return each(self, wanted, kind, when(since, at), when(until, at))

    def batches(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
        last: int | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[Batch]:
        """The same events, up to offset `last`, as batches that are read by column, with only these `fields`."""
        keys = Keys()
        for frames in self._frames(stream, kind, since, until, first, last, fields):
            if any(frame.height for frame in frames.values()):
                yield Batch(Rows(frames, keys))

    def parts(self, stream: Stream, kinds: tuple[str, ...], count: int) -> list["Archive"]:
        """The archive as so many, each of some sources of a stream's events of these kinds, about as many events each;
        fewer where there are fewer sources."""
        from minerlib.archive.part import parts

        return list(parts(self.path, stream, kinds, count))

    def only(self, sources: Collection[str], share: float = 1.0) -> "Archive":
        """The archive as if only these sources had said anything, for a backtest of these: about such a share of all
        events, so that more of the rows are read at once."""
        from minerlib.archive.part import Chosen

        return Chosen(self.path, sources, share)

    @property
    def _at_once(self) -> int:
        """How many rows, its own and others', are looked through at once."""
        return _ROWS

    def _rows(self) -> pl.Expr:
        """Which rows are its own: all of them."""
        return pl.lit(True)

    def _frames(
        self,
        stream: Stream,
        kind: Kinds,
        since: int | None,
        until: int | None,
        first: int | None,
        last: int | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[dict[str, pl.DataFrame]]:
        """The rows of each kind, about half a million at once."""
        snapshot = Snapshot(self.path, _wanted(kind, own=False), stream.scope, stream.epoch)
        live = snapshot.today
        for begin, end in _spans(snapshot, live, since, until, self._at_once):
            low, high = to_datetime(begin), to_datetime(end - 1)
            wanted = self._rows() & ~pl.col("repeat") & pl.col("seen").is_between(low, high)
            wanted = wanted if first is None else wanted & (pl.col("offset") >= first)
            wanted = wanted if last is None else wanted & (pl.col("offset") <= last)
            frames: dict[str, pl.DataFrame] = {}
            for name in snapshot.kinds:
                sealed = snapshot.sealed(name, seen=(low, high), offset=(first, last))
                sides = [live[name].lazy()] if sealed is None else [sealed, live[name].lazy()]
                needed = None if name == RETIRE else fields  # what it retires is said in its body
                with blaming(self.path, name.__eq__, stream.scope):
                    found = [_only(side.filter(wanted), needed).collect() for side in sides]
                frames[name] = pl.concat([side for side in found if side.height] or found[:1], how="diagonal_relaxed")
            yield frames


def _spans(
    snapshot: Snapshot, live: dict[str, pl.DataFrame], since: int | None, until: int | None, most: int
) -> Iterator[tuple[int, int]]:
    """Spans of `seen` that may hold events, as `[begin, end)` in microseconds: days, joined or cut to so many rows."""
    days: dict[date, list[tuple[int, datetime | None, datetime | None]]] = {}  # rows, first and last seen
    for name in snapshot.kinds:
        for day in live[name]["seen"].dt.date().unique():
            days.setdefault(day, [])
        if "min.seen" in (files := snapshot.files(name)).columns:
            for day, *said in files.select("date", "rows", "min.seen", "max.seen").rows():
                days.setdefault(day, []).append((said[0], said[1], said[2]))
    spans: list[tuple[int, int, int]] = []  # begin, end, rows
    for day, files in sorted(days.items()):
        size, midnight = sum(rows for rows, _, _ in files), (day - date(1970, 1, 1)).days * DAY
        if spans and spans[-1][2] + size <= most:
            spans[-1] = spans[-1][0], midnight + DAY, spans[-1][2] + size
        else:
            first = min((from_datetime(seen) for _, seen, _ in files if seen), default=midnight)
            last = max((from_datetime(seen) for _, _, seen in files if seen), default=midnight + DAY)
            pieces = 1 + size // most
            inner = [first + (last - first) * n // pieces for n in range(1, pieces)]
            cuts = [midnight, *inner, midnight + DAY]
            spans += [(begin, end, size // pieces) for begin, end in pairwise(cuts)]
    for begin, end, _ in spans:
        begin, end = begin if since is None else max(begin, since), end if until is None else min(end, until)
        if begin < end:
            yield begin, end


def _only(frame: pl.LazyFrame, fields: Collection[str] | None) -> pl.LazyFrame:
    """A frame without the fields that nobody needs."""
    if fields is None:
        return frame
    columns = [(name, name.removeprefix("body.")) for name in frame.collect_schema().names()]
    keep = [n for n, field in columns if n in RESERVED or field in fields or n in fields]
    inside = [n for n, field in columns if any(field.startswith(f"{wanted}.") for wanted in fields)]
    return frame.select(cs.by_name(*dict.fromkeys([*keep, *inside])))


def _ours(path: Path) -> bool:
    """Whether something may stand in an archive: a stream's folder has two dots at least, and may still be empty."""
    return path.name in LAYOUT or path.name.startswith(".") or (path.is_dir() and path.name.count(".") >= 2)


def _wanted(kind: Kinds, own: bool) -> Callable[[str], bool]:
    if own and isinstance(kind, str):
        return lambda name: topic_matches(kind, name)
    return lambda name: kind_matches(kind, name)
