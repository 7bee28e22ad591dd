"""Upkeep: what an archive needs from time to time, a kind after another, while it is written and read.

    catalogue    catalog.db says what is there
    expire       days that are older than their kind is kept go
    compact      many small files become few
    checkpoint   Delta's log is read from here on; entries of more than a day go
    vacuum       files that left the log a day ago go, and those of commits that were broken off

Whatever is broken off is done the next time.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from deltalake.exceptions import CommitFailedError, DeltaError

from minerlib.archive.catalog import catalogue
from minerlib.archive.compact import Told, compact, quiet
from minerlib.archive.lease import Lease
from minerlib.archive.places import kind_dir, sealed_kinds
from minerlib.archive.retention import Keep, age_of, expire
from minerlib.archive.sealed import open_table
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.moment import to_datetime

READERS = 24  # hours that a file stays for readers that had it listed


class Kept(NamedTuple):
    """What was done for a kind: events that went for their age, files merged, files removed; or what failed."""

    kind: str
    expired: int = 0
    merged: int = 0
    removed: int = 0
    failed: str = ""


def maintain(root: Path, keeps: Sequence[Keep], at: int, told: Told = quiet) -> list[Kept]:
    """Do all of it for each kind; `at` is the wall clock in microseconds. What fails for one kind is said with it, and
    the others are done. Where another process is at it, this one waits for its end."""
    if not (kinds := sealed_kinds(root)):
        return []
    lease = Lease(root)
    lease.take(waiting=lambda holder: told(f"waiting for {holder}", 0, 0))
    try:
        return [_maintain(root, kind, age_of(kind, keeps), at, told) for kind in kinds]
    finally:
        lease.release()


def _maintain(root: Path, kind: str, age: int | None, at: int, told: Told) -> Kept:
    done = Kept(kind)
    steps: list[tuple[str, Callable[[], int]]] = [
        ("expired", lambda: 0 if age is None else expire(root, kind, age, at)),
        ("merged", lambda: compact(root, kind, to_datetime(at).date(), told)),
        ("removed", lambda: sweep(root, kind, bool(done.expired or done.merged))),
        ("", lambda: catalogue(root, kind)),
    ]
    for name, step in steps:
        try:
            count = step()
        except ArchiveError as error:
            return done._replace(failed=str(error))
        done = done._replace(**{name: count}) if name else done
    return done


def sweep(root: Path, kind: str, changed: bool) -> int:
    """Shorten a table's log where it was `changed`, and remove the files that nobody can be reading any more; how many.

    Raises ArchiveFull, ArchiveError.
    """
    table = open_table(root, kind)
    if table is None:
        return 0
    try:
        if changed:
            table.create_checkpoint()
            table.cleanup_metadata()
        if not table.vacuum(READERS, enforce_retention_duration=False, full=True):
            return 0
        return len(table.vacuum(READERS, dry_run=False, enforce_retention_duration=False, full=True))
    except CommitFailedError:  # somebody else committed: the next time
        return 0
    except (DeltaError, OSError) as error:
        said = str(error).partition("\n")[0]
        raise ArchiveFull(f"{kind_dir(root, kind)} cannot be swept ({said}): let this user write there.") from None
