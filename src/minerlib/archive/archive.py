"""The archive as its readers see it: sealed tables and today's files as one, no event twice or missing at the seam."""

import difflib
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib import settings
from minerlib.archive.columns import EVENT, RESERVED, TAIL, body_of, dtypes, field_name, known_types
from minerlib.archive.places import days, scopes, sealed_kinds, stream_dir
from minerlib.archive.seal import frame_of, table, version
from minerlib.archive.today import connect
from minerlib.errors import ArchiveError
from minerlib.event.event import Event
from minerlib.event.moment import DAY, now, to_datetime, when
from minerlib.event.pattern import kind_matches, topic_matches
from minerlib.rule.history import Stream

if TYPE_CHECKING:
    import pandas as pd

BATCH = 10_000
Moment = str | int | float | datetime | timedelta | None


class Archive:
    """What was kept, under `path` (default: MINERLIB_ARCHIVE, else ./archive). Reading never disturbs the archiver.

        archive.kinds()                                        what there is
        archive.scan("disk.usage", since="2h").collect()       a lazy Polars frame of one kind, or of a pattern

    Raises ArchiveError where the path is something else than an archive.
    """

    def __init__(self, path: Path | str | None = None) -> None:
        self.path = Path(path) if path else settings.archive_dir()
        if self.path.exists() and not self.path.is_dir():
            raise ArchiveError(f"{self.path} is a file, and an archive is a folder: name its folder.")

    def __repr__(self) -> str:
        return f"Archive({str(self.path)!r})"

    def scan(
        self,
        kind: str,
        since: Moment = None,
        until: Moment = None,
        scope: str | None = None,
        repeats: bool = False,
        own: bool = False,
    ) -> pl.LazyFrame:
        """The events of a kind, or of a pattern of kinds, as a lazy frame: a row an event, a column a field.

        `since` and `until` bound `time` (`[since, until)`), `scope` may hold `*`. What was said twice is left out
        unless `repeats`; the workbench's own kinds (ticks, alerts) are matched only when named, or with `own`. Raises
        ArchiveError where no such kind is in the archive.
        """
        at = now()
        begin, end = when(since, at), when(until, at)
        matches = topic_matches if own else kind_matches
        kinds = [name for name in self._kinds() if matches(kind, name)]
        if not kinds:
            raise ArchiveError(self._no_kind(kind))
        parts = [part for name in kinds for part in self._parts(name, scope)]
        frame = pl.concat(parts, how="diagonal_relaxed") if len(parts) > 1 else parts[0]
        frame = frame.select([*[c for c in frame.collect_schema() if c not in TAIL], *TAIL])
        if begin is not None:
            frame = frame.filter(pl.col("time") >= to_datetime(begin))
        if end is not None:
            frame = frame.filter(pl.col("time") < to_datetime(end))
        return frame if repeats else frame.filter(~pl.col("repeat"))

    def to_pandas(self, kind: str, *args: Any, **named: Any) -> "pd.DataFrame":
        """`scan`, as a pandas frame."""
        return self.scan(kind, *args, **named).collect().to_pandas()

    def kinds(self) -> pl.DataFrame:
        """What there is: kind, events, sources, first, last."""
        rows: list[pl.DataFrame] = []
        for name in self._kinds():
            parts = [part.select("time", "source", "kind", "repeat") for part in self._parts(name, None)]
            said = pl.concat(parts).filter(~pl.col("repeat"))
            sources, time = pl.col("source"), pl.col("time")
            found = said.select(
                kind=pl.lit(name), events=pl.len(), sources=sources.n_unique(), first=time.min(), last=time.max()
            )
            rows.append(found.collect())
        schema = {
            "kind": pl.String,
            "events": pl.UInt32,
            "sources": pl.UInt32,
            "first": EVENT["time"],
            "last": EVENT["time"],
        }
        return pl.concat(rows) if rows else pl.DataFrame(schema=schema)

    def schema(self, kind: str) -> pl.DataFrame:
        """The fields of a kind: name, type, the share of its events that have it, an example."""
        frame = self.scan(kind).collect()
        names = [name for name in frame.columns if name not in RESERVED]
        rows = [
            {
                "field": field_name(name),
                "type": {"Float64": "number", "String": "text", "Boolean": "true or false"}[str(frame[name].dtype)],
                "share": round(1 - frame[name].null_count() / max(1, frame.height), 4),
                "example": str(frame[name].drop_nulls().first()),
            }
            for name in names
        ]
        return pl.DataFrame(
            rows, schema={"field": pl.String, "type": pl.String, "share": pl.Float64, "example": pl.String}
        )

    def streams(self, scope: str = "*.*.*") -> list[Stream]:
        """The streams and epochs there are events of, oldest first."""
        first: dict[Stream, int] = {}
        for name in scopes(self.path):
            for path in days(stream_dir(self.path, name)):
                with _reading(path) as db:
                    for number, epoch in db.execute("select number, name from epochs").fetchall():
                        row = db.execute(
                            "select seen from events where epoch = ? order by offset limit 1", (number,)
                        ).fetchone()
                        if row:
                            first[Stream(name, epoch)] = min(row[0], first.get(Stream(name, epoch), row[0]))
        for kind in sealed_kinds(self.path):
            found = table(self.path, kind)
            if found is None:
                continue
            keys = ["company", "system", "environment", "epoch"]
            for *words, epoch, seen in (
                pl.scan_delta(found)
                .group_by(keys)
                .agg(pl.col("seen").min())
                .collect()
                .select(*keys, pl.col("seen").cast(pl.Int64))
                .rows()
            ):
                stream = Stream(".".join(words), epoch)
                first[stream] = min(seen, first.get(stream, seen))
        return sorted((s for s in first if topic_matches(scope, s.scope)), key=lambda stream: first[stream])

    def clock(self, stream: Stream, until: int | None = None) -> int | None:
        """The stream's clock: the highest `seen` of any event (below `until`), in microseconds."""
        found: list[int] = []
        for path in days(stream_dir(self.path, stream.scope)):
            with _reading(path) as db:
                number = db.execute("select number from epochs where name = ?", (stream.epoch,)).fetchone()
                row = db.execute(
                    "select seen from events where epoch = ? and seen < ? order by offset desc limit 1",
                    (number[0] if number else -1, until or 2**62),
                ).fetchone()
                found += [row[0]] if row else []
        for kind in sealed_kinds(self.path):
            sealed = self._sealed(kind, stream.scope, stream.epoch)
            if sealed is not None:
                seen = pl.col("seen").cast(pl.Int64)
                top = sealed.filter(seen < (until or 2**62)).select(seen.max()).collect().item()
                found += [top] if top is not None else []
        return max(found, default=None)

    def events(
        self,
        stream: Stream,
        kind: str = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
    ) -> Iterator[list[Event]]:
        """The events of a stream in its order, in batches: those `seen` in `[since, until)` (microseconds), from offset
        `first` on, repeats left out. A day is in memory at a time."""
        kinds = [name for name in self._kinds() if kind_matches(kind, name)]
        snapshot = [(name, table(self.path, name)) for name in kinds]
        days_of: set[date] = set()
        for _, found in snapshot:
            if found:
                days_of |= {date.fromisoformat(part["date"]) for part in found.partitions()}
        live = {name: self._today(name, stream.scope, found, stream.epoch) for name, found in snapshot}
        for frame in live.values():
            days_of |= set(frame["seen"].dt.date().unique())
        for day in sorted(days_of):
            at = (
                int(datetime(day.year, day.month, day.day).replace(tzinfo=to_datetime(0).tzinfo).timestamp())
                * 1_000_000
            )
            if (since is not None and at + DAY <= since) or (until is not None and at >= until):
                continue
            rows: list[tuple[int, int, Event]] = []
            for name, found in snapshot:
                frames = [live[name].lazy()]
                sealed = self._sealed(name, stream.scope, stream.epoch, found)
                if sealed is not None:
                    frames.append(sealed.filter(pl.col("date") == day))
                for part in frames:
                    part = part.filter(pl.col("seen").dt.date() == day, ~pl.col("repeat"))
                    part = part if since is None else part.filter(pl.col("seen") >= to_datetime(since))
                    part = part if until is None else part.filter(pl.col("seen") < to_datetime(until))
                    part = part if first is None else part.filter(pl.col("offset") >= first)
                    rows += [(event.offset, event.part, event) for event in _events(part.collect())]
            rows.sort(key=lambda row: row[:2])
            for begin in range(0, len(rows), BATCH):
                yield [event for _, _, event in rows[begin : begin + BATCH]]

    def _kinds(self) -> list[str]:
        found = set(sealed_kinds(self.path))
        for name in scopes(self.path):
            for path in days(stream_dir(self.path, name)):
                with _reading(path) as db:
                    found |= {row[0] for row in db.execute("select distinct kind from events")}
        return sorted(found)

    def _no_kind(self, kind: str) -> str:
        kinds = self._kinds()
        near = difflib.get_close_matches(kind, kinds, 1)
        hint = (
            f"did you mean {near[0]}?"
            if near
            else f"there are {', '.join(kinds[:8])}."
            if kinds
            else "nothing was archived yet."
        )
        return f"No event of kind {kind!r} is in {self.path}: {hint}"

    def _parts(self, kind: str, scope: str | None) -> list[pl.LazyFrame]:
        """A kind's sealed part and today's, in this order of looking: what is sealed meanwhile is seen in today's."""
        found = table(self.path, kind)
        sealed = self._sealed(kind, scope, None, found)
        live = self._today(kind, scope, found).lazy()
        return [live] if sealed is None else [sealed.drop("date"), live]

    def _sealed(self, kind: str, scope: str | None, epoch: str | None, found: Any = None) -> pl.LazyFrame | None:
        found = found or table(self.path, kind)
        if found is None:
            return None
        frame = pl.scan_delta(found)
        words = scope.split(".") if scope else ["*"] * 3
        for column, word in zip(("company", "system", "environment"), words, strict=True):
            frame = frame if word == "*" else frame.filter(pl.col(column) == word)
        return frame if epoch is None else frame.filter(pl.col("epoch") == epoch)

    def _today(self, kind: str, scope: str | None, found: Any, epoch: str | None = None) -> pl.DataFrame:
        """What SQLite has of a kind above what is sealed, as the same columns."""
        known = known_types(dict(pl.scan_delta(found).collect_schema().items())) if found else {}
        frames = [pl.DataFrame(schema=dtypes(known))]
        for name in scopes(self.path):
            if scope and not topic_matches(scope, name):
                continue
            for path in days(stream_dir(self.path, name)):
                with _reading(path) as db:
                    for number, each in db.execute("select number, name from epochs order by number").fetchall():
                        if epoch is None or each == epoch:
                            rows = db.execute(
                                "select ?, offset, part, time, seen, source, body, raw, repeat from events"
                                " where epoch = ? and offset > ? and kind = ? order by offset, part",
                                (each, number, version(found, name, each), kind),
                            ).fetchall()
                            if rows:
                                frames.append(frame_of(rows, name, kind, known))
        return pl.concat(frames, how="diagonal_relaxed")


def _reading(path: Path) -> "_Reading":
    return _Reading(path)


class _Reading:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        self._db = connect(self._path)
        return self._db

    def __exit__(self, *_: object) -> None:
        self._db.close()


def _events(frame: pl.DataFrame) -> Iterator[Event]:
    names = [name for name in frame.columns if name not in RESERVED]
    for row in frame.with_columns(pl.col("time", "seen").cast(pl.Int64)).iter_rows(named=True):
        raw = row["raw"]
        body = None if raw is not None else body_of({name: row[name] for name in names}, row["rest"])
        yield Event(
            time=row["time"], seen=row["seen"], epoch=row["epoch"], offset=row["offset"], part=row["part"],
            company=row["company"], system=row["system"], environment=row["environment"],
            source=row["source"], kind=row["kind"], body=body, raw=raw, repeat=row["repeat"],
        )  # fmt: skip
