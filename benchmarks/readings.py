"""Readings of a thousand hosts as an archive has them: made from a seed, put straight into the sealed tables."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from minerlib.archive.columns import EVENT, TAIL
from minerlib.archive.sealed import append, open_table
from minerlib.event.event import Event
from minerlib.event.moment import DAY, SECOND, rfc3339

SCOPE, KIND, HOSTS = "acme.web.prod", "cpu.usage", 1_000
START = 1_761_955_200 * SECOND  # a midnight
STEP = 27_648  # microseconds from one reading to the next: 25 million of them in eight days
CHUNK = 1_000_000
NAMES = np.array([f"web-{host:04d}" for host in range(HOSTS)])


def values(begin: int, end: int) -> dict[str, Any]:
    """The fields of some readings: two measures to the hundredth, and a whole number."""
    dice, size = np.random.default_rng(begin), end - begin
    return {
        "usage_pct": dice.normal(50, 12, size).round(2),
        "load": dice.gamma(2, 1, size).round(2),
        "procs": dice.integers(100, 400, size).astype(float),
    }


def times(begin: int, end: int) -> Any:
    """When they were, to the millisecond, in microseconds."""
    dice = np.random.default_rng(begin + 1)
    return START + np.arange(begin, end) * STEP // 1000 * 1000 + dice.integers(0, 1000, end - begin) * 1000


def frame(begin: int, end: int) -> pl.DataFrame:
    """Some readings as rows of a sealed table."""
    size, time = end - begin, times(begin, end)
    number = np.arange(begin, end)
    data = {
        "time": time, "seen": START + number * STEP // SECOND * SECOND, "epoch": "past", "offset": number, "part": 0,
        "company": "acme", "system": "web", "environment": "prod", "source": NAMES[number % HOSTS], "kind": KIND,
        **values(begin, end), "rest": None, "raw": None, "repeat": False,
    }  # fmt: skip
    types = {**EVENT, **TAIL}
    return pl.DataFrame({
        name: (pl.Series(value) if isinstance(value, np.ndarray) else pl.repeat(value, size, eager=True)).cast(
            types.get(name, pl.Float64)
        )
        for name, value in data.items()
    })  # fmt: skip


def fill(root: Path, begin: int, end: int, told: Callable[[str], object], beside: Path | None = None) -> None:
    """Put readings into an archive, a million in a commit; into files `beside` it as they arrive."""
    for first in range(begin, end, CHUNK):
        told(f"{first // 1_000_000} of {end // 1_000_000} million readings ...")
        rows = frame(first, min(first + CHUNK, end))
        append(root, SCOPE, "past", KIND, lambda above, known, rows=rows: rows)
        if beside:
            rows.drop("rest", "raw").write_parquet(beside / f"{first:012d}.parquet")


def events(begin: int, end: int, scope: str) -> list[Event]:
    """Some readings as the archiver has them."""
    company, system, environment = scope.split(".")
    fields = [each.tolist() for each in values(begin, end).values()]
    return [
        Event(
            time=time, seen=START + number * STEP // SECOND * SECOND, epoch="now", offset=number, part=0,
            company=company, system=system, environment=environment, source=str(NAMES[number % HOSTS]), kind=KIND,
            body={"time": rfc3339(time), "usage_pct": usage, "load": load, "procs": int(procs)},
        )
        for number, time, usage, load, procs in zip(
            range(begin, end), times(begin, end).tolist(), *fields, strict=True
        )
    ]  # fmt: skip


def year(root: Path, dates: int, kinds: int, told: Callable[[str], object]) -> None:
    """An archive of so many dates and kinds: a file of each, twenty events of twenty sources in it."""
    first, each = date(2025, 1, 1), 20
    midnight = (first - date(1970, 1, 1)) // timedelta(days=1) * DAY
    number = np.arange(dates * each)
    seen = pl.Series(midnight + number // each * DAY).cast(EVENT["time"])
    rows = frame(0, dates * each).with_columns(
        time=seen, seen=seen, source=pl.Series(NAMES[number % each]), offset=pl.Series(number)
    )
    for name in (f"kind.{n:02d}" for n in range(kinds)):
        told(f"a year of {name} ...")
        some = rows.with_columns(kind=pl.lit(name))
        append(root, SCOPE, "past", name, lambda above, known, some=some: some)
        table = open_table(root, name)
        assert table is not None
        table.create_checkpoint()
