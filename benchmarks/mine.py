"""Mining many archived events, beside a raw scan of the same columns of the same files.

python benchmarks/mine.py [--json] [--quick] [--events 50000000]
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from readings import KIND, fill
from report import Row, arguments, in_turn, progress, report

from minerlib.archive import Archive
from minerlib.archive.compact import compact
from minerlib.mine import profile

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


def main() -> None:
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=50 * MILLION, help="how many; making a million takes a second")
    options = parser.parse_args()
    events, runs = (5 * MILLION, 5) if options.quick else (options.events, 7)
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        rows = [profiling(Path(folder), events, runs)]
    report(rows, options.json)


if __name__ == "__main__":
    main()
