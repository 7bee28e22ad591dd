"""Sealing: each event once in Delta, whatever is broken off or done at the same time."""

import importlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from minerlib.archive import Archive, Today, seal
from minerlib.archive import sealed as sealed_module
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.moment import DAY, now

from .made import NOON, SCOPE, event, kept, position, write

seal_module = importlib.import_module("minerlib.archive.seal")
KINDS = ("cpu.usage", "disk.usage", "tick")


def mixed(first: int, last: int) -> list:
    return [event(n, {"n": n}, kind=KINDS[n % 3]) for n in range(first, last)]


def table(root: Path, kind: str) -> DeltaTable:
    return DeltaTable(root / "sealed" / kind)


def test_what_is_sealed(tmp_path: Path) -> None:
    """One table a kind, by date of `seen`, sorted by source and time; the transaction version is the highest offset."""
    write(tmp_path, mixed(0, 30))
    assert seal(tmp_path, SCOPE) == 30
    assert seal(tmp_path, SCOPE) == 0
    found = table(tmp_path, "disk.usage")
    assert found.transaction_version(f"{SCOPE}/e1") == 28
    assert found.metadata().partition_columns == ["date"]
    frame = Archive(tmp_path).scan("disk.usage").collect()
    assert frame.columns == [
        "time", "seen", "epoch", "offset", "part", "company", "system", "environment", "source", "kind", "n",
        "rest", "raw", "repeat",
    ]  # fmt: skip
    assert frame.schema["time"] == pl.Datetime("us", "UTC")
    assert frame.equals(frame.sort("source", "time"))
    assert [path.parent.name for path in (tmp_path / "sealed" / "tick").glob("*/*.parquet")] == ["date=2026-09-23"]


def test_streams_share_the_table_of_a_kind(tmp_path: Path) -> None:
    """Same offsets of other streams and epochs are other events."""
    scopes = [SCOPE, "acme.web.test", "other.web.prod"]
    for scope in scopes:
        write(tmp_path, [event(n, scope=scope) for n in range(3)])
        write(tmp_path, [event(n, scope=scope, epoch="e2") for n in range(2)])
        assert seal(tmp_path, scope) == 5
    archive = Archive(tmp_path)
    assert archive.scan("cpu.usage").collect().height == 15
    assert archive.scan("cpu.usage", scope="acme.*.*").collect().height == 10
    assert archive.scan("cpu.usage", scope="acme.#").collect().height == 10
    assert archive.scan("cpu.usage", scope="#.prod").collect().height == 10
    assert archive.scan("cpu.usage", scope="#").collect().height == 15
    assert {(s.scope, s.epoch) for s in archive.streams()} == {(scope, e) for scope in scopes for e in ("e1", "e2")}


def test_parts_of_a_message_are_sealed_together(tmp_path: Path) -> None:
    """However few are sealed at once, no message is cut."""
    write(tmp_path, [event(n, part=part) for n in range(5) for part in range(7)])
    assert seal(tmp_path, SCOPE, most=3) == 35
    assert len(kept(tmp_path)) == len(set(kept(tmp_path))) == 35
    offsets = pl.scan_parquet(table(tmp_path, "cpu.usage").file_uris()).select("offset").collect()
    assert offsets["offset"].value_counts()["count"].unique().to_list() == [7]


