"""Sealed events in an object store: everything as it is on a disk."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from deltalake.exceptions import CommitFailedError

from minerlib.archive import Archive, seal, upkeep
from minerlib.archive.bucket import Bucket
from minerlib.archive.check.verify import verify
from minerlib.archive.compact import compact
from minerlib.archive.copy import copy
from minerlib.archive.frames import frame_of
from minerlib.archive.mend.repair import repair
from minerlib.archive.places import sealed_dir
from minerlib.archive.retention import read_keep
from minerlib.archive.sealed import append
from minerlib.archive.status import status
from minerlib.errors import ArchiveError, ArchiveFull, SettingError
from minerlib.rule import Rule, backtest

from .keeper import AT, KINDS, keep, make
from .made import NOON, SCOPE, after_commit, event, kept, write
from .objectstore import BUCKET, serving

RULE = Rule.from_dict({
    "rule": "r", "kind": "cpu.usage", "scope": SCOPE, "measure": {"of": "value", "agg": "mean", "over": "10s"},
    "levels": [{"severity": "warning", "when": "> 50"}],
})  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture
def root(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an archive whose sealed events are in a store."""
    said = {"ENDPOINT_URL": server, "ALLOW_HTTP": "true", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "s"}
    for name, value in {**said, "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("MINERLIB_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("MINERLIB_SEALED", f"s3://{BUCKET}/{tmp_path.name}")
    return tmp_path / "archive"


def test_it_says_what_an_archive_on_disk_says(root: Path, tmp_path: Path):
    """Scans, SQL, schemas, events, backtests: half of the events sealed, half not."""
    disk = tmp_path / "disk"
    for each in (root, disk):
        write(each, [event(n, kind=["cpu.usage", "größe a+b", "disk"][n % 3]) for n in range(200)])
        assert seal(each, SCOPE) == 200
        write(each, [event(n) for n in range(200, 300)])
    assert not (root / "sealed").exists()
    assert (disk / "sealed").exists()
    there, here = Archive(root), Archive(disk)
    assert there.kinds().equals(here.kinds())
    assert there.kinds()["kind"].to_list() == ["cpu.usage", "disk", "größe a+b"]
    for kind in ("cpu.usage", "größe a+b"):
        frames = [each.scan(kind, since="2026-09-23T12:00:05Z").collect().sort("offset") for each in (there, here)]
        assert frames[0].equals(frames[1])
        assert there.schema(kind).equals(here.schema(kind))
    for query in (
        "select source, count(*), max(value) from cpu_usage where value > 20 group by source order by source",
        "select kind, count(*), min(body ->> '$.value') from events group by kind order by kind",
    ):
        assert there.sql(query).equals(here.sql(query))
    (stream,) = there.streams()
    assert list(there.events(stream)) == list(here.events(stream))
    assert there.clock(stream) == here.clock(stream)
    found = [backtest(RULE, each) for each in (there, here)]
    assert found[0].transitions == found[1].transitions
    assert found[0].alerts


def test_an_archive_of_another_folder_keeps_its_own_sealed_events(root: Path, tmp_path: Path):
    """The setting is about the default archive."""
    assert str(sealed_dir(root)) == f"s3://{BUCKET}/{tmp_path.name}"
    assert sealed_dir(tmp_path / "other") == tmp_path / "other" / "sealed"


def test_who_commits_second_looks_again(root: Path):
    """Two archivers seal the same at once: the store refuses the second commit, and each event is there once."""
    rows = [("e1", n, 0, NOON + n, NOON + n, "web-1", "cpu.usage", "{}", None, 0) for n in range(10)]
    asked: list[int] = []

    def others(above: int, known: object) -> pl.DataFrame | None:
        new = [row for row in rows[:6] if row[1] > above]
        return frame_of(new, SCOPE, {}) if new else None

    def mine(above: int, known: object) -> pl.DataFrame | None:
        asked.append(above)
        if len(asked) == 1:
            assert append(root, SCOPE, "e1", "cpu.usage", others) == 6
        return frame_of([row for row in rows if row[1] > above], SCOPE, {})

    append(root, SCOPE, "e1", "cpu.usage", lambda above, known: None)  # the table is there
    assert append(root, SCOPE, "e1", "cpu.usage", mine) == 4
    assert asked == [-1, 5]
    assert kept(root) == [(n, 0) for n in range(10)]


def test_of_commits_at_the_same_time_none_is_lost(root: Path):
    """Four streams, sealed at once into one table: the store takes one entry of a number, and refuses the others."""
    scopes = [f"acme.web{n}.prod" for n in range(4)]

    def seal_all(scope: str) -> None:
        for at in range(8):
            row = ("e1", at, 0, NOON + at, NOON + at, "web-1", "cpu.usage", "{}", None, 0)
            append(root, scope, "e1", "cpu.usage", lambda above, known, row=row: frame_of([row], scope, {}))

    append(root, scopes[0], "e1", "cpu.usage", lambda above, known: None)  # the table is there
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(seal_all, scopes))
    rows = Archive(root).scan("cpu.usage").select("system", "offset").collect().rows()
    assert sorted(rows) == [(f"web{n}", at) for n in range(4) for at in range(8)]


