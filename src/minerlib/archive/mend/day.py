"""A day's SQLite file made anew from what of a broken one can be read, row by row around the pages that cannot.

What is known of its stream's epochs, seals and gaps comes from the day before where it is not readable. Where the
position is not, the file has none: the archiver then goes on from the day before, or from the stream's first message,
and takes no event twice.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from minerlib.archive.check.finding import inside, merged
from minerlib.archive.day import make_tables, transaction, write_to
from minerlib.archive.hashes import Row, note, rows_of, wrong
from minerlib.archive.mend.quarantine import Quarantine
from minerlib.archive.whole import COMPLAINTS, order_fault
from minerlib.event.moment import DAY, SECOND

_FIRST, _LAST = -62_135_596_800 * SECOND, 253_402_300_799 * SECOND  # years 1 to 9999
_PAGE = 4096  # bytes of a page of SQLite, of which a new file has so many
_TABLES = ("epochs", "sealed", "gaps", "position")
_BATCH = 10_000


class Mended(NamedTuple):
    """What became of a file: rows kept, rows that may be wrong (kept out, by epoch's name), and whether the position
    could be read."""

    kept: int
    doubted: dict[str, list[Row]]
    position: bool


def mend_day(path: Path, aside: Quarantine) -> Mended:
    """Put a broken file aside, and one made anew from it into its place. Its stream's lease is held."""
    with tempfile.TemporaryDirectory(prefix="minerlib-") as folder:
        copy = Path(folder) / path.name
        for each in (path, *_beside(path)):
            shutil.copyfile(each, copy.with_name(each.name))
        found, rows, doubted = _readable(copy)
        if doubted or not rows:
            _copy_page(path, copy)
            again = _readable(copy)
            found, rows, doubted = again if len(again[1]) > len(rows) else (found, rows, doubted)
    names = {row[1] for row in found["epochs"]}  # without its epoch nobody would miss what is not there
    found["position"] = [row for row in found["position"] if row[1] in names and not order_fault(row[4])]
    made = aside.place(path.with_name(f"{path.name}.new"))
    _make(made, found, rows)
    for each in (*_beside(path), path):
        aside.put(each)
    made.rename(path)
    return Mended(len(rows), doubted, bool(found["position"]))


def _copy_page(path: Path, to: Path) -> None:
    """Write the first page of a new file over that of another, which is a copy of `path`: it says which tables there
    are and where they begin, which is the same in all of them."""
    with tempfile.TemporaryDirectory(prefix="minerlib-") as folder:
        _make(new := Path(folder) / path.name, {}, [])
        page = bytearray(new.read_bytes()[:_PAGE])
    page[28:32] = (path.stat().st_size // _PAGE).to_bytes(4, "big")  # how many pages the file has
    with to.open("r+b") as file:
        file.write(page)


def _beside(path: Path) -> list[Path]:
    """What SQLite keeps beside a file that was not closed."""
    return [each for end in ("-wal", "-shm") if (each := path.with_name(path.name + end)).exists()]


def _readable(path: Path) -> tuple[dict[str, list[Any]], list[Row], dict[str, list[Row]]]:
    """The small tables as far as they can be read, the rows, and those that may be wrong."""
    end = ((date.fromisoformat(path.stem) - date(1970, 1, 1)).days + 1) * DAY
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        found = {name: _whole(db, name) for name in _TABLES}
        found["epochs"] = found["epochs"] or _epochs(db, found["position"])
        return found, *_rows(db, found["epochs"], end)


def _epochs(db: sqlite3.Connection, position: list[Any]) -> list[Any]:
    """The epoch of a file whose table of epochs cannot be read, where there is but one: that of its position."""
    spans = _whole(db, "hashes")
    if not position or len({span[0] for span in spans}) != 1:
        return []
    number, first, last = spans[0][0], min(span[1] for span in spans), max(span[2] for span in spans)
    begun = next((row[4] for row in _read(db, number, first, last)), None)
    return [(number, position[0][1], begun, first, last)]


def _whole(db: sqlite3.Connection, table: str) -> list[Any]:
    """All rows of a small table; none where it cannot be read."""
    try:
        return db.execute(f"select * from {table}").fetchall()
    except COMPLAINTS:
        return []


def _rows(db: sqlite3.Connection, epochs: list[Any], end: int) -> tuple[list[Row], dict[str, list[Row]]]:
    """The rows that can be read and are, by the hashes, as they were written; and the others."""
    rows: list[Row] = []
    doubted: dict[str, list[Row]] = {}
    spans = {tuple(span[:3]) for span in _whole(db, "hashes")}
    good = spans - set(wrong(db)) if spans else set[tuple[Any, ...]]()
    for number, name, _, begin, last in epochs:
        if begin is None or last is None:
            continue
        sure = merged([(first, last) for epoch, first, last in good if epoch == number])
        for row in _read(db, number, begin, last):
            if not _sane(row, end):
                continue
            if not spans or inside(sure, row[1]):
                rows.append(row)
            else:
                doubted.setdefault(name, []).append(row)
    return rows, doubted


def _sane(row: Row, end: int) -> bool:
    """Whether a row can have been written so, into a file whose day ends then."""
    epoch, offset, part, time, seen, source, kind, body, raw, repeat = row
    numbers = all(isinstance(each, int) for each in (epoch, offset, part, time, seen, repeat))
    if not (numbers and isinstance(source, str) and isinstance(kind, str)):
        return False
    if not (0 <= seen < end and _FIRST <= time <= _LAST):
        return False
    try:
        return isinstance(raw, bytes) if body is None else msgspec.json.decode(body) is not ...
    except (ValueError, TypeError):
        return False


def _read(db: sqlite3.Connection, epoch: int, first: int, last: int) -> Iterator[Row]:
    """The rows between two offsets, halved wherever a page between them cannot be read."""
    try:
        found = rows_of(db, epoch, first, last)
    except COMPLAINTS:
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
            for some in _spans(rows):
                note(db, some)
    finally:
        db.close()


def _spans(rows: list[Row]) -> Iterator[list[Row]]:
    """Rows of one epoch each, about as many as _BATCH: all parts of a message are in the same, as its hash is over the
    rows of whole offsets."""
    some: list[Row] = []
    for row in rows:
        if some and (row[0] != some[-1][0] or (len(some) >= _BATCH and row[1] != some[-1][1])):
            yield some
            some = []
        some.append(row)
    if some:
        yield some
