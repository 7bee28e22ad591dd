"""Today's store: plain rows in one SQLite file a stream and day, events and position in one transaction.

    archive/<scope>/<date>.sqlite

The newest file that has a position says where the archiver is. A day is the date of `seen`; nothing is filed into a
day before the newest, so a clock that jumped back costs nothing.

    batch over midnight      |--- 23.sqlite ---|--- 24.sqlite, and the position ---|
    killed between the two   the position is still the one in 23: the batch is read again, and the key
                             (epoch, offset, part) keeps what is there already single
"""

import sqlite3
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from minerlib.archive.day import make_tables, read_from, told, transaction, write_to
from minerlib.archive.gaps import RETENTION
from minerlib.archive.hashes import note
from minerlib.archive.places import days, make_dir, stream_dir
from minerlib.archive.whole import broken, order_fault
from minerlib.errors import ArchiveError
from minerlib.event.event import Event
from minerlib.event.moment import DAY, now, to_datetime
from minerlib.event.order import Position

_ROW = "(?,?,?,?,?,?,?,?,?,?)"
_AT_ONCE = 90  # rows of a statement: before each the lock of Python is let go, and a busy thread may hold it for 5 ms
_encode = msgspec.json.Encoder().encode


class Today:
    """The writer of one stream. There is one at a time.

    Raises ArchiveFull where there is no room or no permission, ArchiveBroken where the file is damaged: the position
    has not moved then, and the same batch can be written again later.
    """

    def __init__(self, root: Path, scope: str) -> None:
        self.folder, self.scope = stream_dir(Path(root), scope), scope
        self._db: sqlite3.Connection | None = None
        self._day = ""
        self._position: Position | None = None
        self._numbers: dict[str, int] = {}
        self._gaps: list[tuple[str, int, int, int, str]] = []
        path = None
        with told(self.folder):
            path = newest(self.folder)
        if path is not None:
            with told(self.folder, path):
                self._db, self._day = write_to(path), path.stem
                with transaction(self._db):
                    make_tables(self._db)
                self._position, self._numbers = _position(self._db), _numbers(self._db)
            if self._position and (fault := order_fault(self._position.order)):
                self.close()
                raise broken(path, fault)

    @property
    def position(self) -> Position | None:
        """Where the archiver is: None before the first event."""
        return self._position

    def write(self, events: Sequence[Event], position: Position) -> None:
        """Store events, in stream order, and the position behind them: one transaction, one more for each midnight.

        What lies at or before the position already is left out. Raises ArchiveFull, and ArchiveError where somebody
        else wrote to this stream meanwhile.
        """
        at = self._position
        if at is not None and events and events[0].epoch == at.epoch and events[0].offset <= at.offset:
            events = [event for event in events if event.epoch != at.epoch or event.offset > at.offset]
        with told(self.folder, self.folder / f"{self._day}.sqlite"):
            by_day = self._by_day(events)
            if not by_day:
                if self._db is None:  # nothing to file it with: it will be read again, for nothing
                    return
                by_day = [(self._day, [])]
            for day, group in by_day[:-1]:
                self._store(day, group, None)
            self._store(*by_day[-1], position)

    def gap(self, epoch: str, first: int, last: int, why: str = RETENTION) -> None:
        """Offsets that there is no event of, first and last included, and why (see gaps.py); stored with the next
        `write`."""
        self._gaps.append((epoch, first, last, now(), why))

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def _by_day(self, events: Sequence[Event]) -> list[tuple[str, Sequence[Event]]]:
        """The events by the day they are filed under, which never falls."""
        if events and self._day and max(event.seen for event in events) < _begin_of(self._day) + DAY:
            return [(self._day, events)]
        out: list[tuple[str, list[Event]]] = []
        day, end = self._day, _begin_of(self._day) + DAY if self._day else None
        for event in events:
            if end is None or event.seen >= end:
                day = str(to_datetime(event.seen).date())
                end = _begin_of(day) + DAY
            if not out or out[-1][0] != day:
                out.append((day, []))
            out[-1][1].append(event)
        return list(out)

    def _store(self, day: str, events: Sequence[Event], position: Position | None) -> None:
        """One transaction. Only the last of a batch moves the position, and with it to a new day."""
        if self._db is not None and day == self._day:
            with transaction(self._db):
                if _position(self._db) != self._position:
                    raise ArchiveError(f"{self.folder} is written by another archiver too: stop one of them.")
                numbers = self._insert(self._db, self._numbers, events, position)
            self._numbers = numbers
        else:
            make_dir(self.folder, self.scope)
            db = write_to(self.folder / f"{day}.sqlite")
            try:
                with transaction(db):
                    make_tables(db)
                    if _position(db) is not None:
                        raise ArchiveError(f"{self.folder} is written by another archiver too: stop one of them.")
                    self._inherit(db, day)
                    numbers = self._insert(db, _numbers(db), events, position)
            except BaseException:
                db.close()
                raise
            if position is None:
                db.close()
                return
            if self._db is not None:
                self._db.close()
            self._db, self._day, self._numbers = db, day, numbers
        if position is not None:
            self._position = position
            self._gaps.clear()

    def _insert(
        self, db: sqlite3.Connection, numbers: dict[str, int], events: Sequence[Event], position: Position | None
    ) -> dict[str, int]:
        """Rows, epochs, gaps, position; the epochs' numbers as they are then."""
        numbers = dict(numbers)
        spans: dict[str, tuple[int, int, int]] = {}
        for name in dict.fromkeys(event.epoch for event in events):
            if name not in numbers:
                numbers[name] = max(numbers.values(), default=0) + 1
                db.execute("insert into epochs (number, name) values (?, ?)", (numbers[name], name))
            of = events if len(events) and events[0].epoch == events[-1].epoch == name else None
            of = of or [event for event in events if event.epoch == name]
            spans[name] = (of[0].seen, of[0].offset, of[-1].offset)
        encode = _encode
        rows = [
            (numbers[e.epoch], e.offset, e.part, e.time, e.seen, e.source, e.kind,
             encode(e.body).decode() if e.raw is None else None, e.raw, int(e.repeat))
            for e in events
        ]  # fmt: skip
        stored = sum(_write(db, rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)) == len(rows)
        for name in spans:
            note(db, rows if len(spans) == 1 else [row for row in rows if row[0] == numbers[name]], stored)
        for name, (begun, first, last) in spans.items():
            db.execute(
                "update epochs set begun = coalesce(begun, ?), first = coalesce(first, ?), last = ? where number = ?",
                (begun, first, last, numbers[name]),
            )
        if position is not None:
            db.executemany("insert or ignore into gaps values (?, ?, ?, ?, ?)", self._gaps)
            db.execute("insert or replace into position values (1, ?, ?, ?, ?)", position)
        return numbers

    def _inherit(self, db: sqlite3.Connection, day: str) -> None:
        """What a new file takes over from the one before: the epochs so far, how far they were sealed, and all gaps."""
        there = _numbers(db)
        for path in reversed(days(self.folder)):
            with read_from(path) as before:
                if path.stem >= day or before is None:
                    continue
                for number, name, *span in before.execute("select * from epochs order by number").fetchall():
                    if name not in there:
                        there[name] = max(there.values(), default=0) + 1
                        db.execute("insert into epochs values (?, ?, ?, ?, ?)", (there[name], name, *span))
                    for row in before.execute("select offset, at from sealed where epoch = ?", (number,)).fetchall():
                        db.execute("insert or ignore into sealed values (?, ?, ?)", (there[name], *row))
                gaps = before.execute("select epoch, first, last, noticed, why from gaps").fetchall()
                db.executemany("insert or ignore into gaps values (?, ?, ?, ?, ?)", gaps)
                return


def newest(folder: Path) -> Path | None:
    """The newest file of a stream that holds a position; a day that was begun and not finished has none."""
    for path in reversed(days(folder)):
        with read_from(path) as db:
            if db is not None and _position(db) is not None:
                return path
    return None


def _write(db: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> int:
    """Store rows by one statement; how many were not there before."""
    values = ",".join([_ROW] * len(rows))
    found = [value for row in rows for value in row]
    return db.execute(f"insert or ignore into events values {values}", found).rowcount


def _position(db: sqlite3.Connection) -> Position | None:
    if not db.execute("select count(*) from sqlite_master where name = 'position'").fetchone()[0]:
        return None
    row = db.execute('select epoch, offset, digest, "order" from position').fetchone()
    return Position(*row) if row else None


def _numbers(db: sqlite3.Connection) -> dict[str, int]:
    return {name: number for number, name in db.execute("select number, name from epochs")}


def _begin_of(day: str) -> int:
    """Midnight, in microseconds, of a day named as its file."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * DAY
