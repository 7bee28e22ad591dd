"""Mining many archived events, beside a raw scan of the same columns of the same files.

python benchmarks/mine.py [--json] [--quick] [--events 50000000]
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from readings import HOSTS, KIND, NAMES, SCOPE, START, fill
from report import Row, arguments, in_turn, progress, report

from minerlib.archive import Archive
from minerlib.archive.columns import EVENT, TAIL
from minerlib.archive.compact import compact
from minerlib.archive.sealed import append
from minerlib.event.moment import DAY, MINUTE
from minerlib.mine import profile, suggest

MILLION = 1_000_000
TEXTS = ("source", "kind")
NUMBERS = ("time", "seen", "offset", "usage_pct", "load", "procs")
EMPTY = ("rest", "raw")  # null in each of these readings


def seconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def raw_scan(root: Path) -> pl.DataFrame:
    """Every value of the columns that `profile` reads, touched once: sums, greatest times, lengths of texts."""
    rows = Archive(root).scan(KIND)
    moments, sums = NUMBERS[:3], NUMBERS[3:]
    return rows.select(
        pl.col(moments).max(), pl.col(sums).sum(), pl.col(TEXTS).str.len_bytes().sum(), pl.col(EMPTY).null_count()
    ).collect(engine="streaming")


def profiling(folder: Path, events: int, runs: int) -> Row:
    """A full profile of readings of a thousand hosts."""
    root = folder / "archive"
    root.mkdir()
    fill(root, 0, events, progress)
    progress("compacting ...")
    compact(root, KIND)
    found = profile(Archive(root).scan(KIND), progress=False)
    assert found.numbers["events"] == events
    ours, theirs = in_turn(
        runs,
        lambda: seconds(lambda: profile(Archive(root).scan(KIND), progress=False)),
        lambda: seconds(lambda: raw_scan(root)),
    )
    said = f"a full profile of {events / MILLION:g}M events, seconds"
    return Row(said, ours, "Polars, a raw scan of the same columns", theirs, "≤ 3")


def day(date: int, hosts: int) -> pl.DataFrame:
    """A day of readings by the minute, sealed as they would be: a wave, noise, and a bad hour of two hosts."""
    dice, count = np.random.default_rng(date), 1440
    host, minute = np.repeat(np.arange(hosts), count), np.tile(np.arange(count), hosts)
    value = 40 + 10 * np.sin(2 * np.pi * minute / count) + host % 13 + dice.normal(0, 4, hosts * count)
    for bad in dice.integers(0, hosts, 2):
        at = bad * count + int(dice.integers(0, count - 60))
        value[at : at + 60] += 35
    time = START + date * DAY + minute * MINUTE + host * 50
    data = {
        "time": time, "seen": time, "epoch": "past", "offset": date * hosts * count + minute * hosts + host, "part": 0,
        "company": "acme", "system": "web", "environment": "prod", "source": NAMES[host], "kind": KIND,
        "used_pct": np.clip(value, 0, 100).round(2), "rest": None, "raw": None, "repeat": False,
    }  # fmt: skip
    types = {**EVENT, **TAIL}
    return pl.DataFrame({
        name: (pl.Series(each) if isinstance(each, np.ndarray) else pl.repeat(each, hosts * count, eager=True)).cast(
            types.get(name, pl.Float64)
        )
        for name, each in data.items()
    })  # fmt: skip


def suggesting(folder: Path, days: int, bar: float) -> Row:
    """Rules suggested for one field of a thousand hosts, told every minute."""
    root = folder / "minutes"
    root.mkdir()
    for date in range(days):
        progress(f"day {date + 1} of {days} ...")
        append(root, SCOPE, "past", KIND, lambda above, known, date=date: day(date, HOSTS))
    archive = Archive(root)
    ours = seconds(lambda: suggest(archive, "used_pct", KIND, alerts_per_day=2, progress=False))
    said = f"suggest, {HOSTS:,} hosts, {days} days by the minute, seconds"
    return Row(said, ours, f"{bar:g} seconds", bar, "≤ 1")


def main() -> None:
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=50 * MILLION, help="how many; making a million takes a second")
    options = parser.parse_args()
    events, runs = (5 * MILLION, 5) if options.quick else (options.events, 7)
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        rows = [profiling(Path(folder), events, runs), suggesting(Path(folder), 3 if options.quick else 30, 30)]
    report(rows, options.json)


if __name__ == "__main__":
    main()
