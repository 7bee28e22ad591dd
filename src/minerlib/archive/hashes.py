"""Hashes of what was written: SQLite does not notice a byte that changed inside a row.

Each transaction notes one hash an epoch over the rows it stored, from its first offset to its last.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from minerlib.archive.whole import COMPLAINTS

_COLUMNS = "epoch, offset, part, time, seen, source, kind, body, raw, repeat"
_ROWS = f"select {_COLUMNS} from events where epoch = ? and offset between ? and ? order by offset, part"
_encode = msgspec.msgpack.Encoder().encode

FAR = 2**62  # no offset reaches it
Row = Sequence[Any]  # a row of `events`, its columns in their order


def note(db: sqlite3.Connection, rows: Sequence[Row], stored: bool = True) -> None:
    """Note the hash of rows of one epoch, in the order of (offset, part), in the transaction that stores them.

    Where some of them were there before (not all `stored`), those that are there count.
    """
    epoch, first, last = rows[0][0], rows[0][1], rows[-1][1]
    rows = rows if stored else rows_of(db, epoch, first, last)
    db.execute("insert or replace into hashes values (?, ?, ?, ?)", (epoch, first, last, _hash(rows)))


def wrong(
    db: sqlite3.Connection, of: int | None = None, low: int = 0, high: int = FAR
) -> Iterator[tuple[int, int, int]]:
    """Epoch, first and last offset of what is not as it was written: of all, or of what one epoch has between two
    offsets."""
    spans = "select * from hashes where epoch = coalesce(?, epoch) and last >= ? and first <= ?"
    for epoch, first, last, said in db.execute(f"{spans} order by epoch, first, last", (of, low, high)).fetchall():
        try:
            there = _hash(rows_of(db, epoch, first, last))
        except COMPLAINTS:  # a page that cannot be read, or text that is none
            there = ""
        if there != said:
            yield epoch, first, last


def rows_of(db: sqlite3.Connection, epoch: int, first: int, last: int) -> list[Row]:
    """The rows of an epoch between two offsets, both included."""
    return db.execute(_ROWS, (epoch, first, last)).fetchall()


def _hash(rows: Sequence[Row]) -> str:
    return hashlib.blake2b(_encode(rows), digest_size=16).hexdigest()
