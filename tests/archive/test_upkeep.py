"""Upkeep: retention, sweeping, the catalog; a kind that fails keeps no other from its due."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import sqlite_utils
from deltalake import DeltaTable

from minerlib.archive import Archive, load, seal
from minerlib.archive.catalog import catalogue
from minerlib.archive.retention import age_of, read_keep
from minerlib.archive.upkeep import maintain
from minerlib.errors import SettingError
from minerlib.event.moment import DAY, SECOND, rfc3339

from .made import NOON, SCOPE, event, kept, write


def days(root: Path, count: int, kind: str = "cpu.usage", **said: object) -> None:
    """Two events a day."""
    write(root, [event(n, kind=kind, time=NOON + n * DAY // 2, **said) for n in range(2 * count)])
    seal(root, SCOPE)


def test_how_long_is_read() -> None:
    """The first pattern that matches counts; own kinds are matched only when named; what cannot be meant is named."""
    keeps = read_keep("log.sshd=400d, log.#=90d tick=7d old=forever #=365d")
    ages = {kind: age_of(kind, keeps) for kind in ("log.sshd", "log.cron", "tick", "alert.x", "old", "cpu.usage")}
    assert ages == {
        "log.sshd": 400 * DAY, "log.cron": 90 * DAY, "tick": 7 * DAY, "alert.x": None, "old": None,
        "cpu.usage": 365 * DAY,
    }  # fmt: skip
    assert read_keep("") == []
    for said, why in (("log.#", "says not how long"), ("a=3x", "not a duration"), ("a=5h", "a day is the least")):
        with pytest.raises(SettingError, match=why):
            read_keep(said)


def test_old_days_go(tmp_path: Path) -> None:
    """Whole days of the kind, no others; what comes then is sealed on."""
    days(tmp_path, 6)
    write(tmp_path, [event(n, kind="other", time=NOON + n * DAY) for n in range(12, 15)])
    seal(tmp_path, SCOPE)
    found = maintain(tmp_path, read_keep("cpu.#=2d"), NOON + 6 * DAY)
    assert [(each.kind, each.expired, each.failed) for each in found] == [("cpu.usage", 7, ""), ("other", 0, "")]
    assert kept(tmp_path, "cpu.usage") == [(n, 0) for n in range(7, 12)]
    assert len(kept(tmp_path, "other")) == 3
    assert maintain(tmp_path, read_keep("cpu.#=2d"), NOON + 6 * DAY)[0].expired == 0
    write(tmp_path, [event(15, time=NOON + 20 * DAY)])
    seal(tmp_path, SCOPE)
    assert kept(tmp_path, "cpu.usage") == [*((n, 0) for n in range(7, 12)), (15, 0)]


def test_loaded_events_stay(tmp_path: Path) -> None:
    """Their times are old on purpose; they lie in files of their own."""
    days(tmp_path, 4)
    rows = [{"time": f"2026-09-{day}T12:00:00Z", "value": day} for day in range(23, 27)]
    (tmp_path / "old.csv").write_text("time,value\n" + "".join(f"{row['time']},{row['value']}\n" for row in rows))
    load(tmp_path / "old.csv", "cpu.usage", "web-1", "acme.web.history", archive=tmp_path)
    maintain(tmp_path, [], NOON + 40 * DAY)
    maintain(tmp_path, read_keep("#=5d"), NOON + 40 * DAY)
    frame = Archive(tmp_path).scan("cpu.usage").collect()
    assert frame["environment"].to_list() == ["history"] * 4


def test_what_left_the_log_is_removed_a_day_later(tmp_path: Path) -> None:
    """And what a commit that was broken off left behind; nothing else."""
    for n in range(3):
        write(tmp_path, [event(n)])
        seal(tmp_path, SCOPE)
    stray = tmp_path / "sealed/cpu.usage/date=2026-09-23/part-0-stray.parquet"
    stray.write_bytes(b"half a file")
    assert maintain(tmp_path, [], NOON + 9 * DAY)[0].merged == 3
    assert len(list(stray.parent.iterdir())) == 5
    os.utime(stray, (1, 1))
    assert maintain(tmp_path, [], NOON + 9 * DAY)[0].removed == 1
    assert not stray.exists()
    assert len(kept(tmp_path)) == 3


def test_the_log_stays_short(tmp_path: Path) -> None:
    """A checkpoint at twenty commits, and at what upkeep changed; transaction versions survive it."""
    for n in range(25):
        write(tmp_path, [event(n)])
        seal(tmp_path, SCOPE)
    log = tmp_path / "sealed/cpu.usage/_delta_log"
    assert list(log.glob("*.checkpoint.parquet"))
    maintain(tmp_path, [], NOON + 9 * DAY)
    table = DeltaTable(tmp_path / "sealed/cpu.usage")
    assert (log / f"{table.version():020d}.checkpoint.parquet").exists()
    for path in log.glob("*.json"):
        path.unlink()
    assert DeltaTable(tmp_path / "sealed/cpu.usage").transaction_version(f"{SCOPE}/e1") == 24


def test_a_kind_that_fails(tmp_path: Path) -> None:
    """It is said, and the others are done."""
    days(tmp_path, 3)
    days(tmp_path / "more", 3, "disk.usage")
    (tmp_path / "sealed/broken.kind/_delta_log").mkdir(parents=True)
    (tmp_path / "sealed/broken.kind/_delta_log/00000000000000000000.json").write_text("nonsense")
    found = {each.kind: each for each in maintain(tmp_path, read_keep("cpu.#=1d"), NOON + 6 * DAY)}
    assert "broken.kind is broken" in found["broken.kind"].failed
    assert found["cpu.usage"].expired == 6


def test_a_page_that_cannot_be_read(tmp_path: Path) -> None:
    """The file is named, though there is nothing to merge it with; the other kinds are done."""
    write(tmp_path, [event(n, kind="ab"[n % 2]) for n in range(20)])
    seal(tmp_path, SCOPE)
    path = next(tmp_path.glob(f"sealed/{'a'}/*/*.parquet"))
    path.write_bytes(b"PAR1" + b"\xff" * 200 + path.read_bytes()[204:])
    found = {each.kind: each for each in maintain(tmp_path, [], NOON)}
    assert f"{path.name} is broken" in found["a"].failed
    assert not found["b"].failed
    assert [each["kind"] for each in catalog(tmp_path).kinds] == ["b"]


@pytest.mark.parametrize(
    "body", [{"id": 10**30}, {"id": "a", "value": 2**64, "instance": [2**99], "rule": {"x": 1}}, {"id": ["a"]}, [1], 1]
)
def test_alerts_that_are_none(tmp_path: Path, body: Any) -> None:
    """Anybody may publish one; no other kind waits for it."""
    write(tmp_path, [
        event(0, body, kind="alert.mine"), event(1, body, kind="node.began"),
        event(2, {"fingerprint": 2**70}, kind="node.began"), event(3, {"id": "b"}, kind="alert.mine"), event(4),
    ])  # fmt: skip
    seal(tmp_path, SCOPE)
    assert [each.failed for each in maintain(tmp_path, [], NOON)] == [""] * 3
    assert "b" in [each["id"] for each in catalog(tmp_path).alerts]
    assert catalog(tmp_path).rules == []


@pytest.mark.parametrize("said", [b"no database " * 99, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_catalog_that_is_broken(tmp_path: Path, said: bytes) -> None:
    """It is named, not the archive, and what to do."""
    write(tmp_path, [event(0)])
    seal(tmp_path, SCOPE)
    (tmp_path / "catalog.db").write_bytes(said)
    (found,) = maintain(tmp_path, [], NOON)
    assert found.failed.startswith(f"{tmp_path / 'catalog.db'} is no catalog any more (file is not a database)")
    assert "remove it" in found.failed
    (tmp_path / "catalog.db").unlink()
    assert [each.failed for each in maintain(tmp_path, [], NOON)] == [""]


def catalog(root: Path) -> SimpleNamespace:
    db = sqlite_utils.Database(root / "catalog.db")
    return SimpleNamespace(**{name: list(db[name].rows) for name in ("kinds", "fields", "sources", "rules", "alerts")})


def test_kinds_by_the_catalog(tmp_path: Path) -> None:
    """A date whose files are those that the catalog names is not read; any other is, and so are all without it."""
    days(tmp_path, 3)
    plain = Archive(tmp_path).kinds()
    catalogue(tmp_path, "cpu.usage")
    assert Archive(tmp_path).kinds().equals(plain)
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as db, db:
        db.execute("update dates set events = 40 where date = '2026-09-23'")
    assert Archive(tmp_path).kinds()["events"].to_list() == [45]
    write(tmp_path, [event(6, source="db-1", time=NOON + 2 * DAY + SECOND)])
    assert Archive(tmp_path).kinds().select("events", "sources").rows() == [(46, plain["sources"][0] + 1)]
    seal(tmp_path, SCOPE)
    assert Archive(tmp_path).kinds().select("events", "sources").rows() == [(46, plain["sources"][0] + 1)]
    maintain(tmp_path, read_keep("cpu.#=1d"), NOON + 2 * DAY)
    time, kind = pl.col("time"), pl.lit("cpu.usage")
    said = Archive(tmp_path).scan("cpu.usage")
    there = said.select(
        kind=kind, events=pl.len(), sources=pl.col("source").n_unique(), first=time.min(), last=time.max()
    ).collect()
    assert Archive(tmp_path).kinds().equals(there)
    (tmp_path / "catalog.db").write_bytes(b"no catalog")
    assert Archive(tmp_path).kinds().equals(there)


def test_a_catalogued_date_whose_file_is_broken(tmp_path: Path) -> None:
    """The catalog knows what was in it; that it is broken is said nevertheless."""
    days(tmp_path, 2)
    catalogue(tmp_path, "cpu.usage")
    path = next(tmp_path.glob("sealed/cpu.usage/*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match=f"{path.name} is broken"):
        assert Archive(tmp_path).kinds().rows() == [("cpu.usage", None, None, None, None)]


def test_the_catalog(tmp_path: Path) -> None:
    """Kinds, fields, sources, rules, alerts, as they are sealed; made anew only where files changed."""
    began = {"rule": "full", "fingerprint": "f1", "document": "rule: full\n"}
    alert = {"id": "a1", "rule": "full", "what": "raised", "severity": "warning", "value": 97, "fingerprint": "f1"}
    write(tmp_path, [
        event(0, {"used": 90, "disk": "/"}), event(1, {"used": "none"}), event(2, {"used": 1}, repeat=True),
        event(3, began, kind="node.began"), event(4, {**alert, "instance": {"disk": "/"}}, kind="alert.full"),
        event(5, {"no": "id"}, kind="alert.full"),
    ])  # fmt: skip
    seal(tmp_path, SCOPE)
    kinds = ("cpu.usage", "node.began", "alert.full")
    assert [catalogue(tmp_path, kind) for kind in kinds] == [1, 1, 1]
    assert [catalogue(tmp_path, kind) for kind in kinds] == [0, 0, 0]
    found = catalog(tmp_path)
    assert [(each["kind"], each["events"]) for each in found.kinds] == [
        ("alert.full", 2), ("cpu.usage", 2), ("node.began", 1),
    ]  # fmt: skip
    fields = {each["field"]: each for each in found.fields if each["kind"] == "cpu.usage"}
    assert (fields["used"]["types"], fields["used"]["share"]) == ("number, text", 1.0)
    assert (fields["used"]["first"], fields["used"]["last"]) == (rfc3339(NOON), rfc3339(NOON + SECOND))
    assert (fields["disk"]["types"], fields["disk"]["share"], fields["disk"]["example"]) == ("text", 0.5, "/")
    assert sorted(each["source"] for each in found.sources if each["kind"] == "cpu.usage") == ["web-0", "web-1"]
    assert [(each["rule"], each["document"]) for each in found.rules] == [("full", "rule: full\n")]
    assert [(each["id"], each["instance"], each["value"]) for each in found.alerts] == [("a1", '{"disk":"/"}', 97.0)]
    write(tmp_path, [event(6, {"used": 3}, time=NOON + DAY)])
    seal(tmp_path, SCOPE)
    assert catalogue(tmp_path, "cpu.usage") == 1
    assert next(each for each in catalog(tmp_path).kinds if each["kind"] == "cpu.usage")["events"] == 3
    (tmp_path / "catalog.db").unlink()
    maintain(tmp_path, [], NOON + SECOND)
    assert next(each for each in catalog(tmp_path).kinds if each["kind"] == "cpu.usage")["events"] == 3