@pytest.mark.parametrize("merging", [False, True])
def test_a_commit_whose_answer_is_lost_loses_nothing(root: Path, monkeypatch: pytest.MonkeyPatch, merging: bool):
    """The store took the entry, and the client hears that somebody else did: the files of it stay."""
    done = after_commit(monkeypatch, CommitFailedError("there already"))
    for n in range(4):
        write(root, [event(n)])
        if n == 3 and not merging:
            done.append(0)
        seal(root, SCOPE)
    if merging:
        done.append(0)
        compact(root, "cpu.usage")
    assert done == [0, 1]
    assert kept(root) == [(n, 0) for n in range(4)]


def test_it_is_kept_in_order(root: Path, tmp_path: Path):
    """Old days go, small files become few, and a copy on a disk is whole."""
    make(root)
    assert keep(root) == []
    archive = Archive(root)
    assert {kind: archive.scan(kind).collect().height for kind in KINDS} == {"cpu.usage": 180, "old.load": 60}
    said = {each.kind: each for each in status(root).kinds}
    assert (said["cpu.usage"].files, said["cpu.usage"].events, said["cpu.usage"].dates) == (3, 180, 3)
    assert copy(root, tmp_path / "copy") > 0
    assert kept(tmp_path / "copy") == kept(root)
    assert [each for each in verify(tmp_path / "copy") if each.broken] == []


def test_files_that_count_no_more_go_a_day_later(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Until then they stay for readers, and then only what counts is left."""
    make(root)
    assert keep(root) == []
    folder, before = sealed_dir(root) / "cpu.usage" / "date=2026-09-23", kept(root)
    assert len(list(folder.iterdir())) == 4  # three that were merged, and what they were merged to
    monkeypatch.setattr(upkeep, "READERS", 0)
    assert [each.removed for each in upkeep.maintain(root, read_keep("old.#=2d"), AT)] == [9, 9]  # all that was sealed
    assert len(list(folder.iterdir())) == 1
    assert kept(root) == before


def test_a_store_that_is_not_reached_is_said(root: Path, monkeypatch: pytest.MonkeyPatch):
    """In a sentence, which holds no key."""
    write(root, [event(0)])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("MINERLIB_SEALED", "s3://nobody/there")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    with pytest.raises(ArchiveFull, match=r"s3://nobody/there cannot be reached \(.*\): see") as said:
        seal(root, SCOPE)
    assert "hidden" not in str(said.value)


def test_a_password_in_the_address_of_the_store_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:hidden@127.0.0.1:1")
    write(root, [event(0)])
    with pytest.raises(SettingError, match="AWS_ENDPOINT_URL holds a password") as said:
        seal(root, SCOPE)
    assert "hidden" not in str(said.value)


def test_what_is_broken_there_is_found(root: Path):
    """A file that is gone, one that was cut, one of which a byte is another, one that no log names."""
    for n in range(4):
        write(root, [event(each) for each in range(n * 10, n * 10 + 10)])
        seal(root, SCOPE)
    assert [each for each in verify(root, deep=True) if each.broken] == []
    folder = sealed_dir(root) / "cpu.usage" / "date=2026-09-23"
    gone, cut, other, stray = sorted(folder.iterdir(), key=str)
    data = stray.read_bytes()
    (folder / "stray.parquet").write_bytes(data)
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:-100])
    data = bytearray(other.read_bytes())
    data[20] ^= 1
    other.write_bytes(bytes(data))
    found = verify(root, deep=True)
    files = {each.where: each.what for each in found if each.fault == "file"}
    assert files.keys() == {str(gone), str(cut), str(other)}
    assert files[str(gone)].startswith("No such file or directory; it held 10 events of cpu.usage of acme.web.prod")
    assert "bytes, and its log says" in files[str(cut)]
    assert "1 file counts for nothing" in next(each.what for each in found if each.fault == "stray")
    (hole,) = [each for each in found if each.fault == "hole"]
    assert hole.events == 30


def test_files_are_mended_on_a_disk_only(root: Path):
    """What to do instead is said."""
    for n in range(2):
        write(root, [event(n)])
        seal(root, SCOPE)
    next((sealed_dir(root) / "cpu.usage" / "date=2026-09-23").iterdir()).unlink()
    with pytest.raises(ArchiveError, match=r"in an object store, and .* minerlib archive copy DIR takes all of it"):
        repair(root, verify(root), AT)


@pytest.mark.parametrize("said", ["s3://", "gs://bucket/x", "http://host/x"])
def test_a_place_that_is_none_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch, said: str):
    monkeypatch.setenv("MINERLIB_SEALED", said)
    with pytest.raises(SettingError, match="is no place for sealed events: write s3://bucket/prefix"):
        Archive(root).kinds()


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(SettingError, match=r"s3://none needs a library .* 'minerlib\[scale\]'"):
        (Bucket.read("s3://none") / "x").exists()