@pytest.mark.parametrize("nth", range(12))
def test_broken_off_anywhere(tmp_path: Path, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash before or after any commit of any kind: sealed again, nothing is there twice or missing."""
    write(tmp_path, mixed(0, 30))
    steps = iter(range(100))

    def breaking(real: Callable[..., None]) -> Callable[..., None]:
        def broken(*args: Any) -> None:
            if next(steps) == nth:
                raise KeyboardInterrupt
            real(*args)
            if next(steps) == nth:
                raise KeyboardInterrupt

        return broken

    with monkeypatch.context() as broken:
        for name in ("_widen", "_commit"):
            broken.setattr(sealed_module, name, breaking(getattr(sealed_module, name)))
        with pytest.raises(KeyboardInterrupt):
            seal(tmp_path, SCOPE)
    assert kept(tmp_path) == [(n, 0) for n in range(30)]
    write(tmp_path, mixed(30, 40))
    seal(tmp_path, SCOPE)
    assert kept(tmp_path) == [(n, 0) for n in range(40)]
    rows = [pl.read_parquet(table(tmp_path, kind).file_uris()).height for kind in KINDS]
    assert sum(rows) == 40


def test_two_sealers_of_one_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who loses the race for a commit looks again what is left to do."""
    write(tmp_path, mixed(0, 30))
    real, raced = sealed_module._commit, []

    def racing(*args: Any) -> None:
        if not raced:
            raced.append(True)
            seal(tmp_path, SCOPE)  # another process is quicker
        real(*args)

    monkeypatch.setattr(sealed_module, "_commit", racing)
    seal(tmp_path, SCOPE)
    rows = [pl.read_parquet(table(tmp_path, kind).file_uris()).height for kind in KINDS]
    assert rows == [10, 10, 10]


def test_two_streams_add_columns_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that changed meanwhile is read again, and a column keeps the type of who came first."""
    write(tmp_path, [event(0, {"v": 1})])
    seal(tmp_path, SCOPE)
    write(tmp_path, [event(1, {"new": "text"})])
    write(tmp_path, [event(0, {"new": 7.0}, scope="acme.web.test")])
    real, raced = sealed_module._widen, []

    def racing(*args: Any) -> None:
        if not raced:
            raced.append(True)
            seal(tmp_path, "acme.web.test")
        real(*args)

    monkeypatch.setattr(sealed_module, "_widen", racing)
    seal(tmp_path, SCOPE)
    frame = Archive(tmp_path).scan("cpu.usage").sort("company", "environment", "offset").collect()
    assert frame["new"].to_list() == [None, None, 7.0]
    assert frame["rest"].to_list() == [None, '{"new":"text"}', None]


def test_finished_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished day leaves WAL mode when it is sealed, and goes a day later; the newest stays for ever."""
    write(tmp_path, [event(n, time=NOON + n * DAY) for n in range(3)])
    paths = sorted((tmp_path / SCOPE).glob("*.sqlite"))
    seal(tmp_path, SCOPE)
    assert [path.exists() for path in paths] == [True] * 3
    assert [path.read_bytes()[18:20] for path in paths] == [b"\1\1", b"\1\1", b"\2\2"]  # 2 is WAL
    written = [path.stat().st_mtime_ns for path in paths[:2]]
    seal(tmp_path, SCOPE)
    assert [path.stat().st_mtime_ns for path in paths[:2]] == written
    assert kept(tmp_path) == [(n, 0) for n in range(3)]
    later = now() + DAY + 1
    monkeypatch.setattr(seal_module, "now", lambda: later)
    seal(tmp_path, SCOPE)
    assert [path.exists() for path in paths] == [False, False, True]
    assert kept(tmp_path) == [(n, 0) for n in range(3)]
    assert Today(tmp_path, SCOPE).position == position(2)


def test_nothing_unsealed_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day that cannot be sealed stays however old it is."""
    write(tmp_path, [event(n, time=NOON + n * DAY) for n in range(3)])
    (tmp_path / "sealed").touch()
    monkeypatch.setattr(seal_module, "now", lambda: now() + 5 * DAY)
    with pytest.raises(ArchiveFull, match=r"sealed/cpu.usage cannot be written .* nothing is lost"):
        seal(tmp_path, SCOPE)
    (tmp_path / "sealed").unlink()
    assert kept(tmp_path) == [(n, 0) for n in range(3)]
    assert seal(tmp_path, SCOPE) == 3


def test_a_reader_counts_while_it_is_written_and_sealed(tmp_path: Path) -> None:
    """At no moment is an event twice or missing: each look sees all offsets from 0 on, and never fewer than before."""
    batches = 25
    failed: list[BaseException] = []
    done = threading.Event()
    today = Today(tmp_path, SCOPE)
    today.write(mixed(0, 20), position(19))

    def writer() -> None:
        try:
            for n in range(1, batches):
                rows = [
                    event(m, {"n": m}, kind=KINDS[m % 3], time=NOON + m * DAY // 170)
                    for m in range(n * 20, n * 20 + 20)
                ]
                today.write(rows, position(rows[-1].offset))
                seal(tmp_path, SCOPE, most=15)
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=writer)
    thread.start()
    looks, before = 0, 0
    try:
        while not done.is_set() or before < batches * 20:
            found = kept(tmp_path)
            assert found == [(n, 0) for n in range(len(found))]
            assert len(found) >= before
            streamed = [e.offset for some in Archive(tmp_path).events(Archive(tmp_path).streams()[0]) for e in some]
            assert streamed == [n for n in range(streamed[-1] + 1) if n % 3 != 2]  # ticks only when named
            assert len(streamed) >= len(found) * 2 // 3 - 1
            before, looks = len(found), looks + 1
            assert not failed
    finally:
        done.wait(60)
        thread.join()
    assert looks > 3
    assert len(list((tmp_path / SCOPE).glob("*.sqlite"))) == 4


def test_a_root_with_strange_letters(tmp_path: Path) -> None:
    """Blanks, equal signs and umlauts in the path do no harm; a percent sign is refused in a sentence."""
    root = tmp_path / "my söhne" / "k=v #1 {x}*~"
    write(root, [event(0)])
    assert seal(root, SCOPE) == 1
    assert kept(root) == [(0, 0)]
    for name in ("100%", "[old]"):
        write(tmp_path / name, [event(0)])
        with pytest.raises(ArchiveError, match="cannot hold Delta tables, because of"):
            seal(tmp_path / name, SCOPE)
        assert kept(tmp_path / name) == [(0, 0)]


def test_a_kind_called_like_the_log_of_a_table(tmp_path: Path) -> None:
    """Whoever publishes chooses the name of a kind; the folder of this one is called otherwise."""
    for offset in (0, 2):
        write(tmp_path, [event(offset, kind="_delta_log"), event(offset + 1)])
        assert seal(tmp_path, SCOPE) == 2
    assert Archive(tmp_path).kinds()["kind"].to_list() == ["_delta_log", "cpu.usage"]
    assert kept(tmp_path, "_delta_log") == [(0, 0), (2, 0)]
