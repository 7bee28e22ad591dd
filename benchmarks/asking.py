"""Questions to an archive of many readings, and the same by hand: DuckDB on sorted Parquet, Polars on unsorted."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
from readings import KIND, START

from minerlib.archive import Archive
from minerlib.event.moment import to_datetime

HOST = "web-0421"
P95 = "select source, date_trunc('hour', time) as hour, quantile_disc(usage_pct, 0.95) as p95 from {} group by all"
WEEK = (to_datetime(START), to_datetime(START) + timedelta(days=7))


def seconds(work: Callable[[], pl.DataFrame]) -> float:
    """How long an answer takes, which has to be one."""
    begun = time.perf_counter()
    assert work().height
    return time.perf_counter() - begun


def lay_out(root: Path, folder: Path) -> str:
    """The same readings as one would lay them out by hand: a file a date, sorted by source and time; as a pattern."""
    rows = Archive(root).scan(KIND).drop("rest", "raw", "repeat")
    for day in rows.select(pl.col("time").dt.date().unique().sort()).collect().to_series():
        found = rows.filter(pl.col("time").dt.date() == day).sort("source", "time").collect()
        with duckdb.connect() as db:
            db.register("found", found.to_arrow())
            db.execute(f"copy (from found) to '{folder}/{day}.parquet' (format parquet, compression zstd)")
    return f"{folder}/*.parquet"


def host_hours_by_sql(root: Path) -> pl.DataFrame:
    return Archive(root).sql(P95.format("cpu_usage"))


def host_hours_by_scan(root: Path) -> pl.DataFrame:
    hour = pl.col("time").dt.truncate("1h")
    p95 = pl.col("usage_pct").quantile(0.95, "higher")
    return Archive(root).scan(KIND).group_by("source", hour=hour).agg(p95=p95).collect()


def host_hours_by_hand(files: str) -> pl.DataFrame:
    with duckdb.connect() as db:
        return db.sql(P95.format(f"read_parquet('{files}')")).pl()


def week(root: Path) -> pl.DataFrame:
    """One source for a week."""
    since, until = WEEK
    return Archive(root).scan(KIND, since=since, until=until).filter(pl.col("source") == HOST).collect()


def week_unsorted(folder: Path) -> pl.DataFrame:
    since, until = WEEK
    rows = pl.scan_parquet(folder / "*.parquet")
    return rows.filter(pl.col("source") == HOST, pl.col("time") >= since, pl.col("time") < until).collect()


def first_rows(root: Path) -> pl.DataFrame:
    return Archive(root).scan(KIND).head(10).collect()


def first_rows_by_sql(root: Path) -> pl.DataFrame:
    return Archive(root).sql("from cpu_usage limit 10")


def opened(root: Path) -> pl.DataFrame:
    """What is there, and the first rows of one kind."""
    archive = Archive(root)
    kinds = archive.kinds()
    return archive.scan(str(kinds["kind"][0])).head(10).collect()
