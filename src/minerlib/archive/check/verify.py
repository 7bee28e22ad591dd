"""Whether an archive is whole: files, logs, hashes, and each offset of each stream once."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import polars as pl

from minerlib.archive.check.day import check_day
from minerlib.archive.check.finding import NOTE, Finding, Told, quiet
from minerlib.archive.check.marks import marks
from minerlib.archive.check.offsets import check_offsets
from minerlib.archive.check.table import check_table, of_file
from minerlib.archive.places import days, kind_of, parquet_in, scopes, sealed_dir, stream_dir
from minerlib.archive.sealed import Sealed
from minerlib.archive.today import newest
from minerlib.archive.whole import UNREADABLE, page_fault
from minerlib.errors import ArchiveError


def verify(root: Path, deep: bool = False, told: Told = quiet) -> list[Finding]:
    """What is wrong with an archive, and notes; it is only read, also while it is written.

    Every file is looked at and every key read; `deep` reads every page, and what SQLite has of sealed events too.
    """
    begin = marks(root)
    tables: dict[str, Sealed | None] = {}
    found: list[Finding] = []
    bad: set[str] = set()
    for kind in tables_in(root):
        tables[kind], faults, broken = check_table(root, kind, deep, told)
        found += faults
        bad |= broken
    paths = [(scope, path) for scope in scopes(root) for path in days(stream_dir(root, scope))]
    for number, (scope, path) in enumerate(paths):
        told(number, len(paths), f"looking at {path.name} of {scope}, days")
        found += check_day(path, scope, begin, tables, deep)
    found += _behind(root)
    closed = [each.where for each in found if each.fault in ("log", "format") and each.kind]
    if closed:
        what = f"offsets are not looked at before {', '.join(closed)} can be read"
        return [*found, Finding("hole", str(root), what, "repair that first", NOTE)]
    there = {kind: sealed for kind, sealed in tables.items() if sealed is not None}
    try:
        return [*found, *check_offsets(root, begin, there, bad, told)]
    except UNREADABLE:
        inside = list(_unreadable(there, bad))
        if not inside:
            raise
        bad |= {each.where for each in inside}
        return [*found, *inside, *check_offsets(root, begin, there, bad, told)]


def _behind(root: Path) -> Iterable[Finding]:
    """Streams whose newest file has no position."""
    for scope in scopes(root):
        folder = stream_dir(root, scope)
        with suppress(ArchiveError):  # a broken file is a finding of its own
            files = days(folder)
            if newest(folder) != files[-1]:
                what = "it has no position: the archiver goes on before it, and reads again what the stream still has"
                yield Finding("day", str(files[-1]), what, "run the archiver", NOTE, scope=scope)


def tables_in(root: Path) -> list[str]:
    """The kinds that have a folder with a log or with files."""
    place = sealed_dir(root)
    folders = sorted(place.iterdir(), key=str) if place.is_dir() else []
    return [kind_of(path) for path in folders if (path / "_delta_log").is_dir() or any(parquet_in(path))]


def _unreadable(tables: dict[str, Sealed], bad: Iterable[str]) -> Iterable[Finding]:
    """Files of which a page cannot be read, found because their keys could not be."""
    for kind, sealed in tables.items():
        for row in sealed.files.filter(~pl.col("path").is_in(list(bad))).iter_rows(named=True):
            if fault := page_fault(row["path"]):
                yield of_file(kind, row, fault)
