"""One generation of a log file, open: its lines from the place on, and whether it is still what it was."""

import bz2
import gzip
import hashlib
import lzma
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from minerlib.nodes.places import SPAN, Place

LONGEST = 65_536  # bytes of a line that are kept
_OPENERS: dict[str, Callable[[Path], object]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
COMPRESSED = tuple(_OPENERS)


class Line(NamedTuple):
    """A line of a file without its end; `size` is its whole length in bytes, of which `text` has at most LONGEST.

    `end` is the offset behind it in the generation that `publisher` names: together they are the message's id.
    """

    path: str
    publisher: str
    end: int
    text: bytes
    size: int

    @property
    def id(self) -> str:
        return f"minerlib/{self.publisher}:{self.end}"


def open_log(path: Path) -> BinaryIO:
    """A file, or what a compressed one holds. Raises OSError."""
    opened = _OPENERS.get(path.suffix, lambda p: p.open("rb"))(path)
    return cast(BinaryIO, opened)


class Generation:
    """Read from a file that is open. `place` is None until there is a first whole line; a `still` one does not grow."""

    def __init__(self, path: str, file: BinaryIO, number: int, place: Place | None, still: bool = False) -> None:
        self.path, self.file, self.number, self.place, self.still = path, file, number, place, still
        self.stat = os.fstat(file.fileno())
        self.read_at = time.monotonic()

    @property
    def identity(self) -> tuple[int, int]:
        return self.stat.st_dev, self.stat.st_ino

    def intact(self) -> bool:
        """Whether nobody cut the file short since, even if it has grown again."""
        if self.still or not self.place:
            return True
        place, handle = self.place, self.file.fileno()  # pread: what the file object has buffered may be long gone
        if os.pread(handle, len(place.head), 0) != place.head:
            return False
        return os.pread(handle, len(place.tail), place.offset - len(place.tail)) == place.tail

    def begin(self, last: bool = False) -> Place | None:
        """The place, which there is from the first whole line on; its name says which generation of which file."""
        if not self.place:
            self.file.seek(0)
            head = self.file.readline(LONGEST)[:SPAN]
            if len(head) == SPAN or head.endswith(b"\n") or (head and last):
                said = f"{self.path}\0{self.number}\0{self.identity}\0".encode(errors="surrogateescape") + head
                name = f"log.{hashlib.blake2b(said, digest_size=10).hexdigest()}"
                changed = int(os.fstat(self.file.fileno()).st_mtime)
                self.place = Place(name, self.path, self.number, *self.identity, head, changed=changed)
        return self.place

    def read(self, most: int, last: bool = False) -> list[Line]:
        """The next whole lines, at most so many; with `last`, the rest of the file is a line too.

        Moves the place behind them. Empty where the file was cut short meanwhile. Raises OSError, EOFError.
        """
        place = self.begin(last)
        if not place:
            return []
        offset, tail, lines = place.offset, place.tail, list[Line]()
        changed = int(os.fstat(self.file.fileno()).st_mtime)
        self.file.seek(offset)
        while len(lines) < most:
            text, size, behind = self._line(tail)
            if not size or not (last or behind.endswith(b"\n")):
                break
            offset, tail = offset + size, behind
            whole = behind.endswith(b"\n")
            lines.append(
                Line(self.path, place.name, offset, text.removesuffix(b"\n").removesuffix(b"\r"), size - whole)
            )
        if not lines or not self.intact():
            return []
        place.offset, place.tail, place.changed = offset, tail, changed
        self.read_at = time.monotonic()
        return lines

    def _line(self, tail: bytes) -> tuple[bytes, int, bytes]:
        """The first LONGEST bytes of the next line, its size with its end, and the SPAN bytes up to there."""
        text = piece = self.file.readline(LONGEST)
        size, tail = len(piece), (tail + piece)[-SPAN:]
        while piece and not piece.endswith(b"\n"):
            piece = self.file.readline(LONGEST)
            size, tail = size + len(piece), (tail + piece)[-SPAN:]
        return text, size, tail

    def close(self) -> None:
        self.file.close()
