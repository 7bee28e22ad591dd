"""`verify`: a whole archive is said to be whole, and what is not is named with the events that it held."""

import re
import sqlite3
import threading
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from minerlib.archive import Today, load, seal
from minerlib.archive.check.finding import Finding
from minerlib.archive.check.marks import marks
from minerlib.archive.check.offsets import check_offsets
from minerlib.archive.check.table import check_table
from minerlib.archive.check.verify import verify
from minerlib.archive.retention import read_keep
from minerlib.archive.upkeep import maintain
from minerlib.event.moment import DAY, HOUR, now

from .made import NOON, SCOPE, event, position, write

KINDS = ("cpu.usage", "disk.usage", "tick")


def make(root: Path, days: int = 1, sealed: int = 3, live: int = 1) -> None:
    """Three kinds, ten events a commit, `sealed` commits a day, and some on the last day that are not."""
    offset = 0
    for day in range(days):
        for n in range(sealed + (live if day == days - 1 else 0)):
            times = range(offset, offset + 10)
            write(root, [event(i, kind=KINDS[i % 3], time=NOON + day * DAY + i) for i in times])
            offset += 10
            if n < sealed:
                seal(root, SCOPE)


def broken(root: Path, deep: bool = False) -> list[Finding]:
    return [each for each in verify(root, deep) if each.broken]


def parquet(root: Path, kind: str = "cpu.usage", number: int = 0) -> Path:
    return sorted((root / "sealed" / kind).glob("date=*/*.parquet"), key=lambda path: path.stat().st_mtime_ns)[number]


def day_file(root: Path) -> Path:
    return sorted((root / SCOPE).glob("*.sqlite"))[-1]


def test_a_whole_archive(tmp_path: Path) -> None:
    """Both sides of the seam, several days, streams, loaded events, merged files: nothing to say."""
    make(tmp_path, days=3)
    write(tmp_path, [event(n, scope="other.web.prod") for n in range(5)])
    (tmp_path / "old.csv").write_text("time,value\n" + "".join(f"2024-01-0{n}T00:00:00Z,{n}\n" for n in range(1, 8)))
    load(tmp_path / "old.csv", "cpu.usage", "web-1", "acme.web.history", archive=tmp_path)
    maintain(tmp_path, [], now())
    assert broken(tmp_path, deep=True) == []


def test_an_empty_archive(tmp_path: Path) -> None:
    assert verify(tmp_path / "none") == []


@pytest.mark.parametrize("size", [0, 40, 700])
def test_a_truncated_file(size: int, tmp_path: Path) -> None:
    """It is named, and what it held is told from the log: kind, stream, offsets, times, how many."""
    make(tmp_path)
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:size])
    file, hole = broken(tmp_path)
    assert (file.fault, file.where, file.kind, file.scope, file.epoch) == ("file", str(path), KINDS[0], SCOPE, "e1")
    assert (file.first, file.last, file.events) == (0, 9, 4)
    assert f"{size:,} bytes, and its log says" in file.what
    assert "4 events of cpu.usage of acme.web.prod, offsets 0 to 9, 2026-09-23T12:00:00Z" in file.what
    assert (hole.fault, hole.scope, list(hole.ranges)) == ("hole", SCOPE, [(0, 0), (3, 3), (6, 6), (9, 9)])


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    make(tmp_path)
    parquet(tmp_path).unlink()
    assert [each.fault for each in broken(tmp_path)] == ["file", "hole"]
    assert "No such file" in broken(tmp_path)[0].what


def test_a_byte_in_a_page(tmp_path: Path) -> None:
    """Merged files have checksums: any byte that is another one is found, where all pages are read."""
    make(tmp_path, days=2)
    maintain(tmp_path, [], NOON + 9 * DAY)
    path = next((tmp_path / "sealed/cpu.usage").glob("date=*/sorted-*.parquet"))
    whole = path.read_bytes()
    assert broken(tmp_path, deep=True) == []
    for at in range(60, 600, 45):
        data = bytearray(whole)
        data[at] ^= 4
        path.write_bytes(bytes(data))
        assert [each.where for each in broken(tmp_path, deep=True) if each.fault == "file"] == [str(path)], at


def test_bounds_that_do_not_hold(tmp_path: Path) -> None:
    """A log that says too little of a file would hide its rows from whoever asks for them."""
    make(tmp_path)
    for log in (tmp_path / "sealed/cpu.usage/_delta_log").glob("*.json"):
        log.write_text(re.sub(r'(offset\\": ?)9\b', r"\g<1>6", log.read_text()))
    assert broken(tmp_path) == []
    found = broken(tmp_path, deep=True)[0]
    assert "its log says that no offset is above 6, and there is 9" in found.what


