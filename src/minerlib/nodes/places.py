"""How far log files were read. A *generation* is what a file held between two rotations, wherever it lies now."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import msgspec

SPAN = 256  # bytes of the beginning, and of what lies before the place, by which content is known again
_KEPT = 50  # generations of a path that are remembered
_TABLE = """
create table if not exists places (
    name text primary key, path text, number integer, device integer, inode integer,
    head blob, offset integer, tail blob, changed integer, done integer);
"""


class Place(msgspec.Struct):
    """Where the reading of a generation stands.

    `name` is its publisher in message ids, `number` counts the generations of `path`. `head` are its first bytes, at
    most SPAN and of the first line only, `tail` the ones before `offset`; `changed` is when the file was last written
    as far as it was read (s since 1970); `done`: it is read to its end and will not grow.
    """

    name: str
    path: str
    number: int
    device: int
    inode: int
    head: bytes
    offset: int = 0
    tail: bytes = b""
    changed: int = 0
    done: bool = False

    def begins(self, file: BinaryIO) -> bool:
        """Whether a file has this generation's first bytes."""
        file.seek(0)
        return file.read(len(self.head)) == self.head

    def within(self, file: BinaryIO) -> bool:
        """Whether a file holds this generation up to the place, so that it can be read on there."""
        if not self.begins(file):
            return False
        file.seek(self.offset - len(self.tail))
        return file.read(len(self.tail)) == self.tail


class Places:
    """The SQLite file that holds them, written in one transaction; several programs may share it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, timeout=30, check_same_thread=False)
        self._saved: dict[str, tuple[object, ...]] = {}
        self._db.executescript(f"pragma journal_mode=wal; pragma synchronous=full; {_TABLE}")

    def of(self, path: str) -> list[Place]:
        """The generations of a path, oldest first."""
        rows = self._db.execute("select * from places where path = ? order by number", (path,))
        return [Place(*row[:9], done=bool(row[9])) for row in rows]

    def save(self, places: Iterable[Place]) -> None:
        """Replace what is known of these generations, and forget the oldest of their paths."""
        rows = {place.name: msgspec.structs.astuple(place) for place in places}
        changed = [place for place in rows.values() if self._saved.get(place[0]) != place]
        if not changed:
            return
        self._saved = rows
        with self._db:
            for row in changed:
                self._db.execute(f"insert or replace into places values ({','.join('?' * 10)})", row)
                oldest = (row[1], row[2] - _KEPT)
                self._db.execute("delete from places where path = ? and number <= ?", oldest)

    def close(self) -> None:
        self._db.close()
