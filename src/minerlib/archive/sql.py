"""SQL over the archive: DuckDB over the sealed files of the kinds that a query names, and over today's rows.

The connection is the query's own. It reads what lies below `sealed/` and nothing else, writes nothing, loads nothing,
and spills to a temporary directory when half of the free memory is full.
"""

import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import psutil

from minerlib.archive.complaint import blamed, complaint
from minerlib.archive.places import sealed_dir
from minerlib.archive.result import frame_of_arrow
from minerlib.archive.statement import tables_of
from minerlib.archive.tables import Tables, text

Progress = Callable[[float], None]
_LOOK = 0.1  # seconds between two looks at how far a query is
_LEAST = 256 << 20  # bytes without which nothing can be asked


def ask(
    root: Path, query: str, since: int | None, until: int | None, scope: str | None, progress: Progress | None
) -> pl.DataFrame:
    """The rows that a query gives (see Archive.sql); `since` and `until` in microseconds."""
    tables = Tables(root, since, until, scope)
    with _connection(root) as connection:
        try:
            tables.make(connection, tables_of(connection, query))
            return _run(connection, query, progress)
        except duckdb.Error as error:
            found = blamed(error, tables.paths)
            raise found or complaint(_pointing(connection, query, error), tables.columns) from None


def _pointing(connection: duckdb.DuckDBPyConnection, query: str, error: duckdb.Error) -> duckdb.Error:
    """The same error with the line it is about, which a relation does not say."""
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException)):
        try:
            connection.execute(query)
        except duckdb.Error as told:
            return told
    return error


@contextmanager
def _connection(root: Path) -> Generator[duckdb.DuckDBPyConnection]:
    """A database in memory that can read the sealed files, and do no harm."""
    with tempfile.TemporaryDirectory(prefix="minerlib-") as spilled:
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
                "memory_limit": f"{max(_LEAST, psutil.virtual_memory().available // 2) >> 20}MiB",
                "temp_directory": spilled,
            }
        )
        with connection:
            for setting, value in (
                ("TimeZone", "'UTC'"),
                ("parquet_metadata_cache", "true"),  # each footer is looked at twice: by the view, by the query
                ("enable_progress_bar", "true"),  # else there is none to ask for
                ("enable_progress_bar_print", "false"),
                ("allowed_directories", f"[{text(str(sealed_dir(root).absolute()))}]"),
                ("enable_external_access", "false"),
                ("lock_configuration", "true"),
            ):
                connection.execute(f"set {setting} = {value}")
            yield connection


def _run(connection: duckdb.DuckDBPyConnection, query: str, progress: Progress | None) -> pl.DataFrame:
    """The result, out of another thread, so that this one hears of Ctrl-C and can say how far it is."""
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(lambda: frame_of_arrow(connection.sql(query).to_arrow_table()))
        try:
            while not work.done():
                wait([work], _LOOK)
                if progress and not work.done():
                    progress(max(0.0, connection.query_progress()))
            return work.result()
        finally:
            while not work.done():  # it may not have begun yet
                connection.interrupt()
                wait([work], _LOOK)
