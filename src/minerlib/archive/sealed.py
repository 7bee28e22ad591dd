"""The Delta tables of the sealed archive, one a kind: appending to them once, and asking their logs.

A table's transaction version for `<scope>/<epoch>` is the highest offset of that stream in it. A version that is not
higher would be appended again without an error; so it is read from the same table object that is appended through,
and whoever appends for the same stream at the same time makes the commit fail, not the table grow twice.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import CommitProperties, DeltaTable, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from polars import selectors as cs

from minerlib.archive.bucket import Bucket, Place
from minerlib.archive.columns import EVENT, TAIL, Dtype, Types, types_of
from minerlib.archive.files import folder_of, settle, write_file
from minerlib.archive.places import DELTA_LOG, kind_dir, make_dir
from minerlib.archive.whole import FORMAT, PROPERTY, broken, check_format, check_sizes
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.rule.history import Stream

_TRIES = 8
LOGGED = ("time", "seen", "epoch", "offset", "company", "system", "environment")
LOG: dict[str, Dtype] = {
    "path": pl.String, "date": pl.Date, "rows": pl.Int64, "bytes": pl.Int64,
    **{f"{side}.{name}": EVENT[name] for side in ("min", "max") for name in LOGGED},
}  # fmt: skip
_AS_LOGGED = {"partition.date": "date", "num_records": "rows", "size_bytes": "bytes"}
_CONFIGURATION = {  # a table takes a commit a minute: its log is kept short
    "delta.checkpointInterval": "20",
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    PROPERTY: str(FORMAT),
}
_STRANGE = re.compile(r"[%\[\]\\^|\x00-\x1f]")  # on these in a path deltalake fails, or panics
_CUT = pl.duration(milliseconds=1)  # the log's moments are cut to milliseconds


def open_table(root: Path, kind: str) -> DeltaTable | None:
    """The Delta table of a kind as it is now; None where nothing of it was sealed.

    Raises ArchiveBroken where its log is, ArchiveError where something newer wrote it.
    """
    place = kind_dir(root, kind)
    if not (place / DELTA_LOG).is_dir():
        return None
    try:
        table = DeltaTable(str(place.absolute()))
        check_format(format_of(table), place)
        return table
    except TableNotFoundError:  # its first commit is being written
        return None
    except (DeltaError, OSError) as error:
        if "Unsupported" in str(error):  # a newer Delta, and nothing is broken
            raise ArchiveError(f"{place} cannot be read ({_line(error)}): install a newer deltalake.") from None
        raise broken(place, log_fault(place) or error) from None


def format_of(table: DeltaTable) -> int:
    """The format that a table's properties name; ours where others made it."""
    said = table.metadata().configuration.get(PROPERTY, "")
    return int(said) if said.isdecimal() else FORMAT


def log_fault(place: Place) -> str:
    """Which entries a table's log lacks, from its last checkpoint on; empty where none."""
    names = sorted(path.name for path in (place / DELTA_LOG).iterdir())
    versions = {int(name[:20]) for name in names if re.fullmatch(r"\d{20}\.json", name)}
    last = max((int(name[:20]) for name in names if re.match(r"\d{20}\.checkpoint\.", name)), default=-1)
    if missing := sorted({*range(last + 1, max(versions, default=0) + 1)} - versions):
        several = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return f"entry {missing[0]} of its log is missing{several}"
    return ""


def version(table: DeltaTable | None, scope: str, epoch: str) -> int:
    """The highest offset of a stream's epoch in a table; -1 where there is none."""
    at = table.transaction_version(f"{scope}/{epoch}") if table else None
    return -1 if at is None else at


def schema_of(table: DeltaTable) -> pl.Schema:
    """A table's columns with their Polars types."""
    return pl.Schema(table.schema().to_arrow())


