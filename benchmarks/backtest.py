"""Backtests of many archived events, beside the equivalent hand-written Polars and DuckDB queries on the same files.

python benchmarks/backtest.py [--json] [--quick] [--events 10000000]
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from deltalake import DeltaTable
from report import Row, arguments, in_turn, report

from minerlib.archive import Archive, load
from minerlib.event.moment import SECOND
from minerlib.rule import Rule, backtest

SCOPE, KIND, HOSTS, LINE = "acme.web.prod", "cpu.usage", 1_000, 78.0
START = 1_728_000_000 * SECOND
PANE, OVER = 12, 60  # seconds


def archived(root: Path, events: int) -> Archive:
    """An archive of so many readings of a thousand hosts, a thousand a second."""
    dice = np.random.default_rng(1)
    time = START + np.arange(events, dtype=np.int64) * (SECOND // HOSTS)
    frame = pl.DataFrame({
        "time": pl.Series(time).cast(pl.Datetime("us", "UTC")),
        "host": pl.Series(np.arange(events) % HOSTS).cast(pl.String).cast(pl.Categorical).cast(pl.String),
        "usage_pct": dice.normal(50, 12, events).round(2),
    })  # fmt: skip
    load(frame, KIND, scope=SCOPE, source_column="host", archive=root)
    return Archive(root)


def rule(agg: str, over: str, line: float) -> Rule:
    return Rule.from_dict({
        "rule": agg, "kind": KIND, "scope": SCOPE, "measure": {"of": "usage_pct", "agg": agg, "over": over},
        "levels": [{"severity": "warning", "when": f"> {line}"}],
    })  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def means(files: list[str]) -> int:
    """How many windows of a minute, every 12 s, by host, have a mean above the line."""
    end = (pl.col("time").dt.epoch("us") + PANE * SECOND - 1) // (PANE * SECOND)
    panes = (
        pl.scan_parquet(files)
        .group_by("source", pane=end)
        .agg(total=pl.col("usage_pct").sum(), count=pl.len())
        .sort("source", "pane")
        .with_columns(
            mean=pl.col("total").rolling_sum(OVER // PANE, min_samples=1).over("source")
            / pl.col("count").rolling_sum(OVER // PANE, min_samples=1).over("source")
        )
    )
    return int(panes.filter(pl.col("mean") > LINE).select(pl.len()).collect().item())


def percentiles(files: list[str]) -> int:
    """How many minutes of a host have a 95th percentile above the line."""
    query = f"""select count(*) from (select quantile_disc(usage_pct, 0.95) p from read_parquet(?)
                group by source, (epoch_us(time) + 59999999) // 60000000) where p > {LINE}"""
    return duckdb.execute(query, [files]).fetchall()[0][0]


def memory(folder: str) -> float:
    """The most bytes that a process takes which backtests the mean once."""
    code = rf"""
import re, sys
sys.path.insert(0, "benchmarks")
from backtest import Archive, LINE, backtest, rule
backtest(rule("mean", "60s", LINE), Archive({folder!r}))
print(int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) * 1024)
"""
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=50_000_000, help="how many; loading a million takes 8 s")
    options = parser.parse_args()
    events, runs = (2_000_000, 1) if options.quick else (options.events, 5)
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        archive = archived(Path(folder), events)
        files = DeltaTable(str(Path(folder) / "sealed" / KIND)).file_uris()
        windowed, ranked = rule("mean", "60s", LINE), rule("p95", "60s", LINE)
        ranked = Rule.from_dict({**ranked.to_dict(), "measure": {**ranked.to_dict()["measure"], "every": "60s"}})
        ours, polars, ours_p95, duck = in_turn(
            runs,
            lambda: seconds(lambda: backtest(windowed, archive)),
            lambda: seconds(lambda: means(files)),
            lambda: seconds(lambda: backtest(ranked, archive)),
            lambda: seconds(lambda: percentiles(files)),
        )
        peak = memory(folder)
    said = f"{events // 1_000_000}M events"
    rows = [
        Row(f"backtest of {said}, mean over 60 s, seconds", ours, "Polars, by hand", polars, "≤ 1.5"),
        Row(f"backtest of {said}, p95 over 60 s, seconds", ours_p95, "DuckDB, by hand", duck, "≤ 2"),
        Row(f"most memory of a backtest of {said}, bytes", peak, "1 GiB", 2**30, "≤ 1"),
    ]
    report(rows, options.json)


if __name__ == "__main__":
    main()
