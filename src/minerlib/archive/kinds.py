"""Which kinds there are: what the catalog knows of a date, and the rows of the dates that it does not know.

The catalog lags behind, so it is believed of a date only where it names the very files that the date has.
"""

import sqlite3
import warnings
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
import polars as pl

from minerlib.archive.blame import blaming
from minerlib.archive.catalog import digest
from minerlib.archive.columns import EVENT
from minerlib.archive.places import CATALOG
from minerlib.archive.snapshot import Snapshot
from minerlib.archive.whole import check_sizes
from minerlib.errors import ArchiveBroken
from minerlib.event.moment import from_datetime, read_time, to_datetime

_COLUMNS = {
    "kind": pl.String, "events": pl.UInt32, "sources": pl.UInt32, "first": EVENT["time"], "last": EVENT["time"],
}  # fmt: skip
_DATES = "select kind, date, files, events, first, last, sources from dates where events > 0"
_SETS = "select id, names from source_sets"


class _Date(NamedTuple):
    """What the catalog says of a kind's date: its files, events, first and last moment (microseconds), sources."""

    files: str
    events: int
    first: int
    last: int
    sources: str


class _Catalogued(NamedTuple):
    """What the catalog says: dates by kind and day, and the names in each set of sources."""

    dates: dict[tuple[str, str], _Date]
    sets: dict[str, list[str]]


def kinds(root: Path) -> pl.DataFrame:
    """What there is (see Archive.kinds)."""
    snapshot, catalogued = Snapshot(root, lambda _: True), _read(root)
    rows: list[tuple[Any, ...]] = []
    for kind in snapshot.kinds:
        try:
            with blaming(root, kind.__eq__):
                row = _kind(snapshot, kind, catalogued)
        except ArchiveBroken as error:
            warnings.warn(str(error), stacklevel=3)
            row = kind, None, None, None, None
        if row:
            rows.append(row)
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _kind(snapshot: Snapshot, kind: str, catalogued: _Catalogued) -> tuple[Any, ...] | None:
    """The row of a kind; None where all that is left of it are repeats."""
    files, known = snapshot.files(kind), dict[date, _Date]()
    for day, paths in files.group_by("date").agg("path").rows() if files.height else ():
        said = catalogued.dates.get((kind, str(day)))
        if said and said.files == digest(paths):
            known[day] = said
    among_known = pl.col("date").is_in(list(known))
    rows = [snapshot.today[kind].lazy()]
    if known:
        check_sizes(files.filter(among_known).select("path", "bytes").iter_rows())
    if (others := files.filter(~among_known)).height:
        rows.append(snapshot.rows(kind, others))
    time = pl.col("time")
    said = pl.concat(each.select("time", "source", "repeat") for each in rows).filter(~pl.col("repeat"))
    spans = said.group_by("source").agg(pl.len(), first=time.min(), last=time.max()).collect()
    names = set(spans["source"]).union(*(catalogued.sets[name] for name in {each.sources for each in known.values()}))
    if not names:
        return None
    first = min([*map(from_datetime, spans["first"]), *(each.first for each in known.values())])
    last = max([*map(from_datetime, spans["last"]), *(each.last for each in known.values())])
    events = spans["len"].sum() + sum(each.events for each in known.values())
    return kind, events, len(names), to_datetime(first), to_datetime(last)


def _read(root: Path) -> _Catalogued:
    """What the catalog says; nothing where there is none, or it cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(root / CATALOG))}?mode=ro", uri=True)) as db:
            db.execute("begin")
            dates = db.execute(_DATES).fetchall()
            sets = {name: msgspec.json.decode(names, type=list[str]) for name, names in db.execute(_SETS)}
    except (sqlite3.Error, msgspec.MsgspecError):
        return _Catalogued({}, {})
    found: dict[tuple[str, str], _Date] = {}
    for kind, day, files, events, *moments, sources in dates:
        first, last = map(read_time, moments)
        if first is not None and last is not None and sources in sets:
            found[kind, day] = _Date(files, events, first, last, sources)
    return _Catalogued(found, sets)
