"""Where things are in an archive, and how names become names of files."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote

from minerlib import settings
from minerlib.archive.bucket import Bucket, Place
from minerlib.errors import ArchiveError

SEALED = "sealed"
CATALOG = "catalog.db"
DELTA_LOG = "_delta_log"  # in a table's folder
LEASE = ".lease"  # the lock of a folder: of a stream, or of the archive while it is put in order
LOADED = "load-"  # how the epochs of loaded events begin
QUARANTINE = "quarantine"  # what was broken, put aside
LAYOUT = frozenset({SEALED, QUARANTINE, "README.md", ".gitignore", CATALOG})  # what may stand beside streams
_LONGEST = 200  # of 255 bytes that a file's name may have
_NAME = "_name"


def stream_dir(root: Path, scope: str) -> Path:
    """The folder of a stream's SQLite files."""
    return root / on_disk(scope)


def sealed_dir(root: Path) -> Place:
    """Where the Delta tables are: MINERLIB_SEALED for the archive that is MINERLIB_ARCHIVE, else `sealed` in it."""
    said = settings.sealed() if root.absolute() == settings.archive_dir() else ""
    if not said:
        return root / SEALED
    return Bucket.read(said) if "://" in said else Path(said).absolute()


def kind_dir(root: Path, kind: str) -> Place:
    """The Delta table of a kind: as `on_disk`, with `+` for `%`, because deltalake decodes a path once too often."""
    return sealed_dir(root) / on_disk(kind).replace("%", "+")


def on_this_disk(place: Place) -> Path:
    """A place of sealed events, for who mends files. Raises ArchiveError where it is in an object store."""
    if isinstance(place, Bucket):
        raise ArchiveError(
            f"{place} is in an object store, and files are mended on a disk only: minerlib archive copy DIR takes all"
            " of it to one."
        )
    return place


def on_disk(name: str) -> str:
    """A name as a file's: outside `[A-Za-z0-9_.-]` percent-encoded, never one that begins with a dot, or with the
    underline by which Delta knows its log.

    One that is too long is cut and ends in `~` and 16 hex digits of its SHA-256; the folder's file `_name` has it
    whole.

    >>> on_disk("log.sshd"), on_disk(".größe")
    ('log.sshd', '%2Egr%C3%B6%C3%9Fe')
    """
    safe = quote(name, safe="").replace("~", "%7E")
    safe = "%2E" + safe[1:] if safe.startswith(".") else safe
    safe = "%5F" + safe[1:] if safe == DELTA_LOG else safe
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def make_dir(folder: Place, name: str) -> None:
    """Make the folder of a name, if it is not there, and have it on the disk."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()] if isinstance(folder, Path) else []
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync(each.parent)
    if "~" in folder.name and not (folder / _NAME).exists():
        (folder / _NAME).write_text(name)


def sync(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk: what is not there may be gone when the power fails."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def days(folder: Path) -> list[Path]:
    """The SQLite files of a stream, oldest first."""
    return sorted(folder.glob("????-??-??.sqlite"))


def scopes(root: Path) -> list[str]:
    """The streams that have SQLite files."""
    return sorted(_name_of(path) for path in root.glob("*/") if path.name != SEALED and days(path))


def parquet_in(table: Place) -> Iterator[Place]:
    """The Parquet files in the folder of a table, whether its log names them or not."""
    if isinstance(table, Path):
        yield from table.glob("date=*/*.parquet")
        return
    for folder in table.iterdir():
        if folder.name.startswith("date="):
            yield from (each for each in folder.iterdir() if each.name.endswith(".parquet"))


def sealed_kinds(root: Path) -> list[str]:
    """The kinds that have a Delta table."""
    place = sealed_dir(root)
    tables = place.glob(f"*/{DELTA_LOG}") if isinstance(place, Path) else _logs(place)
    return sorted(kind_of(path.parent) for path in tables)


def _logs(place: Bucket) -> list[Bucket]:
    return [log for folder in place.iterdir() if (log := folder / DELTA_LOG).is_dir()]


def kind_of(folder: Place) -> str:
    """The kind whose table is in a folder."""
    return _name_of(folder, "+")


def _name_of(folder: Place, sign: str = "%") -> str:
    return (folder / _NAME).read_text() if "~" in folder.name else unquote(folder.name.replace(sign, "%"))
