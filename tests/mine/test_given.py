"""How findings read what they were given: all at once, or in parts that are merged as they come; on a cluster too."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from distributed import Client, LocalCluster

from minerlib.archive import Archive
from minerlib.mine import gaps, profile, season, spread, suggest, together, trend
from minerlib.mine.given import given

from .made import archived


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0")
    with cluster, Client(cluster) as client:
        yield client


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Two sources and two mounts in sealed files and in today's; one source is silent for a while."""
    bodies = [
        (60.0 * n, name, {"used_pct": (7 * n) % 100, "mount": mount, "tags": [n % 3]})
        for n in range(900)
        for name in ("a", "b")
        for mount in ("/", "/var")
        if name == "a" or not 300 <= n < 420
    ]
    return archived(tmp_path_factory.mktemp("reading"), bodies, sealed=2_000)


def test_rows_are_read_once_for_several_answers(archive: Archive) -> None:
    """And somebody hears how many have passed by."""
    heard: list[tuple[int, int]] = []
    rows = given(archive.scan("disk.usage"))
    count, sources = rows.whole(
        [lambda frame: frame.select(pl.len()), lambda frame: frame.group_by("source").len()],
        lambda done, of: heard.append((done, of)),
    )
    assert count.item() == sources["len"].sum() == 3360
    assert heard[-1] == (3360, 3360)


def test_answers_are_merged_as_they_come(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of them wait than a few, and nothing is counted twice."""
    monkeypatch.setattr("minerlib.mine.given._ROWS", 200)
    monkeypatch.setattr("minerlib.mine.given._PENDING", 4)
    sizes: list[int] = []

    def merge(found: pl.DataFrame) -> pl.DataFrame:
        sizes.append(found.height)
        return found.group_by("source").agg(pl.col("len").sum())

    found = given(archive.scan("disk.usage")).folded(lambda frame: frame.group_by("source").len(), merge)
    assert dict(found.iter_rows()) == {"a": 1800, "b": 1560}
    assert len(sizes) > 4
    assert max(sizes) <= 8


def test_a_cluster_says_what_one_process_says(archive: Archive, client: Client) -> None:
    """Each partition is a file, which may hold any span of time."""
    here, there = archive.scan("disk.usage"), archive.scan("disk.usage", client=client)
    assert there.npartitions > 1
    one, other = profile(here), profile(there)
    assert other.says == one.says
    assert other.frame.drop(columns="examples").equals(one.frame.drop("examples").to_pandas())
    by = ["source", "mount"]
    assert gaps(there, by=by).to_dict() == gaps(here, by=by).to_dict()
    assert gaps(here, by=by).silences["length"].to_list() == [7260, 7260]
    assert spread(there, "used_pct", by=by).to_dict() == spread(here, "used_pct", by=by).to_dict()
    assert together(there, by=by).frame.equals(together(here, by=by).frame.to_pandas())


def test_what_goes_together_is_the_same_in_parts(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a scan read 200 rows at a time, as of one read at once."""
    by = ["source", "mount"]
    whole = together(archive.scan("disk.usage"), by=by)
    monkeypatch.setattr("minerlib.mine.given._ROWS", 200)
    assert together(archive.scan("disk.usage"), by=by).frame.equals(whole.frame)
    assert {"a /", "a /var"} <= set(whole.groups[0]["members"])


def test_trends_and_seasons_are_the_same_from_an_archive_in_parts_and_from_a_cluster(
    archive: Archive, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a lazy scan, of one cut small, and of Dask's partitions; and rates, of what is reset all the time."""
    by = ("source", "mount")
    whole = archive.scan("disk.usage").collect()
    dask = archive.scan("disk.usage", client=client)
    expected = trend(whole, "used_pct", by), season(whole, "used_pct", by), trend(whole, "used_pct", by, counter=True)
    monkeypatch.setattr("minerlib.mine.given._ROWS", 300)
    for data in (archive.scan("disk.usage"), dask):
        found = trend(data, "used_pct", by), season(data, "used_pct", by), trend(data, "used_pct", by, counter=True)
        assert [one.says for one in found] == [one.says for one in expected]
        assert found[1].usual == expected[1].usual
        assert found[0].rule(lead="30m").to_dict() == expected[0].rule(lead="30m").to_dict()


def test_rules_suggested_by_a_cluster_are_those_of_one_process(archive: Archive, client: Client) -> None:
    """Read by its workers and folded by them: the same rules, and the same backtests."""
    how: dict[str, Any] = {"by": ("source", "mount"), "alerts_per_day": 5, "most": 1, "shapes": "constant"}
    here = suggest(archive, "used_pct", "disk.usage", **how).best
    there = suggest(archive, "used_pct", "disk.usage", client=client, **how).best
    assert there.rule().to_dict() == here.rule().to_dict()
    assert there.backtest.to_dict() == here.backtest.to_dict()
