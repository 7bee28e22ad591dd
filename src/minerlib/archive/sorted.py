"""The files of a sorted run: Parquet with page checksums, small row groups, and what Delta's log says of each."""

import json
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from minerlib.archive.runs import file_of
from minerlib.event.moment import now

_GROUP = 65_536  # rows of a row group: the least that is read of a source
_ORDER = ("source", "time", "company", "system", "environment", "epoch", "offset", "part")
_LOGGED = ("time", "seen", "epoch", "offset", "company", "system", "environment", "source")


def folder_of(day: date) -> str:
    """The folder of a date in a table."""
    return f"date={day}"


def write_piece(place: Path, day: date, run: str, number: int, frame: pl.DataFrame) -> AddAction:
    """Write the rows of one piece, sorted by source and time; the entry for the log. A column without values is left
    out: the table's schema has it."""
    frame = frame.sort(*_ORDER)
    frame = frame.select(name for name in frame.columns if frame[name].null_count() < frame.height)
    name = f"{folder_of(day)}/{file_of(run, number)}"
    (place / name).parent.mkdir(exist_ok=True)
    pq.write_table(
        frame.to_arrow(), place / name, compression="zstd", compression_level=3, row_group_size=_GROUP,
        write_page_checksum=True, write_page_index=True,
    )  # fmt: skip
    size = (place / name).stat().st_size
    return AddAction(name, size, {"date": str(day)}, now() // 1000, data_change=False, stats=_statistics(frame))


def remove_run(place: Path, day: date, run: str) -> None:
    """Remove what was written of a run that came to nothing; what cannot be removed counts for nothing."""
    for path in (place / folder_of(day)).glob(file_of(run, 0).replace("00000", "*")):
        with suppress(OSError):
            path.unlink()


def _statistics(frame: pl.DataFrame) -> str:
    """What the log says of a file's rows, as Delta's protocol has it."""
    said: dict[str, Any] = {"numRecords": frame.height, "nullCount": dict.fromkeys(_LOGGED, 0)}
    for key, agg in (("minValues", pl.all().min()), ("maxValues", pl.all().max())):
        row = frame.select(_LOGGED).select(agg).row(0, named=True)
        said[key] = {name: _plain(value) for name, value in row.items()}
    return json.dumps(said)


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
