"""The simulated cloud as an archive: what the program says, once, told apart from real life."""

from pathlib import Path

import polars as pl
import pytest

from minerlib import settings
from minerlib.errors import ArchiveError, SettingError
from minerlib.nodes.simulated import keep, simulated_cloud

SMALL = {"days": 0.5, "every": "5m", "servers": 2}


def test_the_archive_holds_what_the_program_says() -> None:
    """Every reading with its time, source and fields, in the simulated scope, marked, and the truth beside it."""
    cloud = simulated_cloud(**SMALL)
    assert cloud.archive.path.is_relative_to(settings.state_dir())
    assert {stream.scope for stream in cloud.archive.streams()} == {"simulated.cloud.demo"}
    cpu = cloud.archive.scan("cpu.usage").collect()
    assert cpu["simulated"].all()
    assert cpu.group_by("source").len().sort("source").rows() == [("app-1", 144), ("web-1", len(cpu) - 144)]
    assert cpu["time"].min() == cpu["seen"].min()
    dead = cloud.truth.row(by_predicate=pl.col("what") == "dead", named=True)
    silent = pl.col("time").is_between(dead["start"], dead["end"], closed="left") & (pl.col("source") == dead["source"])
    assert cloud.archive.scan("#").filter(silent).collect().is_empty()
    assert 144 > len(cpu) - 144 > 100
    assert cloud.says.startswith("Simulated: 2 servers, 0.5 days from Monday, 05 January 2026, readings every 5m.")


def test_it_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time it is only opened; another cloud is another archive."""
    first, other = simulated_cloud(**SMALL), simulated_cloud(**SMALL, seed=2)
    assert other.archive.path != first.archive.path
    monkeypatch.setattr("minerlib.nodes.simulated.keep", None)
    assert simulated_cloud(**SMALL).archive.path == first.archive.path
    assert [path.name for path in first.archive.path.parent.iterdir() if path.name.startswith("making")] == []


def test_half_a_cloud_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose making was ended leaves nothing, and is made anew."""

    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("minerlib.nodes.simulated.keep", ended)
        with pytest.raises(KeyboardInterrupt):
            simulated_cloud(**SMALL)
    assert list((settings.state_dir() / "simulated").iterdir()) == []
    assert simulated_cloud(**SMALL).archive.kinds().height == 8


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    """No days, no servers, no pace; nor are two clouds mixed in one archive."""
    for wrong in ({"days": 0}, {"servers": 0}, {"every": "0s"}):
        with pytest.raises(SettingError, match="A cloud has days above 0"):
            simulated_cloud(**wrong)
    readings = [(1_767_571_200_000_000 + n, "web-1", "cpu.usage", {"used_pct": 1.5}) for n in range(3)]
    assert keep(readings, "simulated.cloud.demo", tmp_path / "cloud").scan("cpu.usage").collect().height == 3
    with pytest.raises(ArchiveError, match=r"holds events of simulated\.cloud\.demo already: name an empty folder"):
        keep(readings, "simulated.cloud.demo", tmp_path / "cloud")