def append(root: Path, scope: str, epoch: str, kind: str, make: Callable[[int, Types], pl.DataFrame | None]) -> int:
    """Append rows of a stream to the table of a kind, in one commit; how many they were.

    `make(after, known)` gives the rows above offset `after` (None where there are none), the `known` columns as they
    are in the table. It is asked again when another commit came between. What was appended is on the disk when this
    returns. Raises ArchiveError, ArchiveFull.
    """
    place = kind_dir(root, kind)
    parent = place.absolute().parent
    if strange := _STRANGE.search(str(parent)):
        raise ArchiveError(f"{parent} cannot hold Delta tables, because of the {strange[0]!r} in it: move it.")
    said: Exception | None = None
    for _ in range(_TRIES):
        try:
            found = open_table(root, kind)
            table = found or create(place, kind)
            settled = found.version() if found else -1
            above = version(table, scope, epoch)
            frame = make(above, types_of(schema_of(table)))
            if frame is None:
                return 0
            _widen(table, frame)
            _commit(table, root, kind, frame, f"{scope}/{epoch}", above)
            _settle_log(place, settled)
            return frame.height
        except CommitFailedError as error:  # somebody else committed: look again what is left to do
            said = error
        except (DeltaError, OSError) as error:
            raise ArchiveFull(
                f"{place} cannot be written ({_line(error)}): make room there, or let this user write there; sealing of"
                f" {scope} waits, and nothing is lost."
            ) from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # deltalake's, which is no Exception
                raise
            raise ArchiveError(f"{place} cannot be written, deltalake failed: {error}. Sealing waits.") from None
    raise ArchiveError(f"{place} is written by others all the time ({said}): is a second archiver running?")


def create(place: Place, kind: str, fields: Mapping[str, Dtype] | None = None) -> DeltaTable:
    """A table that is there before anything is in it, so that the first append has a table object to go through."""
    make_dir(place, kind)
    empty = pl.DataFrame(schema={**EVENT, **(fields or {}), **TAIL, "date": pl.Date})
    return DeltaTable.create(
        str(place.absolute()), empty.to_arrow().schema, mode="ignore", partition_by=["date"],
        configuration=_CONFIGURATION, raise_if_key_not_exists=False,
    )  # fmt: skip


def _widen(table: DeltaTable, frame: pl.DataFrame) -> None:
    """Give a table the columns of a frame that it does not have."""
    there = {field.name for field in table.schema().fields}
    new = [name for name in frame.columns if name not in there]
    if new:
        table.alter.add_columns(list(Schema.from_arrow(frame.select(cs.by_name(new)).to_arrow().schema).fields))


def _commit(table: DeltaTable, root: Path, kind: str, frame: pl.DataFrame, stream: str, above: int) -> None:
    """Write a frame's rows, a file a date, and put them in the log with the stream's new version, which is not below
    `above`, the one before."""
    top = frame["offset"].max()
    assert isinstance(top, int)
    name = f"sealed-{secrets.token_hex(8)}.parquet"
    days = dict(frame.group_by(pl.col("seen").dt.date().alias("date")))
    try:
        written = [write_file(kind_dir(root, kind), day, name, rows, new=True) for (day,), rows in days.items()]
        table.create_write_transaction(
            [*written], "append", table.schema(), partition_by=["date"],
            commit_properties=CommitProperties(app_transactions=[Transaction(stream, max(top, above))]),
        )  # fmt: skip
    except Exception:  # not Ctrl-C, which leaves them to the next vacuum
        discard(root, kind, [f"{folder_of(day)}/{name}" for (day,) in days])
        raise


def _settle_log(place: Place, after: int) -> None:
    """Have the entries of a log after one on the disk."""
    entry = after + 1
    while isinstance(place, Path) and (path := place / DELTA_LOG / f"{entry:020}.json").exists():
        settle(path)
        entry += 1


def discard(root: Path, kind: str, names: Iterable[str]) -> None:
    """Remove the files of a commit that failed, but none that the log names: a commit may be done and fail after that,
    where its checkpoint finds the disk full.

    In an object store a commit may be done and its answer lost, or still to come; the next vacuum removes them there.
    """
    place = kind_dir(root, kind)
    if isinstance(place, Bucket):
        return
    with suppress(ArchiveError):
        table = open_table(root, kind)
        known = set(Sealed(table, place).files["path"]) if table else set[str]()
        for name in names:
            if f"{place.absolute()}/{name}" not in known:
                with suppress(OSError):
                    (place / name).unlink()


