"""Today's store: plain rows in one SQLite file a stream and day, events and position in one transaction.

    archive/<scope>/<date>.sqlite     events, epochs, position, gaps

The newest file holds where the archiver is. A day is the date of `seen`; nothing is filed into a day before the newest.
"""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path

import msgspec

from minerlib.archive.places import days, stream_dir
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.event import Event
from minerlib.event.moment import DAY, now, to_datetime
from minerlib.event.order import Position

FORMAT = 1
_TABLES = f"""
pragma user_version = {FORMAT};
create table if not exists epochs (number integer primary key, name text not null unique);
create table if not exists events (
    epoch integer not null, offset integer not null, part integer not null,
    time integer not null, seen integer not null, source text not null, kind text not null,
    body text, raw blob, repeat integer not null, primary key (epoch, offset, part)) without rowid;
create table if not exists position (
    id integer primary key check (id = 1), epoch text not null, offset integer not null, digest text not null,
    "order" text not null);
create table if not exists gaps (
    epoch text not null, first integer not null, last integer not null, noticed integer not null,
    primary key (epoch, first, last)) without rowid;
create table if not exists sealed (epoch integer primary key, offset integer not null);
create view if not exists readable as
    select strftime('%Y-%m-%dT%H:%M:%f', time / 1e6, 'unixepoch') || 'Z' as at,
    source, kind, body, offset, repeat from events;
"""
_encode = msgspec.json.Encoder().encode


class Today:
    """The writer of one stream. Raises ArchiveFull where there is no room or no permission: nothing of the batch is
    stored then, and the same batch can be written again later."""

    def __init__(self, root: Path, scope: str) -> None:
        self.folder, self.scope = stream_dir(Path(root), scope), scope
        self._db: sqlite3.Connection | None = None
        self._day = ""
        self._epochs: dict[str, int] = {}
        files = days(self.folder)
        if files:
            self._open(files[-1].stem)

    @property
    def position(self) -> Position | None:
        """Where the archiver is: None before the first write."""
        if self._db is None:
            return None
        with _told(self.folder):
            row = self._db.execute('select epoch, offset, digest, "order" from position').fetchone()
        return Position(*row) if row else None

    def write(self, events: Sequence[Event], position: Position) -> None:
        """Store events, in stream order, and the position behind them; one transaction, two where a day ends."""
        with _told(self.folder):
            groups = [(day, list(group)) for day, group in groupby(events, key=lambda event: event.seen // DAY)]
            for number, (day, group) in enumerate(groups or [(None, [])]):
                if day is not None or self._db is None:
                    name = str(to_datetime(0 if day is None else day * DAY).date())
                    if self._db is None or name > self._day:
                        self._open(name)
                last = number >= len(groups) - 1
                self._store(group, position if last else None)

    def gap(self, epoch: str, first: int, last: int) -> None:
        """Record offsets that were gone before they could be read, first and last included."""
        with _told(self.folder):
            if self._db is None:
                self._open(str(to_datetime(now()).date()))
            assert self._db
            with _transaction(self._db):
                self._db.execute("insert or ignore into gaps values (?, ?, ?, ?)", (epoch, first, last, now()))

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def _store(self, events: list[Event], position: Position | None) -> None:
        assert self._db
        with _transaction(self._db):
            numbers = {name: self._epoch(name) for name in {event.epoch for event in events}}
            rows = [
                (numbers[e.epoch], e.offset, e.part, e.time, e.seen, e.source, e.kind,
                 None if e.raw is not None else _encode(e.body).decode(), e.raw, e.repeat)
                for e in events
            ]  # fmt: skip
            # What was read again after a crash between two days is there already: the key keeps it single.
            self._db.executemany("insert or ignore into events values (?,?,?,?,?,?,?,?,?,?)", rows)
            if position:
                self._db.execute("insert or replace into position values (1, ?, ?, ?, ?)", position)

    def _epoch(self, name: str) -> int:
        if name not in self._epochs:
            assert self._db
            number = max(self._epochs.values(), default=0) + 1
            self._db.execute("insert or ignore into epochs values (?, ?)", (number, name))
            self._epochs = {name: number for number, name in self._db.execute("select number, name from epochs")}
        return self._epochs[name]

    def _open(self, day: str) -> None:
        """Open the file of a day; a new one inherits epochs, what was sealed, and the position."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, old = self.folder / f"{day}.sqlite", self._db
        db = connect(path)
        db.executescript(f"pragma journal_mode=wal; pragma synchronous=full; {_TABLES}")
        if old is not None:
            with _transaction(db):
                for table in ("epochs", "sealed", "position"):
                    rows = old.execute(f"select * from {table}").fetchall()
                    if rows:
                        marks = ",".join("?" * len(rows[0]))
                        db.executemany(f"insert or ignore into {table} values ({marks})", rows)
            old.close()
        self._db, self._day = db, day
        self._epochs = {name: number for number, name in db.execute("select number, name from epochs")}


def connect(path: Path) -> sqlite3.Connection:
    """A connection to a file of ours, which may be used from any one thread at a time.

    Raises ArchiveError where a newer minerlib wrote it.
    """
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
    version = db.execute("pragma user_version").fetchone()[0]
    if version > FORMAT:
        db.close()
        raise ArchiveError(
            f"{path} was written in format {version}, and this minerlib reads up to {FORMAT}: install a newer one."
        )
    return db


@contextmanager
def _transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("begin immediate")
    try:
        yield
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already
            db.execute("rollback")
        raise
    try:
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise


@contextmanager
def _told(folder: Path) -> Generator[None]:
    """What SQLite and the file system say when they cannot write, in a sentence."""
    try:
        yield
    except (sqlite3.OperationalError, OSError) as error:
        raise ArchiveFull(f"{folder} cannot be written ({error}): make room, or let this user write there.") from None
    except sqlite3.DatabaseError as error:
        raise ArchiveError(
            f"The newest file in {folder} is broken ({error}): move it away; the stream still has its events."
        ) from None


def today() -> date:
    return to_datetime(now()).date()
