"""Whether a kind's Delta table is whole: its log without a hole, each file as the log says."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from minerlib.archive.bucket import Place
from minerlib.archive.check.finding import NOTE, REPAIR, Finding, Told, quiet
from minerlib.archive.columns import EVENT
from minerlib.archive.dataset import opened_by
from minerlib.archive.places import kind_dir, parquet_in
from minerlib.archive.sealed import LOGGED, Sealed, log_fault, open_table, read
from minerlib.archive.whole import page_fault, size_fault
from minerlib.errors import ArchiveBroken, ArchiveError

_CUT = timedelta(milliseconds=1)  # the log's moments are cut to milliseconds


def check_table(
    root: Path, kind: str, deep: bool = False, told: Told = quiet
) -> tuple[Sealed | None, list[Finding], set[str]]:
    """A kind's table, None where it cannot be opened; what is wrong with it; the paths of its broken files.

    Footers are read; if `deep`, every page, and the bounds that the log gives are held against the rows.
    """
    place = kind_dir(root, kind)
    remedy = f"{REPAIR} makes the log anew from the files"
    try:
        if not (place / "_delta_log").is_dir():
            return None, [Finding("log", str(place), "there are files and no log", remedy, kind=kind)], set()
        if fault := log_fault(place):
            return None, [Finding("log", str(place), fault, remedy, kind=kind)], set()
        table = open_table(root, kind)
    except ArchiveBroken as error:
        why = str(error).removeprefix(f"{place} is broken (").partition("): minerlib")[0]
        return None, [Finding("log", str(place), why, remedy, kind=kind)], set()
    except ArchiveError as error:
        return None, [Finding("format", str(place), str(error), "see there", kind=kind)], set()
    if table is None:
        return None, [], set()
    sealed = Sealed(table, place)
    found: list[Finding] = []
    for number, row in enumerate(sealed.files.iter_rows(named=True)):
        if fault := file_fault(row, sealed.schema, deep):
            found.append(of_file(kind, row, fault))
        told(number + 1, sealed.files.height, f"looking at {kind}, files")
    return sealed, [*found, *_strays(place, kind, sealed)], {each.where for each in found}


def file_fault(row: dict[str, Any], schema: Collection[str], deep: bool) -> str:
    """Why a file is not what its log says (a row of Sealed.files; the columns of the table); empty where it is."""
    path = row["path"]
    if fault := size_fault(path, row["bytes"]):
        return fault
    try:
        system, inside = opened_by(path)
        footer = pq.read_metadata(inside, filesystem=system)
        rows, strange = footer.num_rows, sorted(set(footer.schema.names) - set(schema))
    except (OSError, pa.ArrowException, ValueError) as error:
        return str(error)
    if rows != row["rows"]:
        return f"{rows:,} rows, and its log says {row['rows']:,}"
    if strange:  # nobody would read it, and what should be there is null
        return f"a column {strange[0]!r}, which its table does not have"
    return (page_fault(path) or _bounds(row)) if deep else ""


def of_file(kind: str, row: dict[str, Any], fault: str) -> Finding:
    """The finding for a broken file: what it held, by its log."""
    same = {name: row[f"min.{name}"] if row[f"min.{name}"] == row[f"max.{name}"] else "" for name in LOGGED}
    scope = ".".join(same[name] or "" for name in ("company", "system", "environment")).strip(".")
    scope = scope if scope.count(".") == 2 else ""
    where = f" of {scope or 'several streams'}"
    span = ""
    if row["min.time"] and row["max.time"]:
        span = f", {row['min.time']:%Y-%m-%dT%H:%M:%SZ} to {row['max.time']:%Y-%m-%dT%H:%M:%SZ}"
    held = f"it held {row['rows']:,} events of {kind}{where}, offsets {row['min.offset']} to {row['max.offset']}{span}"
    return Finding(
        "file", row["path"], f"{fault.partition(chr(10))[0]}; {held}",
        f"{REPAIR} puts it aside and takes the events from SQLite, or from the stream where that still has them",
        kind=kind, scope=scope, epoch=same["epoch"] or "", first=row["min.offset"], last=row["max.offset"],
        events=row["rows"],
    )  # fmt: skip


def _bounds(row: dict[str, Any]) -> str:
    """Which of the log's bounds does not hold."""
    rows = read([row["path"]], {name: EVENT[name] for name in LOGGED}).select(
        *(getattr(pl.col(name), side)().alias(f"{side}.{name}") for side in ("min", "max") for name in LOGGED)
    )
    for name, value in rows.collect().row(0, named=True).items():
        said = row[name]
        if said is None or value is None:
            continue
        if name.startswith("min") and value < said:
            return f"its log says that no {name[4:]} is below {said}, and there is {value}"
        if name.startswith("max") and value > (said + _CUT if isinstance(said, datetime) else said):
            return f"its log says that no {name[4:]} is above {said}, and there is {value}"
    return ""


def _strays(place: Place, kind: str, sealed: Sealed) -> Iterator[Finding]:
    """Files that the log does not name: left behind, or replaced."""
    named = set(sealed.files["path"])
    there = [path for path in parquet_in(place.absolute()) if str(path) not in named]
    if there:
        count = f"{len(there):,} files count" if len(there) > 1 else "1 file counts"
        what = f"{count} for nothing: replaced, or of a commit broken off"
        yield Finding("stray", str(place), what, "upkeep removes them a day later", NOTE, kind=kind)
