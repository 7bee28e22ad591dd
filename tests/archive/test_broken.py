"""Readers and broken files: one sentence that names the file, and nothing else is lost."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from minerlib.archive import Archive, Today, seal
from minerlib.archive.check.verify import verify
from minerlib.archive.upkeep import maintain
from minerlib.archive.whole import UNREADABLE
from minerlib.errors import ArchiveBroken, ArchiveError
from minerlib.event.moment import DAY, HOUR
from minerlib.rule import Stream

from .made import NOON, SCOPE, event, position, write

OTHER = "other.web.prod"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two kinds of two streams, on both sides of the seam, merged files on one date."""
    for scope in (SCOPE, OTHER):
        for n in range(0, 40, 10):
            some = [event(i, kind=("cpu.usage", "disk.usage")[i % 2], scope=scope) for i in range(n, n + 10)]
            write(tmp_path, some)
            if n < 30:
                seal(tmp_path, scope)
    maintain(tmp_path, [], NOON + 9 * DAY)
    return tmp_path


USES: dict[str, Callable[[Archive], object]] = {
    "scan": lambda archive: archive.scan("cpu.usage").collect(),
    "pandas": lambda archive: archive.to_pandas("cpu.usage"),
    "sql": lambda archive: archive.sql("select sum(value), count(source) from cpu_usage"),
    "all": lambda archive: archive.sql("select count(body) from events"),
    "schema": lambda archive: archive.schema("cpu.usage"),
    "events": lambda archive: list(archive.events(Stream(SCOPE, "e1"))),
    "batches": lambda archive: list(archive.batches(Stream(SCOPE, "e1"), "cpu.usage")),
}


def parquet(root: Path) -> Path:
    return next((root / "sealed/cpu.usage").glob("date=*/sorted-*.parquet"))


def others_work(root: Path) -> None:
    """The other kind is there as ever, and the broken one is named in the list of kinds."""
    archive = Archive(root)
    assert archive.scan("disk.usage").collect().height == 40
    assert archive.sql("select count(*) from disk_usage").item() == 40
    with pytest.warns(UserWarning, match=r"is broken .*minerlib archive verify"):
        kinds = archive.kinds()
    assert kinds.select("kind", "events").rows() == [("cpu.usage", None), ("disk.usage", 40)]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("size", [None, 0, 1000])
def test_a_file_that_is_not_whole(use: str, size: int | None, root: Path) -> None:
    """Missing or truncated: each way to ask says which."""
    path = parquet(root)
    path.unlink() if size is None else path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(ArchiveBroken, match=r"sealed/cpu\.usage/date=.*\.parquet is broken .*minerlib archive verify"):
        USES[use](Archive(root))
    others_work(root)


@pytest.mark.parametrize("use", [use for use in USES if use != "scan"])
def test_a_page_that_is_not_whole(use: str, root: Path) -> None:
    """Where the frame is ours to collect, the file is named; a lazy one fails as Polars does."""
    path = parquet(root)
    data = bytearray(path.read_bytes())
    data[4:1200] = bytes(1196)
    path.write_bytes(bytes(data))
    with pytest.raises(ArchiveBroken, match=r"sealed/cpu\.usage/date=.*\.parquet is broken .*minerlib archive verify"):
        USES[use](Archive(root))
    (root / "catalog.db").unlink()  # who has it counts kinds without a look at their pages
    others_work(root)


def test_a_footer_that_is_not_whole(tmp_path: Path) -> None:
    """Of some bytes in it Polars panics, of some only Polars or only Arrow complains: a sentence all the same, and
    upkeep and `verify` go on."""
    write(tmp_path, [event(n) for n in range(4)])
    seal(tmp_path, SCOPE)
    path = next(tmp_path.glob("sealed/cpu.usage/*/*.parquet"))
    data = path.read_bytes()
    begin, end, failed = data.rindex(b"ARROW:schema") + 16, len(data), 0
    for at in [*range(begin, end - 12, 97), *range(end - 195, end - 191), *range(end - 89, end - 84)]:
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            broken = len(pl.read_parquet(path)) < 4
        except UNREADABLE:
            broken = True
        for use in ("pandas", "sql", "schema"):
            with suppress(ArchiveBroken):
                USES[use](Archive(tmp_path))
                assert not broken or use == "sql", (at, use)
        maintain(tmp_path, [], NOON)
        assert any(each.fault == "file" for each in verify(tmp_path, deep=True)) or not broken, at
        failed += broken
    assert failed


