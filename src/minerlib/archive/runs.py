"""Which sealed files are merged with which: the runs of a date, and where a merged run is cut into files.

A commit of the sealer is a run of its own; what a compaction writes is one run, `sorted-<run>-<number>.parquet`, whose
files follow one another by source and time. Runs of similar size are merged, so that each row is written again as often
as the logarithm of what the date holds:

    finished date    as soon as two runs are of similar size
    newest date      once LIMIT of them are
"""

import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

ROWS = 1_000_000  # of one file, about
LIMIT = 32  # runs of similar size on the newest date
_SIMILAR = 4  # a run is merged with smaller ones that have, together, a quarter of its rows
_SORTED = re.compile(r"sorted-([0-9a-f]+)-\d+\.parquet$")


class Files(NamedTuple):
    """Files of one date: what its log says of each (path, bytes, rows)."""

    day: date
    log: pl.DataFrame

    @property
    def rows(self) -> int:
        return int(self.log["rows"].sum())


class Piece(NamedTuple):
    """What goes into one file: from (source, time), included, to (source, time), not included; None is open."""

    begin: tuple[str, datetime] | None
    end: tuple[str, datetime] | None

    def wanted(self) -> pl.Expr:
        """Whether a row belongs to it."""
        source, time = pl.col("source"), pl.col("time")
        found = pl.lit(True)
        if self.begin:
            name, at = self.begin
            found = found & (source >= name) & ((source > name) | (time >= at))
        if self.end:
            name, at = self.end
            found = found & (source <= name) & ((source < name) | (time < at))
        return found


def due(log: pl.DataFrame, newest: date | None) -> Iterator[Files]:
    """The files that are to be merged, a date after another; `log` has path, bytes, rows, date of a table's files, and
    whether they were loaded: these stay apart, for they are kept for ever."""
    for (day, _), files in log.group_by("date", "loaded", maintain_order=True):
        assert isinstance(day, date)
        files = files.with_columns(run=pl.col("path").map_elements(run_of, pl.String))
        runs = files.group_by("run").agg(rows=pl.col("rows").sum()).sort("rows", "run")
        taken: list[str] = []
        total = 0
        for run, rows in runs.rows():
            if taken and rows > _SIMILAR * total:
                break
            taken.append(run)
            total += rows
        if len(taken) > (LIMIT if newest is not None and day >= newest else 1):
            yield Files(day, files.filter(pl.col("run").is_in(taken)))


def run_of(path: str) -> str:
    """The run that a file belongs to."""
    found = _SORTED.search(path)
    return found[1] if found else path


def new_run() -> str:
    return secrets.token_hex(8)


def file_of(run: str, number: int) -> str:
    """The name of a run's file."""
    return f"sorted-{run}-{number:05d}.parquet"


def pieces(rows: pl.LazyFrame, most: int = ROWS) -> list[Piece]:
    """Rows cut into files of about `most`, by source and ten minutes of time. Only two columns of them are read."""
    steps = rows.group_by("source", at=pl.col("time").dt.truncate("10m")).len().sort("source", "at").collect()
    cuts: list[tuple[str, datetime]] = []
    size = 0
    for source, at, count in steps.rows():
        if size and size + count > most:
            cuts.append((source, at))
            size = 0
        size += count
    return [Piece(begin, end) for begin, end in zip([None, *cuts], [*cuts, None], strict=True)]
