"""Backtests on a cluster: two workers, each a process, say what one process says."""

import random
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from distributed import Client, LocalCluster

from minerlib.archive import Archive, Today, seal
from minerlib.archive.upkeep import maintain
from minerlib.errors import SettingError
from minerlib.event import Event
from minerlib.event.moment import MINUTE, SECOND, to_datetime
from minerlib.rule import Rule, backtest
from minerlib.rule.history import Events

from .made import NOON, SCOPE, event, position

RULES: dict[str, dict[str, Any]] = {
    "windows": {
        "measure": {"of": "used", "agg": "mean", "over": "60s"}, "clear": {"when": "< 45", "for": "30s"},
        "levels": [{"severity": "warning", "when": "> 55"}, {"severity": "critical", "when": "> 60", "for": "24s"}],
    },
    "values": {"measure": {"of": "used"}, "levels": [{"severity": "warning", "when": "> 90"}]},
    "flapping": {
        "measure": {"of": "used"}, "levels": [{"severity": "warning", "when": "> 70"}],
        "flap": {"most": 3, "per": "5m"},
    },
    "percentiles": {
        "measure": {"of": "used", "agg": "p95", "over": "2m"}, "levels": [{"severity": "info", "when": "> 95"}],
        "by": ["source", "disk"],
    },
    "counted": {"measure": {"agg": "count", "over": "60s"}, "levels": [{"severity": "info", "when": "< 4"}]},
    "forgotten": {
        "measure": {"of": "used"}, "levels": [{"severity": "info", "when": "> 80"}], "where": "disk = '/'",
        "retire": "3m",
    },
    # what one task has to fold
    "missed": {"missing": {"after": "2m", "then": "alert"}},
    "disks": {"measure": {"of": "used"}, "levels": [{"severity": "info", "when": "> 97"}], "by": ["disk"]},
    "bounded": {"measure": {"of": "used"}, "levels": [{"severity": "info", "when": "> 90"}], "instances": 7},
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with cluster, Client(cluster) as client:
        yield client


def readings() -> list[Event]:
    """Two epochs of disks on 23 hosts of very different chattiness, some late, some of the future, some silent."""
    dice = random.Random(7)
    found: list[Event] = []
    for epoch, begin in (("e1", NOON), ("e2", NOON + 40 * MINUTE)):
        for offset in range(6000):
            seen = begin + offset * SECOND // 4
            host = min(dice.randrange(1, 24), dice.randrange(1, 24))
            body = {"used": dice.choice([dice.uniform(0, 100), 50, None, "much"]), "disk": dice.choice(["/", "/var"])}
            late = dice.choice([0] * 20 + [3, 40, -90]) * SECOND
            found.append(event(offset, body, epoch=epoch, time=seen - late, seen=seen, source=f"web-{host:02}"))
    return found


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Most of it sealed and compacted, some of it of today."""
    root = tmp_path_factory.mktemp("spread")
    events, today = readings(), Today(root, SCOPE)
    for begin in range(0, len(events), 1500):
        some = events[begin : begin + 1500]
        today.write(some, position(some[-1].offset, some[-1].epoch))
        if begin < 9000:
            seal(root, SCOPE)
    today.close()
    maintain(root, [], NOON)
    return Archive(root)


@pytest.mark.parametrize("since", [None, NOON + 5 * MINUTE], ids=["whole", "primed"])
@pytest.mark.parametrize("name", RULES)
def test_two_workers_say_what_one_process_says(name: str, since: int | None, archive: Archive, client: Client) -> None:
    """Every transition with its number, and all that is counted."""
    rule = Rule.from_dict({"rule": name, "kind": "cpu.usage", "scope": SCOPE, **RULES[name]})
    heard: list[int] = []
    whole = backtest(rule, archive, since)
    assert whole.transitions, "a rule that says nothing shows nothing"
    found = backtest(rule, archive, since, progress=lambda folded, _: heard.append(folded), client=client)
    assert found == whole
    assert heard == sorted(heard)
    assert heard[-1] > 0


def test_both_work(archive: Archive, client: Client) -> None:
    """Each part is a task of its own; together they read each event once."""
    stream = archive.streams()[0]
    parts = archive.parts(stream, ("cpu.usage",), 2)
    sizes = [sum(batch.size for batch in part.batches(stream)) for part in parts]
    assert sum(sizes) == sum(batch.size for batch in archive.batches(stream)) == 6000
    assert min(sizes) > 2000
    before = client.run(lambda dask_worker: dask_worker.state.executed_count)
    backtest(
        Rule.from_dict({"rule": "r", "kind": "cpu.usage", "scope": SCOPE, **RULES["windows"]}), archive, client=client
    )
    after = client.run(lambda dask_worker: dask_worker.state.executed_count)
    assert all(after[worker] > before[worker] for worker in before)


def test_what_workers_cannot_open(client: Client) -> None:
    rule = Rule.from_dict({"rule": "r", "kind": "cpu.usage", "scope": SCOPE, **RULES["values"]})
    with pytest.raises(SettingError, match="give an Archive"):
        backtest(rule, Events([event(0)]), client=client)


def test_a_scan_on_the_cluster(archive: Archive, client: Client) -> None:
    """The rows and columns of a scan; each file is a partition, and what is asked of them runs there."""
    asked = {"since": to_datetime(NOON + 5 * MINUTE), "until": to_datetime(NOON + 45 * MINUTE)}
    whole = archive.scan("cpu.usage", **asked).collect()
    spread = archive.scan("cpu.usage", **asked, client=client)
    assert spread.npartitions > 2
    found = pl.from_pandas(spread.compute())
    assert found.columns == whole.columns
    order = ("epoch", "offset", "part")
    assert found.sort(order).equals(whole.sort(order).cast(found.schema))
    counted = spread.groupby("source")["used"].mean().compute()
    means = dict(whole.group_by("source").agg(pl.col("used").mean()).rows())
    assert counted.to_dict() == pytest.approx(means)
