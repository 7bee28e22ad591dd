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
    kind: str, events: int = 1, within: str = "2m", path: "str | Path | None" = None, scope: str | None = None
) -> Archive:
    """The archive, as soon as it holds so many events of a kind; at once where it does already.

    Raises ArchiveError, with how many there are, where they do not come `within` that time.
    """
    archive, span = Archive(path), duration(within)
    deadline = time.monotonic() + span / SECOND
    while (found := _count(archive, kind, scope)) < events:
        if time.monotonic() > deadline:
            raise ArchiveError(
                f"After {words(span)} the archive {archive.path} holds {found} events of {kind}, not {events}: "
                "start what collects and archives them with minerlib up."
            )
        threading.Event().wait(0.5)
    return archive


def _count(archive: Archive, kind: str, scope: str | None) -> int:
    try:
        return int(archive.scan(kind, scope=scope).select(pl.len()).collect().item())
    except ArchiveError:  # nothing of that kind yet
        return 0
