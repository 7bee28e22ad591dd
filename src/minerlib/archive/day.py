"""A day's SQLite file: its tables, how it is opened to write and to read, and what is said when it cannot be.

events      epoch (a number, see epochs), offset, part, time, seen, source, kind, body, raw, repeat
epochs      number, name, begun (seen), first and last offset stored
position    where the archiver is: only in a file whose day has really begun
gaps        offsets that are in no file, and why
hashes      over the rows of each transaction, see hashes.py
sealed      how far each epoch was sealed, and when
events_readable, epochs_readable, gaps_readable       the same for people
a view for each kind                                  see kindviews.py
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from minerlib.archive.whole import COMPLAINTS, FORMAT, broken, check_format, damaged, unwritable
from minerlib.errors import ArchiveError


def iso(column: str) -> str:
    """SQL: microseconds since 1970 as RFC 3339, also before 1970."""
    micros = f"(({column} % 1000000 + 1000000) % 1000000)"
    seconds = f"({column} - {micros}) / 1000000"
    return f"strftime('%Y-%m-%dT%H:%M:%S', {seconds}, 'unixepoch') || printf('.%06dZ', {micros})"


TABLES = [
    "create table if not exists epochs (number integer primary key, name text not null unique,"
    " begun integer, first integer, last integer)",
    "create table if not exists events (epoch integer not null, offset integer not null, part integer not null,"
    " time integer not null, seen integer not null, source text not null, kind text not null,"
    " body text, raw blob, repeat integer not null, primary key (epoch, offset, part)) without rowid",
    "create table if not exists position (id integer primary key check (id = 1), epoch text not null,"
    ' offset integer not null, digest text not null, "order" text not null)',
    "create table if not exists gaps (epoch text not null, first integer not null, last integer not null,"
    " noticed integer not null, why text not null, primary key (epoch, first, last)) without rowid",
    "create table if not exists hashes (epoch integer not null, first integer not null, last integer not null,"
    " hash text not null, primary key (epoch, first, last)) without rowid",
    "create table if not exists sealed (epoch integer primary key, offset integer not null, at integer not null)",
    f"create view if not exists events_readable as select {iso('e.time')} as time, {iso('e.seen')} as seen,"
    " e.source, e.kind, e.body, e.raw, e.repeat, n.name as epoch, e.offset, e.part"
    " from events e join epochs n on n.number = e.epoch",
    f"create view if not exists epochs_readable as select name, {iso('begun')} as begun, first, last from epochs",
    f"create view if not exists gaps_readable as select epoch, first, last, {iso('noticed')} as noticed, why from gaps",
]


def write_to(path: Path) -> sqlite3.Connection:
    """A connection that writes: WAL, every commit on disk before it returns; the tables are made by `tables`.

    It may be used from any one thread at a time. Raises ArchiveError where a newer minerlib wrote the file,
    ArchiveBroken where it is damaged.
    """
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
    try:
        check_format(format_of(db), path)
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
    except BaseException as error:
        db.close()
        if isinstance(error, COMPLAINTS) and damaged(error):
            raise broken(path, error) from None
        raise
    return db


def make_tables(db: sqlite3.Connection) -> None:
    """The tables of a day, in the transaction that is open, so that a file has all of them or none."""
    for statement in TABLES:
        db.execute(statement)
    db.execute(f"pragma user_version = {FORMAT}")


@contextmanager
def read_from(path: Path) -> Generator[sqlite3.Connection | None]:
    """A connection that only reads, in one snapshot; None where the file has gone, or nothing was committed to it yet.

    Raises ArchiveBroken where the file is damaged, also while it is read, ArchiveError where it cannot be read.
    """
    db: sqlite3.Connection | None = None
    try:
        try:
            db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=30)
            db.execute("begin")
            check_format(format_of(db), path)
            there = db.execute("select count(*) from sqlite_master where name = 'events'").fetchone()[0]
        except COMPLAINTS:
            if path.exists():
                raise
            there = False
        yield db if there else None
    except COMPLAINTS as error:
        if damaged(error):
            raise broken(path, error) from None
        raise ArchiveError(f"{path} cannot be read ({error}): read as the user who writes it.") from None
    finally:
        if db is not None:
            db.close()


def format_of(db: sqlite3.Connection) -> int:
    """The format a file was written in."""
    return db.execute("pragma user_version").fetchone()[0]


@contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """All of it or nothing, also when there is no room to commit."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already
            db.execute("rollback")
        raise


@contextmanager
def told(place: Path, file: Path | None = None) -> Generator[None]:
    """What SQLite and the file system say when they cannot write, as a sentence.

    Raises ArchiveFull (worth trying again) and ArchiveBroken (the `file` is damaged).
    """
    try:
        yield
    except (*COMPLAINTS, OSError) as error:
        raise unwritable(place, error, file) from None