@pytest.mark.parametrize("number", range(3))
def test_a_missing_log_entry(number: int, tmp_path: Path) -> None:
    """Which is missing is said; the offsets are looked at once it is mended."""
    make(tmp_path)
    (tmp_path / f"sealed/cpu.usage/_delta_log/{number:020d}.json").unlink()
    (found,) = broken(tmp_path)
    assert (found.fault, found.kind) == ("log", "cpu.usage")
    assert f"entry {number} of its log is missing" in found.what


def test_a_missing_newest_log_entry(tmp_path: Path) -> None:
    """The log alone does not show it; SQLite knows what was sealed."""
    make(tmp_path)
    max((tmp_path / "sealed/cpu.usage/_delta_log").glob("*.json")).unlink()
    seam, hole = broken(tmp_path)
    assert (seam.fault, seam.kind, seam.first, seam.last) == ("seam", "cpu.usage", 19, 27)
    assert list(hole.ranges) == [(21, 21), (24, 24), (27, 27)]


def test_a_missing_log(tmp_path: Path) -> None:
    make(tmp_path)
    for path in (tmp_path / "sealed/tick/_delta_log").iterdir():
        path.unlink()
    (tmp_path / "sealed/tick/_delta_log").rmdir()
    assert [(each.fault, each.kind) for each in broken(tmp_path)] == [("log", "tick")]


def test_a_byte_in_sqlite(tmp_path: Path) -> None:
    """Inside a row SQLite does not notice it; the hash does."""
    make(tmp_path)
    path = day_file(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data.replace(b'{"value":34.0}', b'{"value":74.0}'))
    (found,) = broken(tmp_path)
    assert (found.fault, found.where, found.epoch, found.first, found.last) == ("hash", str(path), "e1", 30, 39)


def test_a_page_of_sqlite(tmp_path: Path) -> None:
    make(tmp_path)
    path = day_file(tmp_path)
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(bytes(data))
    assert {each.fault for each in broken(tmp_path)} <= {"day", "hash", "hole"}
    assert str(path) in {each.where for each in broken(tmp_path)}


def test_rows_that_are_gone_from_sqlite(tmp_path: Path) -> None:
    """Both what lies between and what lies at the end of a stream."""
    make(tmp_path)
    with sqlite3.connect(day_file(tmp_path)) as db:
        db.execute("delete from events where offset in (33, 34, 39)")
    db.close()
    hash_, hole = broken(tmp_path)
    assert hash_.fault == "hash"
    assert list(hole.ranges) == [(33, 34), (39, 39)]


def test_holes_that_are_known(tmp_path: Path) -> None:
    """What is noted is no finding, on the next day neither: each file takes over what was noted before."""
    today = Today(tmp_path, SCOPE)
    today.write([event(n) for n in range(3)], position(2))
    today.gap("e1", 3, 5)
    today.gap("e1", 6, 6, "broker")
    today.write([event(n) for n in range(7, 9)], position(8))
    today.write([event(9, time=NOON + DAY)], position(9))
    today.close()
    assert broken(tmp_path) == []
    first, second = sorted((tmp_path / SCOPE).glob("*.sqlite"))
    seal(tmp_path, SCOPE)
    first.unlink()
    assert second.exists()
    assert broken(tmp_path) == []


def test_something_twice(tmp_path: Path) -> None:
    make(tmp_path)
    table = DeltaTable(tmp_path / "sealed/cpu.usage")
    rows = pl.read_parquet(parquet(tmp_path)).with_columns(date=pl.col("seen").dt.date())
    write_deltalake(table, rows, mode="append", schema_mode="merge")
    (found,) = broken(tmp_path)
    assert (found.fault, found.events, list(found.ranges)) == ("double", 4, [(0, 0), (3, 3), (6, 6), (9, 9)])


def test_parts_of_a_message(tmp_path: Path) -> None:
    """A message of several events is whole or it is missing."""
    write(tmp_path, [event(0), event(1), event(1, part=1), event(1, part=2), event(2)])
    assert broken(tmp_path) == []
    with sqlite3.connect(day_file(tmp_path)) as db:
        db.execute("delete from events where offset = 1 and part = 1")
        db.execute("delete from hashes")
    db.close()
    (found,) = broken(tmp_path)
    assert list(found.ranges) == [(1, 1)]


