"""Whether each offset of each stream is there, and once, over both sides of the seam.

Every message of a stream leaves a row at least, so an offset without one is noted (see gaps.py), or lost. Of days of
which some kinds went by their age nothing can be said.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from minerlib.archive.check.finding import REPAIR, Finding, Ranges, Told, merged, quiet, size, told_ranges
from minerlib.archive.check.marks import Mark, between, marks
from minerlib.archive.columns import EVENT
from minerlib.archive.day import read_from
from minerlib.archive.gaps import noted
from minerlib.archive.places import LOADED, stream_dir
from minerlib.archive.retention import kept_from
from minerlib.archive.sealed import Sealed, read, version
from minerlib.errors import ArchiveError
from minerlib.event.moment import to_datetime
from minerlib.rule.history import Stream

_KEY = ("company", "system", "environment", "epoch", "offset", "part")
_Runs = npt.NDArray[np.int64]
_Ends = tuple[int | None, int | None]


class Offsets(NamedTuple):
    """Of each stream: offsets in no file, offsets of which something is there twice."""

    holes: dict[Stream, Ranges]
    doubles: dict[Stream, Ranges]


def check_offsets(
    root: Path, begin: Sequence[Mark], tables: Mapping[str, Sealed], bad: Collection[str] = (), told: Told = quiet
) -> list[Finding]:
    """Holes and doubles as findings, one each a stream; files that are `bad` are not read. `begin` was asked before
    the tables were opened."""
    found: list[Finding] = []
    offsets = look(root, begin, tables, bad, told)
    for fault, of, words, remedy in (
        ("hole", offsets.holes, "in no file that can be read", "takes them from the stream, where that still has them"),
        ("double", offsets.doubles, "there twice", "keeps each of them once"),
    ):
        for stream, ranges in of.items():
            if not ranges:
                continue
            count, several = size(ranges), size(ranges) > 1
            what = f"{count:,} offset{'s are' if several else ' is'} {words}: {told_ranges(ranges)}"
            help_ = f"{REPAIR} {remedy}"
            if fault == "hole" and stream.epoch.startswith(LOADED):
                help_ = "load the same file again: minerlib load adds what is missing"
            place = f"{stream.scope}/{stream.epoch}"
            found.append(Finding(
                fault, place, what, help_, scope=stream.scope, epoch=stream.epoch, first=ranges[0][0],
                last=ranges[-1][1], events=count, ranges=ranges,
            ))  # fmt: skip
    return found


def look(
    root: Path, begin: Sequence[Mark], tables: Mapping[str, Sealed], bad: Collection[str] = (), told: Told = quiet
) -> Offsets:
    """Which offsets are missing, and which are there twice. A date of all kinds is in memory at once, keys only."""
    runs: dict[Stream, list[_Runs]] = {}
    twice: dict[Stream, list[_Runs]] = {}
    horizon = max((kept_from(sealed.table) for sealed in tables.values()), default=date.min)
    files = [sealed.files.filter(~pl.col("path").is_in(list(bad))) for sealed in tables.values()]
    logged = pl.concat([each.select("path", "date", "rows") for each in files]) if files else pl.DataFrame()
    total, done = int(logged["rows"].sum()) if files else 0, 0
    for (day,), some in logged.group_by("date", maintain_order=True) if files else ():
        for stream, keys in _keys(some["path"].to_list()).items():
            if stream.epoch.startswith(LOADED) or (isinstance(day, date) and day >= horizon):
                _take(stream, keys, runs, twice)
        done += int(some["rows"].sum())
        told(done, total, "looking for holes, events")
    coming = between(begin, marks(root))
    for stream, keys in _live(begin, tables).items():
        _take(stream, keys, runs, twice)
    ends = _ends(begin, tables, horizon)
    known = {scope: noted_of(root, scope) for scope in {stream.scope for stream in {*runs, *ends}}}
    holes: dict[Stream, Ranges] = {}
    doubles: dict[Stream, Ranges] = {}
    for stream in sorted({*runs, *ends}):
        there = sorted((int(a), int(b)) for some in runs.get(stream, []) for a, b in some)
        gaps = [(low, high) for epoch, low, high in known[stream.scope] if epoch == stream.epoch]
        gaps += coming.get(stream, [])
        first, last = ends.get(stream, (None, None))
        holes[stream] = _between(sorted([*there, *gaps]), first, last)
        doubles[stream] = merged([*_overlaps(there), *((int(a), int(b)) for d in twice.get(stream, []) for a, b in d)])
    return Offsets(holes, doubles)


def noted_of(root: Path, scope: str) -> list[tuple[str, int, int]]:
    """Epoch, first and last offset of the gaps that are noted of a stream, as far as its files can be read."""
    try:
        return [gap[:3] for gap in noted(stream_dir(root, scope))]
    except ArchiveError:
        return []


def _keys(paths: list[str]) -> dict[Stream, pl.DataFrame]:
    """Offsets and parts in some files, of each stream."""
    rows = read(paths, {name: EVENT[name] for name in _KEY}).collect()
    found = rows.partition_by(_KEY[:4], as_dict=True, include_key=False)
    return {Stream(".".join(map(str, words)), str(epoch)): keys for (*words, epoch), keys in found.items()}


def _take(
    stream: Stream, keys: pl.DataFrame, runs: dict[Stream, list[_Runs]], twice: dict[Stream, list[_Runs]]
) -> None:
    """Note which offsets are there, as runs of them, and which are there twice."""
    keys = keys.sort("offset", "part")
    offset, part = keys["offset"].to_numpy(), keys["part"].to_numpy()
    same = offset[1:] == offset[:-1]
    again = offset[1:][same & (part[1:] == part[:-1])]
    if len(again):
        twice.setdefault(stream, []).append(np.stack([again, again], axis=1))
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    # a message of which a part is missing is as good as missing
    steps = np.where(same, part[1:] - part[:-1], 0)
    torn = np.unique(np.concatenate([offset[begins][part[begins] != 0], offset[1:][steps > 1]]))
    single = np.setdiff1d(offset[begins], torn)
    if len(single):
        cuts = np.flatnonzero(np.diff(single) != 1)
        first = single[np.concatenate([[0], cuts + 1])]
        last = single[np.concatenate([cuts, [len(single) - 1]])]
        runs.setdefault(stream, []).append(np.stack([first, last], axis=1))


def _live(begin: Sequence[Mark], tables: Mapping[str, Sealed]) -> dict[Stream, pl.DataFrame]:
    """Offsets and parts that readers take from SQLite: above what is sealed."""
    found: dict[Stream, list[tuple[int, int]]] = {}
    for mark in begin:
        tops = {kind: version(sealed.table, mark.scope, mark.epoch) for kind, sealed in tables.items()}
        rows = found.setdefault(Stream(mark.scope, mark.epoch), [])
        with suppress(ArchiveError), read_from(mark.path) as db:  # a broken file is a finding of its own
            if db is not None:
                query = "select offset, part, kind from events where epoch = ? and offset > ?"
                there = db.execute(query, (mark.number, mark.floor))
                rows += [(offset, part) for offset, part, kind in there if offset > tops.get(kind, -1)]
    schema = {"offset": pl.Int64, "part": pl.Int32}
    return {stream: pl.DataFrame(rows, schema=schema, orient="row") for stream, rows in found.items() if rows}


def _ends(begin: Sequence[Mark], tables: Mapping[str, Sealed], horizon: date) -> dict[Stream, _Ends]:
    """The first and last offset that should be there of each stream, as far as that is known."""
    found: dict[Stream, _Ends] = {}
    for mark in begin:
        if mark.first is not None and mark.last is not None:
            stream = Stream(mark.scope, mark.epoch)
            low, high = found.get(stream, (mark.first, mark.last))
            old = mark.begun is not None and to_datetime(mark.begun).date() < horizon
            found[stream] = (None if old or low is None else min(low, mark.first), max(high or 0, mark.last))
    for sealed in tables.values():
        for row in sealed.files.filter(pl.col("min.epoch").str.starts_with(LOADED)).iter_rows(named=True):
            if row["min.epoch"] == row["max.epoch"]:
                scope = ".".join(row[f"min.{word}"] for word in _KEY[:3])
                top = version(sealed.table, scope, row["min.epoch"])
                found[Stream(scope, row["min.epoch"])] = (0, top if top >= 0 else None)
    return found


def _between(there: Ranges, begin: int | None, end: int | None) -> Ranges:
    """What lies between ranges in order, from `begin` to `end`."""
    found: list[tuple[int, int]] = []
    upto = there[0][0] - 1 if begin is None and there else (begin or 0) - 1
    for first, last in there:
        if first > upto + 1:
            found.append((upto + 1, first - 1))
        upto = max(upto, last)
    if end is not None and end > upto:
        found.append((upto + 1, end))
    return found


def _overlaps(there: Ranges) -> Ranges:
    """What ranges in order have in common: runs of two dates, or of both sides of the seam."""
    found: list[tuple[int, int]] = []
    upto = -1
    for first, last in there:
        if first <= upto:
            found.append((first, min(last, upto)))
        upto = max(upto, last)
    return found
