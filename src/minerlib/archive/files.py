"""The files of sealed tables: Parquet with page checksums, small row groups, and what Delta's log says of each."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from deltalake.transaction import AddAction
from polars import selectors as cs

from minerlib.archive.bucket import Bucket, Place
from minerlib.archive.columns import TIME, Dtype
from minerlib.archive.places import sync
from minerlib.event.moment import now

_GROUP = 65_536  # rows of a row group: the least that is read of a source
_ORDER = ("source", "time", "company", "system", "environment", "epoch", "offset", "part")
_PACKED = ("time", "seen", "offset", "body.time")  # what goes up from row to row: kept as its differences
_PACKING: dict[Dtype, str] = {
    TIME: "DELTA_BINARY_PACKED",
    pl.Int64(): "DELTA_BINARY_PACKED",
    pl.String(): "DELTA_BYTE_ARRAY",
}
LOGGED = ("time", "seen", "epoch", "offset", "company", "system", "environment", "source")


def folder_of(day: date) -> str:
    """The folder of a date in a table."""
    return f"date={day}"


def write_file(place: Place, day: date, name: str, frame: pl.DataFrame, *, new: bool) -> AddAction:
    """Write rows of a date to a file of their own, sorted by source and time; the entry for the log, which says whether
    they are `new` to the table. A column without values is left out: the table's schema has it. It is settled then."""
    frame = frame.sort(*_ORDER)
    there = [name for name in frame.columns if frame[name].null_count() < frame.height]
    frame = frame.select(cs.by_name(*there))  # a field may be called `*`, which is a pattern elsewhere
    name = f"{folder_of(day)}/{name}"
    (place / name).parent.mkdir(exist_ok=True)
    packed = {name: _PACKING[frame.schema[name]] for name in _PACKED if frame.schema.get(name) in _PACKING}
    with (place / name).open("wb") as file:
        pq.write_table(
            frame.to_arrow(), file, compression="zstd", compression_level=3, row_group_size=_GROUP,
            use_dictionary=[each for each in frame.columns if each not in packed],  # pyright: ignore[reportArgumentType]
            column_encoding=packed,
            write_page_checksum=True, write_page_index=True,
        )  # fmt: skip
    settle(place / name)
    return add_action(place, name, day, frame.lazy(), new=new)


def settle(path: Place) -> None:
    """Have a file of a table on the disk, under its name, and the name of its folder: else it may be gone, or empty,
    when the power fails, and what it took the place of may not be there any more. An object store answers once it has
    an object for good."""
    if isinstance(path, Path):
        for each in (path, path.parent, path.parent.parent):
            sync(each)


def add_action(place: Place, name: str, day: date, rows: pl.LazyFrame, *, new: bool) -> AddAction:
    """The entry for the log of a file that is there, with these rows."""
    file = place / name
    size = file.size() if isinstance(file, Bucket) else file.stat().st_size
    stats = _statistics(rows.select(LOGGED).collect())
    return AddAction(name, size, {"date": str(day)}, now() // 1000, data_change=new, stats=stats)


def _statistics(frame: pl.DataFrame) -> str:
    """What the log says of a file's rows, as Delta's protocol has it."""
    said: dict[str, Any] = {"numRecords": frame.height, "nullCount": dict.fromkeys(LOGGED, 0)}
    for key, agg in (("minValues", pl.all().min()), ("maxValues", pl.all().max())):
        row = frame.select(LOGGED).select(agg).row(0, named=True)
        said[key] = {name: _plain(value) for name, value in row.items()}
    return json.dumps(said)


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
