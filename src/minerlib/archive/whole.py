"""Whether files are whole and in a format that this minerlib reads, and what is said where they are not."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from minerlib.archive.bucket import SCHEME, Place
from minerlib.archive.dataset import opened_by
from minerlib.errors import ArchiveBroken, ArchiveError, ArchiveFull
from minerlib.event.order import Order

FORMAT = 1  # of day files (`user_version`) and of tables (the property `minerlib.format`)
PROPERTY = "minerlib.format"
COMPLAINTS = (sqlite3.DatabaseError, UnicodeDecodeError)  # of SQLite; the second where its words are broken too
UNREADABLE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)  # Polars', of a file that is not whole
_PASSING = {  # what SQLite says of a file that may be whole: no room, no permission, somebody else is at it
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_PROTOCOL,
}  # fmt: skip


def broken(place: Place | str, why: object) -> ArchiveBroken:
    """The error for a file that is damaged or missing."""
    said = str(why).partition("\n")[0].rstrip(". ")
    return ArchiveBroken(
        f"{place} is broken ({said}): minerlib archive verify says what is concerned, and with --repair what can be had"
        " again."
    )


def check_format(found: int, place: Place | str) -> None:
    """Raises ArchiveError where a newer minerlib wrote it."""
    if found > FORMAT:
        raise ArchiveError(
            f"{place} was written in format {found}, and this minerlib reads up to {FORMAT}: install a newer one."
        )


def unwritable(place: Path, error: Exception, file: Path | None = None) -> ArchiveError:
    """The error to raise for one of SQLite or the file system: there is no room, or the `file` is broken."""
    if isinstance(error, OSError) or not damaged(error):
        return ArchiveFull(
            f"{place} cannot be written ({error}): make room there, or let this user write there, and it goes on."
        )
    return broken(file or place, error)


def damaged(error: Exception) -> bool:
    """Whether SQLite says that the file itself is the trouble."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    short = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ
    return short or code not in {*_PASSING, sqlite3.SQLITE_IOERR}


def check_sizes(files: Iterable[tuple[str, int | None]]) -> None:
    """Raises ArchiveBroken for the first sealed file that is not there, or not as large as its log says."""
    for path, size in files:  # an object is there whole or not at all, and asking costs a request
        if not path.startswith(SCHEME) and (fault := size_fault(path, size)):
            raise broken(path, fault)


def size_fault(path: str, size: int | None) -> str:
    """Why a sealed file cannot be what its log says; empty where it can."""
    try:
        system, inside = opened_by(path)
        found = system.get_file_info(inside)
    except OSError as error:
        return error.strerror or str(error)
    there = found.size
    if there is None:
        return "No such file or directory"
    return "" if size in (None, there) else f"{there:,} bytes, and its log says {size:,}"


def page_fault(path: str) -> str:
    """Why not all of a sealed file can be read, page by page with their checksums, by Arrow or by Polars, of which each
    takes what the other does not; empty where it can."""
    try:
        system, inside = opened_by(path)
        with pq.ParquetFile(inside, filesystem=system, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                file.read_row_group(group).validate(full=True)
        pl.scan_parquet(path, hive_partitioning=False, glob=False).select(pl.all().drop_nulls().len()).collect()
    except (*UNREADABLE, pa.ArrowException, ValueError) as error:
        return str(error)
    return ""


def order_fault(order: str) -> str:
    """Why the state of an order cannot be read; empty where it can."""
    try:
        Order.from_json(order)
    except (msgspec.DecodeError, UnicodeError) as error:
        return f"the order of its position: {error}"
    return ""
