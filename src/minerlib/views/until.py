"""Waiting for a young archive: what is mined must first have happened."""

import threading
import time
from typing import TYPE_CHECKING

import polars as pl

from minerlib.archive import Archive
from minerlib.errors import ArchiveError
from minerlib.event.moment import SECOND, duration, words

if TYPE_CHECKING:
    from pathlib import Path


def until_archived(
    kind: str,
    events: int = 1,
    within: str = "2m",
    path: "str | Path | None" = None,
    scope: str | None = None,
    **fields: str | float | bool,
) -> Archive:
    """The archive, as soon as it holds so many events of a kind (with these `fields`); at once where it does already.

    Raises ArchiveError, with how many there are, where they do not come `within` that time.
    """
    archive, span = Archive(path), duration(within)
    deadline = time.monotonic() + span / SECOND
    while (found := _count(archive, kind, scope, fields)) < events:
        if time.monotonic() > deadline:
            raise ArchiveError(
                f"After {words(span)} the archive {archive.path} holds {found} events of {kind}, not {events}: "
                "start what collects and archives them with minerlib up."
            )
        threading.Event().wait(0.5)
    return archive


def _count(archive: Archive, kind: str, scope: str | None, fields: dict[str, str | float | bool]) -> int:
    try:
        frame = archive.scan(kind, scope=scope)
    except ArchiveError:  # nothing of that kind yet
        return 0
    if fields.keys() - set(frame.collect_schema().names()):
        return 0
    wanted = [pl.col(name) == value for name, value in fields.items()]
    return int(frame.filter(*wanted).select(pl.len()).collect().item())
