"""Compaction: many small sealed files become few, sorted by source and time, in one commit; no reader sees a row twice.

    1  the log's files of a date that are to be merged     nothing has changed
    2  the merged rows are written to new files            the log does not know them: they count for nothing
    3  one commit takes the old files out and the new in   readers have the one or the other
    4  the old files stay for readers who had them listed  removed a day later, see upkeep.py

The commit goes through only if nobody else committed since the log was read: deltalake would let a second compaction
of the same files pass. Somebody who only added files changes nothing, so it is tried again with the same new files.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from minerlib.archive.files import folder_of, write_file
from minerlib.archive.places import LOADED, kind_dir
from minerlib.archive.runs import Files, due, file_of, new_run, pieces
from minerlib.archive.sealed import discard, open_table, read, schema_of
from minerlib.archive.whole import UNREADABLE
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.moment import now

_TRIES = 20
KEY = ["company", "system", "environment", "epoch", "offset", "part"]  # by which an event is known
_LOG = {"path": pl.String, "bytes": pl.Int64, "rows": pl.Int64, "date": pl.Date, "loaded": pl.Boolean}

Told = Callable[[str, int, int], object]


def quiet(what: str, done: int, rows: int) -> None:
    """Says nothing."""


def compact(root: Path, kind: str, newest: date | None = None, told: Told = quiet) -> int:
    """Merge the files of a kind's table where there are many; how many files were merged.

    `newest` is the date that still grows: it is merged only once it has many. `told` hears what is merged, the rows
    written and those there are. About a million rows are in memory. Raises ArchiveFull, ArchiveError.
    """
    count = 0
    while table := open_table(root, kind):
        files = next(due(logged(table), newest), None)
        if files is None or not merge(root, kind, table, files, told):
            break
        count += files.log.height
    return count


def logged(table: DeltaTable) -> pl.DataFrame:
    """What the log says of each file: path, bytes, rows, date, and whether all in it was loaded."""
    said = pl.DataFrame(table.get_add_actions(flatten=True))
    if not said.height:
        return pl.DataFrame(schema=_LOG)
    epochs = [pl.col(name) if name in said.columns else pl.lit("") for name in ("min.epoch", "max.epoch")]
    loaded = pl.all_horizontal(epoch.str.starts_with(LOADED).fill_null(False) for epoch in epochs)
    return said.select("path", bytes="size_bytes", rows="num_records", date="partition.date", loaded=loaded).sort(
        "date", "path"
    )


def merge(root: Path, kind: str, table: DeltaTable, files: Files, told: Told = quiet, once: bool = False) -> bool:
    """Whether the files of a date were replaced by one run; they were not, where somebody else did so meanwhile.

    With `once`, an event that is there twice is there once then. Raises ArchiveFull, ArchiveError.
    """
    place = kind_dir(root, kind)
    schema = {name: dtype for name, dtype in schema_of(table).items() if name != "date"}
    rows = read([f"{place.absolute()}/{path}" for path in files.log["path"]], schema)
    rows = rows.unique(KEY) if once else rows
    run, count, written = new_run(), 0, list[AddAction]()
    try:
        for number, piece in enumerate(pieces(rows)):
            frame = rows.filter(piece.wanted()).collect()
            written.append(write_file(place, files.day, file_of(run, number), frame, new=False))
            count += frame.height
            told(f"merging {kind} of {files.day}, events", count, files.rows)
        if count != files.rows and not once:
            raise ArchiveError(
                f"The files of {place / folder_of(files.day)} hold {count:,} events and their log says {files.rows:,}:"
                " run minerlib archive verify."
            )
        if not (done := _replace(root, kind, files, written)):
            _discard(root, kind, files.day, run, len(written))
        return done
    except (Exception, *UNREADABLE) as error:  # not Ctrl-C, which leaves the new files to the next vacuum
        _discard(root, kind, files.day, run, len(written) + 1)
        if not isinstance(error, (DeltaError, pa.ArrowException, *UNREADABLE)):
            raise
        said = str(error).partition("\n")[0]
        raise ArchiveFull(
            f"{place} cannot be compacted ({said}): make room there, or run minerlib archive verify; nothing is lost."
        ) from None


def _discard(root: Path, kind: str, day: date, run: str, count: int) -> None:
    discard(root, kind, [f"{folder_of(day)}/{file_of(run, number)}" for number in range(count)])


def _replace(root: Path, kind: str, files: Files, written: list[AddAction]) -> bool:
    """Take the old files out of the log and the new ones in; False where the old ones are no longer all there."""
    day: dict[str, str | None] = {"date": str(files.day)}
    for _ in range(_TRIES):
        table = open_table(root, kind)
        if table is None or not set(files.log["path"]) <= set(logged(table)["path"]):
            return False
        moment = now() // 1000
        old = [
            RemoveAction(path, data_change=False, deletion_timestamp=moment, size=size, partition_values=day)
            for path, size in files.log.select("path", "bytes").rows()
        ]
        try:
            table.create_write_transaction(
                [*written, *old], "append", table.schema(), partition_by=["date"],
                commit_properties=CommitProperties(max_commit_retries=0),
            )  # fmt: skip
        except CommitFailedError:  # somebody else committed
            continue
        return True
    return False
