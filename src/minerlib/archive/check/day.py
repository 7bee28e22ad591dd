"""Whether a day's SQLite file is whole: its pages, its rows by their hashes, its position, and that Delta has what it
says is sealed."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from minerlib.archive.check.finding import REPAIR, Finding
from minerlib.archive.check.marks import Mark
from minerlib.archive.day import read_from
from minerlib.archive.hashes import wrong
from minerlib.archive.sealed import Sealed, version
from minerlib.archive.whole import order_fault
from minerlib.errors import ArchiveBroken, ArchiveError


def check_day(
    path: Path, scope: str, begin: Sequence[Mark], tables: Mapping[str, Sealed | None], deep: bool
) -> list[Finding]:
    """What is wrong with a day's file; `begin` was asked before `tables` were opened, of which those are None that
    cannot be.

    Every row is read and held against its hash; if `deep`, SQLite looks at every index too.
    """
    remedy = f"{REPAIR} puts it aside, keeps what can be read of it, and reads the rest from the stream"
    try:
        with read_from(path) as db:
            if db is None:
                return []
            if fault := _pages(db, deep):
                return [Finding("day", str(path), fault, remedy, scope=scope)]
            return [
                *_rows(db, path, scope, remedy),
                *_seam(db, [mark for mark in begin if mark.path == path], tables),
            ]
    except ArchiveBroken as error:
        why = str(error).removeprefix(f"{path} is broken (").partition("): minerlib")[0]
        return [Finding("day", str(path), why, remedy, scope=scope)]
    except ArchiveError as error:
        return [Finding("format", str(path), str(error), "see there", scope=scope)]


def _pages(db: sqlite3.Connection, deep: bool) -> str:
    said = [row[0] for row in db.execute(f"pragma {'integrity' if deep else 'quick'}_check(3)").fetchall()]
    if said != ["ok"]:
        return "; ".join(" ".join(str(line).split()) for line in said)
    order = db.execute('select "order" from position').fetchone()
    return order_fault(order[0]) if order else ""


def _rows(db: sqlite3.Connection, path: Path, scope: str, remedy: str) -> Iterator[Finding]:
    names = dict(db.execute("select number, name from epochs").fetchall())
    for number, first, last in wrong(db):
        what = f"offsets {first} to {last} are not as they were written"
        epoch = names.get(number, "")
        yield Finding("hash", str(path), what, remedy, scope=scope, epoch=epoch, first=first, last=last)


def _seam(db: sqlite3.Connection, begin: Sequence[Mark], tables: Mapping[str, Sealed | None]) -> Iterator[Finding]:
    """Kinds of which the file says that more is sealed than their table has."""
    for mark in begin:
        for kind, last in db.execute(
            "select kind, max(offset) from events where epoch = ? and offset <= ? group by kind",
            (mark.number, mark.floor),
        ).fetchall():
            table = tables.get(kind)
            there = version(table.table if table else None, mark.scope, mark.epoch)
            if there < last and (table or kind not in tables):
                what = f"{kind} was sealed up to offset {last} of {mark.epoch}, and its table ends at {there}"
                yield Finding(
                    "seam", str(mark.path), what, f"{REPAIR} seals the rest again", kind=kind, scope=mark.scope,
                    epoch=mark.epoch, first=there + 1, last=last,
                )  # fmt: skip
