"""Heavy hitters, incidents and templates of an archive: the same as of a frame, by a scan and by Dask."""

import random
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from distributed import Client, LocalCluster

from minerlib.archive import Archive, Today, seal
from minerlib.event import Event
from minerlib.event.moment import MINUTE, SECOND
from minerlib.event.order import Position
from minerlib.mine import incidents, templates, top
from minerlib.rule import backtest

START = 1_767_571_200 * SECOND
SCOPE = "acme.web.prod"


def drops() -> list[Event]:
    """Two hours: an address a second or so on two hosts, and ten minutes of one address on web-1."""
    rng, times = random.Random(2), list[tuple[int, str, str]]()
    for _ in range(2400):
        times.append(
            (START + rng.randrange(120 * MINUTE), rng.choice(("web-1", "web-2")), f"10.0.0.{rng.randrange(250)}")
        )
    times += [(START + 70 * MINUTE + n * SECOND, "web-1", "203.0.113.9") for n in range(600)]
    return [
        Event(
            time=at, seen=at, epoch="e", offset=n, part=0, company="acme", system="web", environment="prod",
            source=source, kind="firewall.drop",
            body={"source_ip": ip, "message": f"dropped {ip}:{rng.randrange(65535)} on {rng.choice(('lan', 'wan'))}"},
        )
        for n, (at, source, ip) in enumerate(sorted(times))
    ]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Most of it sealed, the rest of today."""
    root, events = tmp_path_factory.mktemp("archive"), drops()
    for some in (events[:2000], events[2000:]):
        today = Today(root, SCOPE)
        today.write(some, Position("e", some[-1].offset, "0" * 32, "{}"))
        today.close()
        if some[0].offset == 0:
            seal(root, SCOPE)
    return Archive(root)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A small Dask cluster."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


def asked(data: Any) -> list[Any]:
    """What is found, as numbers that can be compared."""
    found = [top(data, "source_ip", n=3), incidents(data, over="5m"), templates(data)]
    rows = [each.frame if isinstance(each.frame, pl.DataFrame) else pl.from_pandas(each.frame) for each in found]
    return [
        *(each.numbers for each in found), *(each.says for each in found),
        rows[0].select("source_ip", "count", "rank").rows(), rows[1].select("order", "events").rows(),
        rows[2].select("template", "count", "recent").rows(),
    ]  # fmt: skip


def test_a_scan_says_what_a_frame_says(archive: Archive) -> None:
    """Lazily read, or collected before."""
    scan = archive.scan("firewall.drop")
    found = asked(scan)
    assert found == asked(scan.collect())
    assert found[0]["events"] == 3000
    assert found[6][0] == ("203.0.113.9", 600, 1)
    assert [order for order, _ in found[7]] == ["web-1"]
    assert {template for template, *_ in found[8]} == {"dropped <*> on lan", "dropped <*> on wan"}


def test_dask_says_what_a_scan_says(archive: Archive, client: Any) -> None:
    """Read by workers, a partition a file."""
    assert asked(archive.scan("firewall.drop", client=client)) == asked(archive.scan("firewall.drop"))


def test_the_rules_stand_in_the_archives_scope_and_do_there_what_they_say(archive: Archive) -> None:
    """Each backtested once more, on the archive itself."""
    scan = archive.scan("firewall.drop")
    for rule in (
        top(scan, "source_ip").rule(alerts_per_day=24),
        incidents(scan, over="5m").rule(alerts_per_day=24),
        templates(scan).rule(0, alerts_per_day=24),
    ):
        assert rule.scope == SCOPE
        assert rule.kind == "firewall.drop"
        said = rule.evidence["alerts"]
        assert len(backtest(rule, archive).alerts) == said["earlier"] + (said["later"] or 0)


def test_the_attacker_is_who_is_banned(archive: Archive) -> None:
    """One alert, of one address."""
    rule = top(archive.scan("firewall.drop"), "source_ip").rule(alerts_per_day=24)
    assert [alert.instance for alert in backtest(rule, archive).alerts] == [{"source_ip": "203.0.113.9"}]
