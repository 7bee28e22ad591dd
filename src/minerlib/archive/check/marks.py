"""How far the files of a day had come at a moment: asked before the tables are opened, so that what is sealed
meanwhile is neither missing nor there twice (see snapshot.py)."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from minerlib.archive.day import read_from
from minerlib.archive.places import days, scopes, stream_dir
from minerlib.errors import ArchiveError
from minerlib.rule.history import Stream


class Mark(NamedTuple):
    """An epoch in a day's file: its number there, its first `seen`, first and last offset so far (None: of no event),
    and the offset up to which it is sealed (-1: nothing of it)."""

    scope: str
    path: Path
    number: int
    epoch: str
    begun: int | None
    first: int | None
    last: int | None
    floor: int


def marks(root: Path) -> list[Mark]:
    """Those of all files that can be read."""
    return [
        Mark(scope, path, *row) for scope in scopes(root) for path in days(stream_dir(root, scope)) for row in _of(path)
    ]


def between(begin: Sequence[Mark], end: Sequence[Mark]) -> dict[Stream, list[tuple[int, int]]]:
    """The offsets that were archived between two askings. What of them was sealed is in the tables that were opened
    after that, and in those only."""
    tops: dict[Stream, int] = {}
    for mark in begin:
        stream = Stream(mark.scope, mark.epoch)
        tops[stream] = max(tops.get(stream, -1), -1 if mark.last is None else mark.last)
    found: dict[Stream, list[tuple[int, int]]] = {}
    for mark in end:
        stream = Stream(mark.scope, mark.epoch)
        if mark.last is not None and mark.last > tops.get(stream, -1):
            found.setdefault(stream, []).append((tops.get(stream, -1) + 1, mark.last))
    return found


def _of(path: Path) -> list[tuple[int, str, int | None, int | None, int | None, int]]:
    try:
        with read_from(path) as db:
            if db is None:
                return []
            return db.execute(
                "select number, name, begun, first, last, coalesce(offset, -1) from epochs"
                " left join sealed on epoch = number order by number"
            ).fetchall()
    except ArchiveError:  # who looks at the file says so
        return []
