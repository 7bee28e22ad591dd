"""Sealing: what SQLite took in becomes Parquet, in one Delta table a kind, each event once.

A table's transaction version for `<scope>/<epoch>` is the highest offset of that stream in it. It is read from the
same table object that is appended through, so whoever seals at the same time makes the commit fail, not the table grow
twice.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from minerlib.archive.columns import ABSENT, TIME, Types, dtypes, known_types, to_columns
from minerlib.archive.places import days, kind_dir, stream_dir
from minerlib.archive.today import connect, today
from minerlib.errors import ArchiveError

BATCH = 100_000  # events sealed at once
_TRIES = 5
_decode = msgspec.json.Decoder().decode


def seal(root: Path, scope: str, most: int = BATCH) -> int:
    """Append what is not sealed yet of a stream to the tables of its kinds; how many events that were.

    Finished days leave WAL mode, and are removed a day after. Raises ArchiveError where a table cannot be written.
    """
    root, count = Path(root), 0
    files = days(stream_dir(root, scope))
    for path in files:
        db = connect(path)
        try:
            while done := _seal_some(root, scope, db, most):
                count += done
        finally:
            db.close()
    for path in files[:-1]:
        _finish(path)
    return count


def table(root: Path, kind: str) -> DeltaTable | None:
    """The Delta table of a kind as it is now; None where nothing of it was sealed."""
    try:
        return DeltaTable(kind_dir(root, kind))
    except TableNotFoundError:
        return None


def version(found: DeltaTable | None, scope: str, epoch: str) -> int:
    """The highest offset of a stream's epoch in a table; -1 where there is none."""
    at = found.transaction_version(f"{scope}/{epoch}") if found else None
    return -1 if at is None else at


def append(root: Path, kind: str, frame: pl.DataFrame, app: str, offset: int, found: DeltaTable | None) -> None:
    """One commit: rows of a kind, by date of `seen`, and the offset they reach."""
    frame = frame.with_columns(date=pl.col("seen").dt.date()).sort("source", "time", "epoch", "offset", "part")
    properties = CommitProperties(app_transactions=[Transaction(app, offset)])
    write_deltalake(
        found if found else kind_dir(root, kind), frame, mode="append", schema_mode="merge",
        partition_by=["date"], commit_properties=properties,
    )  # fmt: skip


def frame_of(rows: list[tuple[Any, ...]], scope: str, kind: str, known: Types) -> pl.DataFrame:
    """Rows (epoch, offset, part, time, seen, source, body, raw, repeat) of a kind as a frame of its columns."""
    bodies = [ABSENT if row[7] is not None else _decode(row[6]) for row in rows]
    columns, rest, types = to_columns(bodies, known)
    company, system, environment = scope.split(".")
    every = list(zip(*rows, strict=True)) if rows else [()] * 9
    data: dict[str, Any] = {
        "time": every[3], "seen": every[4], "epoch": every[0], "offset": every[1], "part": every[2],
        "company": [company] * len(rows), "system": [system] * len(rows), "environment": [environment] * len(rows),
        "source": every[5], "kind": [kind] * len(rows),
        **columns, "rest": rest, "raw": every[7], "repeat": [bool(r) for r in every[8]],
    }  # fmt: skip
    schema = dtypes(types)
    moments = ("time", "seen")
    series = [pl.Series(n, list(v), dtype=pl.Int64 if n in moments else schema[n]) for n, v in data.items()]
    return pl.DataFrame(series).with_columns(pl.col(name).cast(TIME) for name in moments)


def _seal_some(root: Path, scope: str, db: sqlite3.Connection, most: int) -> int:
    """Seal the next events of a file; how many there were."""
    begin = {row[0]: row[1] for row in db.execute("select epoch, offset from sealed")}
    for number, name in db.execute("select number, name from epochs order by number").fetchall():
        after = begin.get(number, -1)
        last = db.execute(
            "select max(offset) from"
            " (select offset from events where epoch = ? and offset > ? order by offset limit ?)",
            (number, after, most),
        ).fetchone()[0]
        if last is None:
            continue
        kinds = db.execute(
            "select kind, count(*) from events where epoch = ? and offset > ? and offset <= ? group by kind",
            (number, after, last),
        ).fetchall()
        for kind, _ in kinds:
            rows = db.execute(
                "select ?, offset, part, time, seen, source, body, raw, repeat from events"
                " where epoch = ? and offset > ? and offset <= ? and kind = ? order by offset, part",
                (name, number, after, last, kind),
            ).fetchall()
            _append_once(root, scope, kind, name, rows)
        db.execute("insert or replace into sealed values (?, ?)", (number, last))
        return sum(count for _, count in kinds)
    return 0


def _append_once(root: Path, scope: str, kind: str, epoch: str, rows: list[tuple[Any, ...]]) -> None:
    for attempt in range(_TRIES):
        found = table(root, kind)
        after = version(found, scope, epoch)
        new = [row for row in rows if row[1] > after]
        if not new:
            return
        known = known_types(dict(pl.scan_delta(found).collect_schema().items())) if found else {}
        try:
            append(root, kind, frame_of(new, scope, kind, known), f"{scope}/{epoch}", new[-1][1], found)
            return
        except CommitFailedError as error:  # somebody else committed: look again what is left to do
            if attempt == _TRIES - 1:
                raise ArchiveError(
                    f"{kind_dir(root, kind)} is written by others all the time ({error}): is a second archiver running?"
                ) from None
        except (DeltaError, OSError) as error:
            raise ArchiveError(
                f"{kind_dir(root, kind)} cannot be written ({error}): sealing of {scope} waits."
            ) from None


def _finish(path: Path) -> None:
    """A finished day, all sealed: readable by any user, and removed a day later."""
    db = connect(path)
    try:
        db.execute("pragma journal_mode=delete")
    except sqlite3.OperationalError:  # somebody is reading it: next time
        return
    finally:
        db.close()
    if (today() - datetime.strptime(path.stem, "%Y-%m-%d").replace(tzinfo=UTC).date()).days > 1:
        path.unlink()
