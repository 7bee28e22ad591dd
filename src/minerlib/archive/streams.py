"""Which streams an archive has, and where their clocks stand: asked of SQLite and of Delta's logs, hardly of rows."""

import sqlite3
from pathlib import Path

import polars as pl

from minerlib.archive.columns import EVENT
from minerlib.archive.day import read_from
from minerlib.archive.places import days, kind_dir, scopes, sealed_kinds, stream_dir
from minerlib.archive.sealed import LOG, Sealed, open_table, read
from minerlib.rule.history import Stream

_KEY = ("company", "system", "environment", "epoch")
_MILLISECOND = 1000


def streams(root: Path) -> list[Stream]:
    """The streams and epochs there are events of, oldest first."""
    return list(begins(root))


def begins(root: Path) -> dict[Stream, int]:
    """When the first event of each stream and epoch was seen, oldest first."""
    first: dict[Stream, int] = {}
    for scope in scopes(root):
        for path in days(stream_dir(root, scope)):
            with read_from(path) as db:
                if db is not None:
                    for name, begun in db.execute("select name, begun from epochs where begun is not null"):
                        first[Stream(scope, name)] = min(begun, first.get(Stream(scope, name), begun))
    logged = _files(root).filter(pl.col("rows").fill_null(1) > 0)
    alone = pl.all_horizontal((pl.col(f"min.{name}") == pl.col(f"max.{name}")).fill_null(False) for name in _KEY)
    sealed = logged.filter(alone).select(*(pl.col(f"min.{name}").alias(name) for name in _KEY), seen="min.seen")
    mixed = logged.filter(~alone)["path"].to_list()  # files that hold several streams, or whose log does not say
    if mixed:
        rows = read(mixed, {name: EVENT[name] for name in (*_KEY, "seen")}).group_by(_KEY).agg(pl.col("seen").min())
        sealed = pl.concat([sealed, rows.collect()])
    for *words, epoch, seen in sealed.group_by(_KEY).agg(pl.col("seen").min().cast(pl.Int64)).rows():
        first.setdefault(Stream(".".join(words), epoch), seen)
    return {stream: first[stream] for stream in sorted(first, key=lambda stream: (first[stream], stream))}


def clock(root: Path, stream: Stream, until: int | None = None) -> int | None:
    """The highest `seen` of any event of a stream (below `until`), in microseconds; None where there is none.

    `seen` never falls within an epoch, so the newest file that has any has the highest.
    """
    for path in reversed(days(stream_dir(root, stream.scope))):
        with read_from(path) as db:
            found = db and _clock_of_day(db, stream.epoch, until)
            if found is not None:
                return found
    return _sealed_clock(root, stream, until)


def _clock_of_day(db: sqlite3.Connection, epoch: str, until: int | None) -> int | None:
    number = db.execute("select number from epochs where name = ?", (epoch,)).fetchone()
    if number is None:
        return None
    low, high = db.execute("select min(offset), max(offset) from events where epoch = ?", number).fetchone()
    if low is None:
        return None

    def seen(offset: int) -> tuple[int, int]:
        """The last row at or before an offset: its offset and `seen`."""
        return db.execute(
            "select offset, seen from events where epoch = ? and offset <= ? order by offset desc limit 1",
            (*number, offset),
        ).fetchone()

    if until is None or seen(high)[1] < until:
        return seen(high)[1]
    if seen(low)[1] >= until:
        return None
    while low < high - 1:  # low is below until, high is not
        middle = (low + high) // 2
        if seen(middle)[1] < until:
            low = middle
        else:
            high = middle
    return seen(low)[1]


def _sealed_clock(root: Path, stream: Stream, until: int | None) -> int | None:
    key = dict(zip(_KEY, (*stream.scope.split("."), stream.epoch), strict=True))
    may = _files(root).filter(
        ((pl.col(f"min.{name}") <= value) & (pl.col(f"max.{name}") >= value)).fill_null(True)
        for name, value in key.items()
    )
    low, high = (pl.col(f"{side}.seen").cast(pl.Int64) for side in ("min", "max"))
    if until is not None:
        may = may.filter((low < until).fill_null(True))
    bound = (high + _MILLISECOND).fill_null(2**62)  # the log says milliseconds, cut off
    may = may.select("path", bound=pl.min_horizontal(bound, pl.lit(until or 2**62))).sort("bound", descending=True)
    best: int | None = None
    ours = pl.all_horizontal(pl.col(name) == value for name, value in key.items())
    for path, top in may.rows():
        if best is not None and best >= top - 1:
            break
        rows = read([path], {name: EVENT[name] for name in (*_KEY, "seen")})
        rows = rows.filter(ours).select(pl.col("seen").cast(pl.Int64))
        rows = rows if until is None else rows.filter(pl.col("seen") < until)
        found = rows.select(pl.col("seen").max()).collect().item()
        best = found if best is None or (found is not None and found > best) else best
    return best


def _files(root: Path) -> pl.DataFrame:
    """What the logs say of the sealed files of all kinds (see Sealed)."""
    tables = [(kind_dir(root, kind), open_table(root, kind)) for kind in sealed_kinds(root)]
    found = [Sealed(table, place).files for place, table in tables if table is not None]
    return pl.concat(found) if found else pl.DataFrame(schema=LOG)
