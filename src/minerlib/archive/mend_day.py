"""A day's SQLite file made anew from what of a broken one can be read, row by row around the pages that cannot.

What is known of its stream's epochs, seals and gaps comes from the day before where it is not readable. Where the
position is not, the file has none: the archiver then goes on from the day before, or from the stream's first message,
and takes no event twice.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from minerlib.archive.day import make_tables, transaction, write_to
from minerlib.archive.finding import inside, merged
from minerlib.archive.hashes import Row, note, rows_of, wrong
from minerlib.archive.quarantine import Quarantine
from minerlib.archive.whole import order_fault

_FAR = 2**48  # an offset that no stream reaches
_TABLES = ("epochs", "sealed", "gaps", "position")
_BATCH = 10_000


class Mended(NamedTuple):
    """What became of a file: where it is now, rows kept, rows that may be wrong (kept out, by epoch's name), and
    whether the position could be read."""

    aside: Path | None
    kept: int
    doubted: dict[str, list[Row]]
    position: bool


def mend_day(path: Path, aside: Quarantine) -> Mended:
    """Put a broken file aside and make it anew. Its stream's lease is held."""
    there = aside.put(path)
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        beside = path.with_name(name)
        if beside.exists() and there is not None:
            beside.rename(there.with_name(there.name + name.removeprefix(path.name)))
    found: dict[str, list[Any]] = {}
    rows: list[Row] = []
    doubted: dict[str, list[Row]] = {}
    if there is not None:
        with closing(sqlite3.connect(there, isolation_level=None)) as db:
            found = {name: _whole(db, name) for name in _TABLES}
            rows, doubted = _rows(db, found["epochs"])
    found["position"] = [row for row in found.get("position", []) if not order_fault(row[4])]
    _make(path, found, rows)
    return Mended(there, len(rows), doubted, bool(found["position"]))


def _whole(db: sqlite3.Connection, table: str) -> list[Any]:
    """All rows of a small table; none where it cannot be read."""
    try:
        return db.execute(f"select * from {table}").fetchall()
    except sqlite3.DatabaseError:
        return []


def _rows(db: sqlite3.Connection, epochs: list[Any]) -> tuple[list[Row], dict[str, list[Row]]]:
    """The rows that can be read and are, by the hashes, as they were written; and the others."""
    rows: list[Row] = []
    doubted: dict[str, list[Row]] = {}
    spans = {tuple(span[:3]) for span in _whole(db, "hashes")}
    good = spans - set(wrong(db, {})) if spans else set[tuple[Any, ...]]()
    for number, name, *_ in epochs:
        sure = merged([(first, last) for epoch, first, last in good if epoch == number])
        for row in filter(_sane, _read(db, number, 0, _FAR)):
            if not spans or inside(sure, row[1]):
                rows.append(row)
            else:
                doubted.setdefault(name, []).append(row)
    return rows, doubted


def _sane(row: Row) -> bool:
    """Whether a row can have been written so."""
    epoch, offset, part, time, seen, source, kind, body, raw, repeat = row
    numbers = all(isinstance(each, int) for each in (epoch, offset, part, time, seen, repeat))
    if not (numbers and isinstance(source, str) and isinstance(kind, str)):
        return False
    try:
        return isinstance(raw, bytes) if body is None else msgspec.json.decode(body) is not ...
    except (ValueError, TypeError):
        return False


def _read(db: sqlite3.Connection, epoch: int, first: int, last: int) -> Iterator[Row]:
    """The rows between two offsets, halved wherever a page between them cannot be read."""
    try:
        found = rows_of(db, epoch, first, last)
    except sqlite3.DatabaseError:
        if first < last:
            middle = (first + last) // 2
            yield from _read(db, epoch, first, middle)
            yield from _read(db, epoch, middle + 1, last)
    else:
        yield from found


def _make(path: Path, found: dict[str, list[Any]], rows: list[Row]) -> None:
    db = write_to(path)
    try:
        with transaction(db):
            make_tables(db)
            for name, some in found.items():
                for row in some:
                    db.execute(f"insert or ignore into {name} values ({','.join('?' * len(row))})", row)
            db.executemany("insert into events values (?,?,?,?,?,?,?,?,?,?)", rows)
            for _, same in groupby(rows, key=lambda row: row[0]):
                some = list(same)
                for begin in range(0, len(some), _BATCH):
                    note(db, some[begin : begin + _BATCH])
    finally:
        db.close()
