"""A copy of an archive, taken while it is written: whole, and one that an archiver can go on with.

    1  each day's SQLite file, by SQLite's own backup      a moment of the stream, with its position and its floor
    2  each Delta table as it is then                      all that lies up to the floors, and maybe more
    3  the log of each table, last                         a table whose copy was broken off is not there

What the tables have above the position in SQLite is read again from the broker and not sealed twice.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from minerlib.archive.bucket import Place
from minerlib.archive.day import read_from, told
from minerlib.archive.places import DELTA_LOG, days, kind_dir, make_dir, scopes, sealed_kinds, stream_dir
from minerlib.archive.sealed import open_table
from minerlib.errors import ArchiveError

Progress = Callable[[int, int], object]
_LAST = "_last_checkpoint"


def quiet(done: int, size: int) -> None:
    """Says nothing."""


def copy(root: Path, to: Path, progress: Progress = quiet) -> int:
    """Copy an archive into a folder that is not there yet, or empty; how many bytes it has. `progress(bytes, of)`.

    Raises ArchiveError where something is there already, ArchiveFull where it cannot be written.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ArchiveError(f"{to} is there already: name a folder that is not, or an empty one.")
    with told(to):
        for scope in scopes(root):
            for path in days(stream_dir(root, scope)):
                _copy_day(path, stream_dir(to, scope), scope)
        tables = [(kind, table) for kind in sealed_kinds(root) if (table := open_table(root, kind))]
        files = [
            (kind_dir(root, kind) / path, kind_dir(to, kind) / path, size)
            for kind, table in tables
            for path, size in _files(table)
        ]
        done, size = 0, sum(each for _, _, each in files)
        for source, target, each in files:
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy_file(source, target)
            done += each
            progress(done, size)
        for kind, table in tables:
            make_dir(kind_dir(to, kind), kind)
            _copy_log(kind_dir(root, kind) / DELTA_LOG, kind_dir(to, kind) / DELTA_LOG, table.version())
    return sum(path.stat().st_size for path in to.rglob("*") if path.is_file())


def _copy_day(path: Path, folder: Path, scope: str) -> None:
    """A day's file as it is at one moment, out of WAL mode."""
    with read_from(path) as there:
        if there is None:
            return
        make_dir(folder, scope)
        with closing(sqlite3.connect(folder / path.name)) as here:
            there.backup(here)
            here.execute("pragma journal_mode=delete")


def _files(table: DeltaTable) -> list[tuple[str, int]]:
    """Path and size of each file that counts."""
    said = pl.DataFrame(table.get_add_actions(flatten=True))
    return [(unquote(path), size) for path, size in said.select("path", "size_bytes").rows()] if said.height else []


def _copy_file(source: Place, target: Place) -> None:
    with source.open("rb") as read, target.open("wb") as write:
        shutil.copyfileobj(read, write)


def _copy_log(source: Place, target: Place, version: int) -> None:
    """A table's log up to a version."""
    target.mkdir(exist_ok=True)
    for path in sorted(source.iterdir(), key=str):
        number = path.name[:20]
        if number.isdigit() and int(number) <= version:
            _copy_file(path, target / path.name)
    last = source / _LAST
    if last.exists() and json.loads(last.read_text())["version"] <= version:
        _copy_file(last, target / _LAST)
