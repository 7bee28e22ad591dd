"""Offsets that no event is stored of, and why: the table `gaps`, of which each day's file has all of its stream.

Every message of a stream leaves a row at least. So an offset without one was lost, or it is here:

    retention   it was gone before it could be read
    broker      the broker's own: it keeps books in a stream, an offset each time, and delivers none of them
    broken      it was in a file that broke, and nobody had it any more
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from minerlib.archive.day import read_from
from minerlib.archive.places import days

RETENTION, BROKER, BROKEN = "retention", "broker", "broken"


class Noted(NamedTuple):
    """Offsets of an epoch, first and last included."""

    epoch: str
    first: int
    last: int
    why: str


def noted(folder: Path) -> set[Noted]:
    """What is noted of a stream, by its folder. Raises ArchiveError."""
    found: set[Noted] = set()
    for path in days(folder):
        with read_from(path) as db:
            if db is not None:
                found |= {Noted(*row) for row in db.execute("select epoch, first, last, why from gaps")}
    return found


def lost(gaps: Iterable[Noted]) -> int:
    """How many offsets were messages that nobody has any more."""
    return sum(gap.last - gap.first + 1 for gap in gaps if gap.why != BROKER)
