"""Sealing: what SQLite took in becomes Parquet, in one Delta table a kind, each event once."""

import sqlite3
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from minerlib.archive.columns import RESERVED, Types
from minerlib.archive.day import read_from, told, write_to
from minerlib.archive.frames import SELECT, frame_of
from minerlib.archive.hashes import wrong
from minerlib.archive.kindviews import show_kinds
from minerlib.archive.places import days, stream_dir
from minerlib.archive.sealed import append
from minerlib.archive.today import newest
from minerlib.archive.whole import broken, damaged, unwritable
from minerlib.event.moment import DAY, now

MOST = 50_000  # events sealed at once
KEPT = DAY  # how long a day's file stays after it was sealed


def seal(root: Path, scope: str, most: int = MOST) -> int:
    """Append what is not sealed yet of a stream to the tables of its kinds, `most` events at once; how many they were.

    All parts of a message are sealed together. Whatever is killed, the next call goes on: a table takes no offset
    twice. Finished days leave WAL mode and are removed a day after they were sealed; the newest stays. Raises
    ArchiveFull, ArchiveBroken, ArchiveError.
    """
    root, count = Path(root), 0
    folder = stream_dir(root, scope)
    last = newest(folder)
    for path in days(folder):
        if last is None or path > last:  # begun, not finished: its batch is written again
            break
        if path == last or _unsealed(path):
            with told(folder):
                db = write_to(path)
            try:
                while done := _seal_some(root, scope, path, db, most):
                    count += done
            except (sqlite3.DatabaseError, ValueError) as error:  # a body that is no JSON is a ValueError
                raise unwritable(folder, error, path) from None
            finally:
                db.close()
        if path < last:
            _finish(path)
    return count


def _unsealed(path: Path) -> bool:
    """Whether a finished day holds anything that is not sealed; asked without touching its journal mode."""
    with read_from(path) as db:
        return db is not None and bool(
            db.execute(
                "select exists (select 1 from epochs n where (select max(offset) from events where epoch = n.number)"
                " > coalesce((select offset from sealed where epoch = n.number), -1))"
            ).fetchone()[0]
        )


def _seal_some(root: Path, scope: str, path: Path, db: sqlite3.Connection, most: int) -> int:
    """Seal the next events of a file; how many rows were looked at."""
    begin = dict(db.execute("select epoch, offset from sealed").fetchall())
    for number, epoch in db.execute("select number, name from epochs order by number").fetchall():
        after = begin.get(number, -1)
        top = db.execute(
            "select max(offset) from"
            " (select offset from events where epoch = ? and offset > ? order by offset limit ?)",
            (number, after, most),
        ).fetchone()[0]
        if top is None:
            continue
        for _, first, last in wrong(db, number, after + 1, top):
            raise broken(path, f"offsets {first} to {last} are not as they were written")
        of: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for row in db.execute(
            f"{SELECT} where epoch = ? and offset > ? and offset <= ? order by offset, part",
            (epoch, number, after, top),
        ):
            of[row[6]].append(row)
        columns: dict[str, list[str]] = {}
        for kind in sorted(of):
            append(root, scope, epoch, kind, partial(_above, of[kind], scope, columns, kind))
        show_kinds(db, columns)
        db.execute("insert or replace into sealed values (?, ?, ?)", (number, top, now()))
        return sum(map(len, of.values()))
    return 0


def _above(
    rows: list[tuple[Any, ...]], scope: str, columns: dict[str, list[str]], kind: str, above: int, known: Types
) -> pl.DataFrame | None:
    """The rows above an offset as a frame, whose fields are noted in `columns`; None where there are none."""
    new = [row for row in rows if row[1] > above]
    if not new:
        return None
    frame = frame_of(new, scope, known)
    columns[kind] = [name for name in frame.columns if name not in RESERVED]
    return frame


def _finish(path: Path) -> None:
    """A finished day, all of it sealed: readable by any user, and removed a day later."""
    with told(path.parent, path):
        db = sqlite3.connect(path, isolation_level=None)
        try:
            if db.execute("pragma journal_mode=delete").fetchone()[0] != "delete":
                return
            there = db.execute("select count(*) from sqlite_master where name = 'sealed'").fetchone()[0]
            at = db.execute("select max(at) from sealed").fetchone()[0] if there else None
        except sqlite3.OperationalError as error:
            if damaged(error):
                raise
            return  # somebody is reading it: next time
        finally:
            db.close()
        if at is None or at <= now() - KEPT:
            path.unlink()
