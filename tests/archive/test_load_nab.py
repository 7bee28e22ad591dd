"""Real history: NAB's CloudWatch series are loaded, and rules are proved on them."""

import csv
from datetime import datetime
from pathlib import Path

import polars as pl

from minerlib.archive import Archive, load
from minerlib.event.moment import DAY, MINUTE, from_datetime
from minerlib.rule import Rule, backtest

from .nab import series

SCOPE = "acme.web.past"


def rows(file: Path) -> list[tuple[int, float]]:
    """Time and value of each line, read with nothing of ours."""
    with file.open(newline="") as lines:
        told = [(row["timestamp"], float(row["value"])) for row in csv.DictReader(lines)]
    return [(from_datetime(datetime.strptime(f"{t}+0000", "%Y-%m-%d %H:%M:%S%z")), value) for t, value in told]


def test_every_series_is_loaded_whole(tmp_path: Path) -> None:
    """Eight series, each an epoch of its own in one scope, by value and time; a second time adds nothing."""
    files = series()
    for again in (False, True):
        for file in files:
            loaded = load(file, "metric", file.stem, SCOPE, archive=tmp_path)
            assert (loaded.events, loaded.unread, loaded.column) == (len(rows(file)), 0, "timestamp")
            assert loaded.added == (0 if again else loaded.events)
            assert loaded.written == "moments without a zone, read as UTC"
    archive = Archive(tmp_path)
    assert len(archive.streams()) == len(files)
    kept = archive.scan("metric").sort("source", "time", "offset").collect()
    assert kept["source"].n_unique() == len(files)
    for file in files:
        some = kept.filter(pl.col("source") == file.stem)
        told = list(zip(some["time"].dt.epoch("us"), some["value"], strict=True))
        assert sorted(told) == sorted(rows(file))


def test_a_rule_on_real_history(tmp_path: Path) -> None:
    """A threshold on a database's CPU alerts as one who goes through the file by hand finds it, up to the last row,
    which is not decided yet: another reading of that moment might still come."""
    (file,) = series("rds_cpu_utilization_e47b3b.csv")
    load(file, "cpu.usage", "db-1", SCOPE, archive=tmp_path)
    rule = Rule.from_dict({
        "rule": "cpu-high", "scope": SCOPE, "kind": "cpu.usage", "measure": {"of": "value"},
        "levels": [{"severity": "warning", "when": "> 18"}],
    })  # fmt: skip
    found = backtest(rule, Archive(tmp_path))
    over, raised, cleared = False, [], []
    for at, value in rows(file)[:-1]:
        if (value > 18) != over:
            over = not over
            (raised if over else cleared).append(at)
    assert len(raised) > 2
    assert [t.due for t in found.transitions if t.what == "raised"] == raised
    assert [t.due for t in found.transitions if t.what == "cleared"] == cleared
    assert found.instances == 1
    assert found.counts["selected"] == len(rows(file))
    assert 13 < found.days < 15


def test_a_part_of_it(tmp_path: Path) -> None:
    """`since` and `until` are times of the series, though it was loaded long after."""
    (file,) = series("ec2_cpu_utilization_ac20cd.csv")
    load(file, "cpu.usage", "web-1", SCOPE, archive=tmp_path)
    archive = Archive(tmp_path)
    (stream,) = archive.streams()
    begin = rows(file)[0][0] // DAY * DAY + 2 * DAY
    some = [e.time for batch in archive.events(stream, since=begin, until=begin + DAY) for e in batch]
    assert some == [at for at, _ in rows(file) if begin <= at < begin + DAY]
    assert len(some) == DAY // (5 * MINUTE)
    assert archive.clock(stream, begin + DAY) == some[-1]
    assert archive.clock(stream) == rows(file)[-1][0]