def _line(error: Exception) -> str:
    """What an error says, without the backtrace below it."""
    return str(error).partition("\n")[0]


class Sealed:
    """One kind's table as it stands: `schema` (Polars), `files` (what its log says of each, a row a file).

    The columns of `files` are path, date, rows, bytes, and the least and the greatest time, seen, epoch, offset,
    company, system and environment as `min.<name>`, `max.<name>`: null where the log does not say, moments cut to
    milliseconds, long text cut so that the bounds hold.
    """

    def __init__(self, table: DeltaTable, place: Place) -> None:
        self.table = table
        self.schema = schema_of(table)
        said = pl.DataFrame(table.get_add_actions(flatten=True))
        said = said.rename(_AS_LOGGED, strict=False)
        paths = [f"{place.absolute()}/{unquote(path)}" for path in said["path"]] if said.width else []
        said = said.with_columns(pl.Series("path", paths, pl.String))
        lacking = [pl.lit(None, dtype).alias(name) for name, dtype in LOG.items() if name not in said.columns]
        self.files = said.with_columns(lacking).select(pl.col(name).cast(dtype) for name, dtype in LOG.items())

    def scan(self, **bounds: tuple[Any, Any]) -> pl.LazyFrame:
        """The rows within bounds (`name=(least, greatest)`, both included, None for open), without the column `date`.

        They are read from as few files as the log allows."""
        return self.rows(self.may(**bounds)).filter(_within(bounds))

    def pieces(self, **bounds: tuple[Any, Any]) -> list[pl.LazyFrame]:
        """The same, a frame a file."""
        files = self.may(**bounds)
        return [self.rows(files[number]).filter(_within(bounds)) for number in range(files.height)]

    def rows(self, files: pl.DataFrame) -> pl.LazyFrame:
        """All rows of some of `files`, without the column `date`. Raises ArchiveBroken where one of them is not there,
        or has another size."""
        check_sizes(files.select("path", "bytes").iter_rows())
        schema = {name: dtype for name, dtype in self.schema.items() if name != "date"}
        return read(files["path"].to_list(), schema)

    def may(self, **bounds: tuple[Any, Any]) -> pl.DataFrame:
        """Those of `files` that may hold rows within bounds."""
        files = self.files
        for name, (least, greatest) in bounds.items():
            low, high = pl.col(f"min.{name}"), pl.col(f"max.{name}")
            high = high + _CUT if name in ("time", "seen") else high
            files = files if least is None else files.filter((high >= least).fill_null(True))
            files = files if greatest is None else files.filter((low <= greatest).fill_null(True))
        return files


def _within(bounds: Mapping[str, tuple[Any, Any]]) -> pl.Expr:
    """Whether a row lies within bounds."""
    rows = pl.lit(True)
    for name, (least, greatest) in bounds.items():
        rows = rows if least is None else rows & (pl.col(name) >= least)
        rows = rows if greatest is None else rows & (pl.col(name) <= greatest)
    return rows


def lacking(root: Path, kind: str, stream: Stream) -> frozenset[int]:
    """The offsets up to its transaction version that a table has not of a stream all of which is of one kind: what a
    broken file held."""
    table = open_table(root, kind)
    top = version(table, stream.scope, stream.epoch)
    if table is None or top < 0:
        return frozenset()
    words = zip(("company", "system", "environment"), stream.scope.split("."), strict=True)
    bounds = {name: (word, word) for name, word in (*words, ("epoch", stream.epoch))}
    rows = Sealed(table, kind_dir(root, kind)).scan(**bounds)
    return frozenset(range(top + 1)).difference(rows.select("offset").collect().to_series())


def read(paths: list[str], schema: Mapping[str, Dtype]) -> pl.LazyFrame:
    """Sealed files by path, as a frame of this schema: a column that a file does not have is null."""
    if not paths:
        return pl.LazyFrame(schema=schema)
    return pl.scan_parquet(
        paths, schema=schema, missing_columns="insert", extra_columns="ignore", hive_partitioning=False, glob=False
    )
