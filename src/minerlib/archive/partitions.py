"""Events as a Dask frame: a partition a sealed file, and one for what SQLite has of today, which is sent along."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import dask.dataframe as dd
import polars as pl
from polars import selectors as cs

from minerlib.archive.frames import asked, joined
from minerlib.archive.snapshot import Snapshot


def partitions(snapshot: Snapshot, since: datetime | None, until: datetime | None, repeats: bool) -> Any:
    """The rows and columns that `scan` gives of a snapshot, as a `dask.dataframe.DataFrame`."""
    pieces = [piece for kind in snapshot.kinds for piece in snapshot.pieces(kind, since, until)]
    schema = asked(joined(pieces), since, until, repeats).collect_schema()
    frames = [asked(_shaped(piece, schema), since, until, repeats) for piece in pieces]
    return dd.from_map(_pandas, frames, meta=_pandas(pl.LazyFrame(schema=schema)))


def _shaped(piece: pl.LazyFrame, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """A frame with the columns and types of all."""
    there = set(piece.collect_schema())
    return piece.select(
        cs.by_name(name).cast(dtype) if name in there else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )


def _pandas(frame: pl.LazyFrame) -> Any:
    """Read where it is asked for; columns of Arrow have the same type in every partition, with nulls or without."""
    return frame.collect().to_pandas(use_pyarrow_extension_array=True)
