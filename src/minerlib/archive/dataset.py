"""Sealed files as Arrow opens them, on a disk or in an object store."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake.fs import DeltaStorageHandler
from pyarrow import fs

from minerlib.archive.bucket import SCHEME
from minerlib.archive.columns import Dtype


def opened_by(path: str) -> tuple[Any, str]:
    """The file system that a sealed file is in, and its path there."""
    if not path.startswith(SCHEME):
        return fs.LocalFileSystem(), path
    bucket, _, key = path.removeprefix(SCHEME).partition("/")
    return fs.PyFileSystem(DeltaStorageHandler(SCHEME + bucket)), key


def files_of(root: str, paths: Sequence[str], schema: Mapping[str, Dtype]) -> Any:
    """Files below a URL as a dataset, of which an engine reads the columns and rows that it needs; it has the columns
    of a schema: one that a file does not have is null."""
    store = fs.PyFileSystem(DeltaStorageHandler(root))
    inside = [path.removeprefix(f"{root}/") for path in paths]
    columns = pa.schema([(name, _plain(column.to_arrow().type)) for name, column in _empty(schema)])
    return ds.dataset(inside, schema=columns, format="parquet", filesystem=store)


def _empty(schema: Mapping[str, Dtype]) -> list[tuple[str, pl.Series]]:
    return [(name, pl.Series(dtype=dtype)) for name, dtype in schema.items()]


def _plain(dtype: Any) -> Any:
    """A type as files have it: no views, and nothing that is large."""
    if pa.types.is_large_string(dtype) or pa.types.is_string_view(dtype):
        return pa.string()
    return pa.binary() if pa.types.is_large_binary(dtype) or pa.types.is_binary_view(dtype) else dtype