def test_a_column_that_lost_its_name(tmp_path: Path) -> None:
    """A letter of it in the footer: what was in it would be null, and nobody the wiser."""
    write(tmp_path, [event(n) for n in range(4)])
    seal(tmp_path, SCOPE)
    path = next(tmp_path.glob("sealed/cpu.usage/*/*.parquet"))
    path.write_bytes(path.read_bytes().replace(b"value", b"valve"))
    found = [each.what for each in verify(tmp_path) if each.fault == "file"]
    assert [what.partition(";")[0] for what in found] == ["a column 'valve', which its table does not have"]


@pytest.mark.parametrize("use", USES)
def test_a_log_that_is_not_whole(use: str, root: Path) -> None:
    log = root / "sealed/cpu.usage/_delta_log"
    for path in log.iterdir():
        if "checkpoint" in path.name or path.name.endswith("2.json"):
            path.unlink()
    with pytest.raises(ArchiveBroken, match=r"sealed/cpu\.usage is broken \(entry 2 of its log is missing\): minerlib"):
        USES[use](Archive(root))
    others_work(root)


@pytest.mark.parametrize("use", USES)
def test_sqlite_that_is_not_whole(use: str, root: Path) -> None:
    """Which kinds a broken file has nobody knows: whatever asks for its stream hears of it, other streams do not."""
    path = next((root / SCOPE).glob("*.sqlite"))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 // 4096 * 4096])
    with pytest.raises(ArchiveBroken, match=rf"{SCOPE}/2026-09-23\.sqlite is broken .*minerlib archive verify"):
        USES[use](Archive(root))
    assert Archive(root).scan("cpu.usage", scope=OTHER).collect().height == 20


def test_a_body_that_is_none(root: Path) -> None:
    """A byte changed in the JSON of today."""
    path = next((root / SCOPE).glob("*.sqlite"))
    path.write_bytes(path.read_bytes().replace(b'{"value":34.0}', b'{"value":3x.0}'))
    for use in (lambda: Archive(root).scan("cpu.usage"), lambda: seal(root, SCOPE)):
        with pytest.raises(ArchiveBroken, match=r"2026-09-23\.sqlite is broken "):
            use()


def test_the_writer(root: Path) -> None:
    """A file that breaks while it is written: what was to be written is not lost, its position has not moved."""
    today = Today(root, SCOPE)
    path = next((root / SCOPE).glob("*.sqlite"))
    data = bytearray(path.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 100] = b"\xff" * 100
    path.write_bytes(bytes(data))
    with pytest.raises(ArchiveBroken, match=r"2026-09-23\.sqlite is broken .*minerlib archive verify"):
        today.write([event(40, time=NOON + HOUR)], position(40))
    assert today.position == position(39)
    today.close()


def test_a_position_that_cannot_be_read(root: Path) -> None:
    """It is found before a reader is begun with it."""
    path = next((root / SCOPE).glob("*.sqlite"))
    with sqlite3.connect(path) as db:
        db.execute("update position set \"order\" = '{'")
    db.close()
    with pytest.raises(ArchiveBroken, match="the order of its position"):
        Today(root, SCOPE)


def test_newer_formats(root: Path) -> None:
    """Neither reader nor writer touches what a newer minerlib wrote."""
    for path in (root / "sealed/cpu.usage/_delta_log").glob("*.json"):
        path.write_text(path.read_text().replace('"minerlib.format":"1"', '"minerlib.format":"2"'))
    for path in (root / "sealed/cpu.usage/_delta_log").glob("*checkpoint*"):
        path.unlink()
    write(root, [event(40, kind="cpu.usage")])
    said = r"sealed/cpu\.usage was written in format 2, and this minerlib reads up to 1: install a newer one"
    for use in (lambda: Archive(root).scan("cpu.usage"), lambda: seal(root, SCOPE)):
        with pytest.raises(ArchiveError, match=said):
            use()
    assert maintain(root, [], NOON)[0].failed
    assert Archive(root).scan("disk.usage").collect().height == 40
