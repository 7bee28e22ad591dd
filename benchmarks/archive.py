"""The archive: rows into SQLite, sealing, questions to many rows, beside sqlite-utils, and DuckDB and Polars by hand.

python benchmarks/archive.py [--json] [--quick]
"""

import tempfile
from pathlib import Path

from asking import (
    first_rows,
    first_rows_by_sql,
    host_hours_by_hand,
    host_hours_by_scan,
    host_hours_by_sql,
    lay_out,
    opened,
    seconds,
    week,
    week_unsorted,
)
from readings import KIND, SCOPE, events, fill, year
from report import Row, arguments, in_turn, progress, report
from sealing import insert_all, sealed_events, weight, write

from minerlib.archive.catalog import catalogue
from minerlib.archive.compact import compact
from minerlib.archive.places import sealed_kinds

MILLION = 1_000_000


def writing(quick: bool) -> list[Row]:
    some = events(0, 50_000 if quick else 200_000, SCOPE)
    ours, theirs = in_turn(5, lambda: write(some), lambda: insert_all(some))
    progress("weighing ...")
    sealed, said = weight(2 if quick else 10)
    return [
        Row("events into today's SQLite, events a second", ours, "sqlite-utils insert_all", theirs, "≥ 2"),
        Row("an event as it is sealed, bytes", sealed, "its body as JSON", said, "≤ 0.15"),
    ]


def growing(folder: Path, quick: bool) -> list[Row]:
    """An archive that grows: how sealing fares beside one that stays small, and what it answers on the way."""
    few, some, many, most = [n * MILLION // (5 if quick else 1) for n in ((1, 5, 10, 20) if quick else (1, 10, 25, 50))]
    small, root, unsorted, by_hand = (folder / name for name in ("small", "archive", "unsorted", "by-hand"))
    for each in (small, root, unsorted, by_hand):
        each.mkdir()
    fill(small, 0, few, progress)
    begin, sealing, asking = 0, list[Row](), list[Row]()
    for size in (some, many, most):
        fill(root, begin, size, progress, unsorted if size <= many else None)
        begin = size
        progress(f"compacting {millions(size)} ...")
        compact(root, KIND)
        if size == many:
            asking = asked(root, unsorted, lay_out(root, by_hand), many, 1 if quick else 5)
        else:
            progress(f"sealing with {millions(size)} archived ...")
            ours, theirs = sealed_events(f"after{size}", 3 if quick else 10, root, small)
            what = f"sealing with {millions(size)} archived, microseconds an event"
            sealing.append(Row(what, ours, f"with {millions(few)}", theirs, "≤ 1.2"))
    first, sql = in_turn(5, lambda: seconds(lambda: first_rows(root)), lambda: seconds(lambda: first_rows_by_sql(root)))
    return [
        *sealing,
        *asking,
        Row(f"first rows of {millions(most)}, scan, seconds", first, "200 ms", 0.2, "≤ 1"),
        Row(f"first rows of {millions(most)}, sql, seconds", sql, "200 ms", 0.2, "≤ 1"),
    ]


def asked(root: Path, unsorted: Path, by_hand: str, size: int, runs: int) -> list[Row]:
    said = f"p95 by host and hour of {millions(size)}"
    sql, scan, hand, one, among_all = in_turn(
        runs,
        lambda: seconds(lambda: host_hours_by_sql(root)),
        lambda: seconds(lambda: host_hours_by_scan(root)),
        lambda: seconds(lambda: host_hours_by_hand(by_hand)),
        lambda: seconds(lambda: week(root)),
        lambda: seconds(lambda: week_unsorted(unsorted)),
    )
    return [
        Row(f"{said}, sql, seconds", sql, "DuckDB, sorted by hand", hand, "≤ 1.2"),
        Row(f"{said}, scan, seconds", scan, "DuckDB, sorted by hand", hand, "≤ 1.2"),
        Row(f"a source for a week of {millions(size)}, answers a second", 1 / one, "unsorted", 1 / among_all, "≥ 10"),
    ]


def opening(folder: Path, quick: bool) -> list[Row]:
    dates, kinds = (90, 5) if quick else (365, 20)
    root = folder / "year"
    year(root, dates, kinds, progress)
    what = f"kinds() and first rows, {dates} dates x {kinds} kinds"
    (uncatalogued,) = in_turn(5, lambda: seconds(lambda: opened(root)))
    for kind in sealed_kinds(root):
        progress(f"a catalog of {kind} ...")
        catalogue(root, kind)
    (spent,) = in_turn(5, lambda: seconds(lambda: opened(root)))
    return [
        Row(f"{what}, seconds", spent, "a second", 1.0, "≤ 1"),
        Row(f"{what}, without a catalog, seconds", uncatalogued, "a second", 1.0, "≤ 1"),
    ]


def millions(size: int) -> str:
    return f"{size / MILLION:g}M"


def main() -> None:
    quick = (options := arguments(__doc__.split("\n")[0]).parse_args()).quick
    with tempfile.TemporaryDirectory(prefix="minerlib-bench-") as folder:
        rows = [*writing(quick), *growing(Path(folder), quick), *opening(Path(folder), quick)]
    report(rows, options.json)


if __name__ == "__main__":
    main()