def test_days_that_went_for_their_age(tmp_path: Path) -> None:
    """Of days of which some kinds are gone nothing is said; holes in later days are found."""
    make(tmp_path, days=4)
    for path in sorted((tmp_path / SCOPE).glob("*.sqlite"))[:-1]:
        path.unlink()
    maintain(tmp_path, read_keep("tick=1d"), NOON + 3 * DAY + HOUR)
    assert broken(tmp_path) == []
    with sqlite3.connect(day_file(tmp_path)) as db:
        db.execute("delete from events where offset = 125")
        db.execute("delete from hashes")
    db.close()
    assert [list(each.ranges) for each in broken(tmp_path)] == [[(125, 125)]]


def test_a_clock_that_jumps_back(tmp_path: Path) -> None:
    """Times fall, `seen` does not: the days stay in order and nothing is missing."""
    for first, hour in ((0, 0), (10, 30), (20, -40), (30, 31)):
        times = [(n, NOON + hour * HOUR + n) for n in range(first, first + 10)]
        highest = max(NOON, NOON + 30 * HOUR if first else 0)
        write(tmp_path, [event(n, time=time, seen=max(time, highest)) for n, time in times])
        seal(tmp_path, SCOPE)
    assert len(list((tmp_path / SCOPE).glob("*.sqlite"))) == 2
    assert broken(tmp_path, deep=True) == []


def test_a_stream_declared_anew(tmp_path: Path) -> None:
    """Its offsets begin again in a new epoch; a hole is said of the epoch that it is in."""
    make(tmp_path)
    write(tmp_path, [event(n, epoch="e2", time=NOON + HOUR) for n in range(15)])
    assert broken(tmp_path) == []
    with sqlite3.connect(day_file(tmp_path)) as db:
        db.execute("delete from events where offset = 7 and epoch = 2")
        db.execute("delete from hashes")
    db.close()
    assert [(each.epoch, list(each.ranges)) for each in broken(tmp_path)] == [("e2", [(7, 7)])]


def test_files_that_count_for_nothing(tmp_path: Path) -> None:
    """They are mentioned, and no trouble."""
    make(tmp_path)
    parquet(tmp_path).with_name("left.parquet").write_bytes(b"half")
    (found,) = verify(tmp_path)
    assert (found.fault, found.severity) == ("stray", "note")


def test_newer_formats(tmp_path: Path) -> None:
    """Each is refused in a sentence that says what to do."""
    make(tmp_path)
    with sqlite3.connect(day_file(tmp_path)) as db:
        db.execute("pragma user_version = 2")
    db.close()
    for log in (tmp_path / "sealed/cpu.usage/_delta_log").glob("*.json"):  # a new column says it anew
        log.write_text(log.read_text().replace('"minerlib.format":"1"', '"minerlib.format":"2"'))
    found = broken(tmp_path)
    assert [each.fault for each in found] == ["format", "format"], found
    assert all("was written in format 2, and this minerlib reads up to 1: install a newer one" in f.what for f in found)


def test_what_comes_while_tables_are_opened(tmp_path: Path) -> None:
    """The first events of a day, sealed between one table and the next: what only the later ones have is no hole."""
    make(tmp_path, sealed=1, live=0)
    begin = marks(tmp_path)
    first = check_table(tmp_path, KINDS[0])[0]
    write(tmp_path, [event(i, kind=KINDS[i % 3], time=NOON + DAY + i) for i in range(10, 30)])
    seal(tmp_path, SCOPE)
    tables = {KINDS[0]: first, **{kind: check_table(tmp_path, kind)[0] for kind in KINDS[1:]}}
    assert check_offsets(tmp_path, begin, {kind: found for kind, found in tables.items() if found}) == []


def test_while_it_is_written(tmp_path: Path) -> None:
    """Events come, are sealed and merged while `verify` looks: it finds nothing wrong."""
    done = threading.Event()

    def write_on() -> None:
        try:
            for n in range(0, 600, 10):
                write(tmp_path, [event(i, kind=KINDS[i % 3], time=NOON + i * HOUR // 5) for i in range(n, n + 10)])
                seal(tmp_path, SCOPE)
                if n % 100 == 90:
                    maintain(tmp_path, [], NOON + n * HOUR // 5)
        finally:
            done.set()

    thread = threading.Thread(target=write_on)
    thread.start()
    looks = 0
    try:
        while not done.is_set():
            assert broken(tmp_path) == []
            looks += 1
    finally:
        thread.join()
    assert looks > 3
    assert broken(tmp_path, deep=True) == []
