"""`verify --repair`: what is broken is put aside, what it held is there again or said to be gone, nothing is twice."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from minerlib.archive import Archive, Today, load, seal
from minerlib.archive.check.finding import Ranges, inside
from minerlib.archive.check.verify import verify
from minerlib.archive.gaps import noted
from minerlib.archive.lease import Lease
from minerlib.archive.mend.fill import Fetched, Lead
from minerlib.archive.mend.repair import repair
from minerlib.archive.mend.restore import Outcome
from minerlib.archive.upkeep import maintain
from minerlib.errors import ArchiveError, BrokerUnreachable
from minerlib.event import Event
from minerlib.event.moment import DAY
from minerlib.rule import Stream

from .made import NOON, SCOPE, event, kept, position, write

AT = NOON + 5 * DAY
KINDS = ("cpu.usage", "disk.usage", "tick")
COUNT = 40


class Held:
    """A stream of which retention has left what comes from an offset on; it is asked for ranges."""

    def __init__(self, events: list[Event], own: Ranges = ()) -> None:
        self.events, self.own, self.asked = events, own, list[Ranges]()

    def __call__(self, stream: Stream, ranges: Ranges, lead: Lead) -> Iterator[Fetched]:
        assert stream == Stream(SCOPE, "e1")
        self.asked.append(ranges)
        yield Fetched([each for each in self.events if inside(ranges, each.offset)], self.own)


EVENTS = [event(n, {"value": float(n)}, kind=KINDS[n % 3]) for n in range(COUNT)]
NOTHING = Held([])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four commits, the last of which is not sealed."""
    for n in range(0, COUNT, 10):
        write(tmp_path / "archive", EVENTS[n : n + 10])
        if n < COUNT - 10:
            seal(tmp_path / "archive", SCOPE)
    return tmp_path / "archive"


def mend(root: Path, fetch: Held | None = NOTHING, deep: bool = False) -> list[Outcome]:
    """Repair, after which all is whole."""
    done = repair(root, verify(root, deep), AT, fetch)
    assert [each for each in verify(root, deep) if each.broken] == []
    return done


def parquet(root: Path, number: int = 0) -> Path:
    return sorted((root / "sealed/cpu.usage").glob("date=*/*.parquet"), key=lambda p: p.stat().st_mtime_ns)[number]


def day_file(root: Path) -> Path:
    return next((root / SCOPE).glob("*.sqlite"))


def drop_days(root: Path) -> None:
    """The day was sealed long ago: SQLite has its rows no more, and the stream has gone on."""
    seal(root, SCOPE)
    write(root, [event(COUNT, time=NOON + 3 * DAY)])
    seal(root, SCOPE)
    sorted((root / SCOPE).glob("*.sqlite"))[0].unlink()


def whole(root: Path, count: int = COUNT) -> None:
    """All events are there once, with their bodies."""
    assert kept(root) == [(n, 0) for n in range(count)]
    for kind in KINDS:
        frame = Archive(root).scan(kind, own=True).collect()
        assert (frame["value"] == frame["offset"]).all()


def test_nothing_to_do(root: Path) -> None:
    assert repair(root, verify(root), AT) == []
    assert not (root / "quarantine").exists()


@pytest.mark.parametrize("size", [0, 700, None])
def test_a_file_out_of_sqlite(size: int | None, root: Path) -> None:
    """A day after sealing SQLite has the rows too; the broken file is kept."""
    path = parquet(root)
    data = path.read_bytes()
    path.unlink() if size is None else path.write_bytes(data[:size])
    *_, said = mend(root)
    assert (said.where, said.restored, said.gone) == (f"{SCOPE}/e1", 4, 0)
    whole(root)
    put = root / "quarantine/2026-09-28T12-00-00" / path.relative_to(root)
    assert put.read_bytes() == data[:size] if size is not None else not put.exists()


def test_a_file_out_of_the_stream(root: Path) -> None:
    """What SQLite has no more the stream may have; it is asked for just that."""
    drop_days(root)
    parquet(root).write_bytes(b"")
    stream = Held(EVENTS)
    assert mend(root, stream)[-1].restored == 4
    assert stream.asked == [[(0, 0), (3, 3), (6, 6), (9, 9)]]
    whole(root, COUNT + 1)


def test_what_retention_took(root: Path) -> None:
    """Some is there again; the rest is said exactly, noted, and reported no more."""
    drop_days(root)
    parquet(root).write_bytes(b"")
    said = mend(root, Held(EVENTS[5:]))
    assert [(each.restored, each.gone) for each in said[-2:]] == [(2, 0), (0, 2)]
    assert "2 offsets are gone, the stream has no more of them: 0, 3" in said[-1].what
    assert {(*gap[:3], gap.why) for gap in noted(root / SCOPE)} == {("e1", 0, 0, "broken"), ("e1", 3, 3, "broken")}
    assert len(kept(root)) == COUNT + 1 - 2


def test_offsets_that_are_the_brokers(root: Path) -> None:
    """They were never events, and no loss."""
    today = Today(root, SCOPE)
    today.write([event(COUNT + 2)], position(COUNT + 2))
    today.close()
    assert mend(root, Held([], [(COUNT, COUNT + 1)])) == []
    assert {gap.why for gap in noted(root / SCOPE)} == {"broker"}


@pytest.mark.parametrize("fetch", [None, "unreachable"])
def test_without_a_broker(fetch: str | None, root: Path) -> None:
    """Nothing is given up: what is missing stays a finding, and is had later."""

    def unreachable(stream: Stream, ranges: Ranges, lead: Lead) -> Iterator[Fetched]:
        raise BrokerUnreachable("Nobody answers.")
        yield

    drop_days(root)
    parquet(root).write_bytes(b"")
    said = repair(root, verify(root), AT, unreachable if fetch else None)
    assert ("Nobody answers" if fetch else "no broker runs here") in said[-1].what
    assert "minerlib archive verify --repair" in said[-1].what
    assert [each.fault for each in verify(root) if each.broken] == ["hole"]
    assert mend(root, Held(EVENTS))[-1].restored == 4
    whole(root, COUNT + 1)


@pytest.mark.parametrize("numbers", [[0], [1], [2], [3], [0, 1, 2, 3]])
@pytest.mark.parametrize("merged", [False, True])
def test_log_entries_that_are_missing(numbers: list[int], merged: bool, root: Path) -> None:
    """The files are all there: the log is made anew, whatever was merged counts once, sealing goes on."""
    if merged:
        maintain(root, [], NOON + 9 * DAY)
        for path in (root / "sealed/cpu.usage/_delta_log").glob("*checkpoint*"):
            path.unlink()
    for number in numbers:
        (root / f"sealed/cpu.usage/_delta_log/{number:020d}.json").unlink()
    mend(root)
    whole(root)
    write(root, [event(COUNT, {"value": float(COUNT)})])
    seal(root, SCOPE)
    whole(root, COUNT + 1)


def test_a_merged_file_that_broke(root: Path) -> None:
    """A byte in a page, of the only copy."""
    drop_days(root)
    maintain(root, [], NOON + 9 * DAY)
    path = next((root / "sealed/cpu.usage").glob("date=2026-09-23/sorted-*.parquet"))
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data))
    assert mend(root, Held(EVENTS), deep=True)[-1].restored == 14
    whole(root, COUNT + 1)


def test_a_byte_in_a_row(root: Path) -> None:
    """The stream's word counts, not the file's; the rows of other transactions stay."""
    path = day_file(root)
    path.write_bytes(path.read_bytes().replace(b'{"value":34.0}', b'{"value":74.0}'))
    with pytest.raises(ArchiveError, match="offsets 30 to 39 are not as they were written"):
        seal(root, SCOPE)
    first, second = mend(root, Held(EVENTS))
    assert "made anew with the 30 events that are sound in it" in first.what
    assert second.what == "10 events are there again: 10 from the stream"
    whole(root)


@pytest.mark.parametrize("what", ["part = 5", '"offset" = 1034', "epoch = 77"])
def test_a_byte_in_the_key_of_a_row(root: Path, what: str) -> None:
    """The stream has it: what the broken file calls otherwise is no event beside it."""
    with closing(sqlite3.connect(day_file(root))) as db, db:
        db.execute(f'update events set {what} where "offset" = 34')
    mend(root, Held(EVENTS))
    assert kept(root) == [(n, 0) for n in range(COUNT)]


def test_messages_of_many_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made anew is sound itself, wherever its hashes end."""
    monkeypatch.setattr("minerlib.archive.mend.day._BATCH", 4)
    for first in (0, 5):
        write(tmp_path, [event(first + n // 3, {"value": first * 10 + n}, part=n % 3) for n in range(15)])
    path = day_file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'{"value":64}', b'{"value":74}'))
    repair(tmp_path, verify(tmp_path), AT, NOTHING)
    assert [each for each in verify(tmp_path) if each.broken] == []
    assert kept(tmp_path) == [(n // 3, n % 3) for n in range(30)]


def test_a_byte_in_a_row_that_nobody_else_has(root: Path) -> None:
    """Better one row that may be wrong than ten that are gone; it is said."""
    path = day_file(root)
    path.write_bytes(path.read_bytes().replace(b'{"value":34.0}', b'{"value":74.0}'))
    assert "10 from the broken file, of which some may not be" in mend(root)[-1].what
    assert kept(root) == [(n, 0) for n in range(COUNT)]


def test_every_page_of_sqlite(root: Path) -> None:
    """Whichever page is nothing but zeros: the rest is kept, and the stream gives what is lacking."""
    template = root.with_name("template")
    root.rename(template)
    size = day_file(template).stat().st_size
    for page in range(0, size, 4096):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root)
        data = bytearray(day_file(root).read_bytes())
        data[page : page + 4096] = bytes(4096)
        day_file(root).write_bytes(bytes(data))
        mend(root, Held(EVENTS))
        with sqlite3.connect(day_file(root)) as db:
            position_kept = db.execute("select offset from position").fetchall()
        db.close()
        if position_kept:
            assert position_kept == [(COUNT - 1,)]
            whole(root)
        else:  # the archiver reads again what the tables have not
            write(root, EVENTS)
            seal(root, SCOPE)
            whole(root)


def test_the_archiver_goes_on(root: Path) -> None:
    """After the repair it writes on where it was."""
    path = day_file(root)
    data = bytearray(path.read_bytes())
    data[100] ^= 255
    path.write_bytes(bytes(data))
    with pytest.raises(ArchiveError, match=r"2026-09-23\.sqlite is broken .*minerlib archive verify .*--repair"):
        Today(root, SCOPE)
    mend(root)
    today = Today(root, SCOPE)
    assert today.position == position(COUNT - 1)
    today.write([event(COUNT)], position(COUNT))
    today.close()
    whole(root, COUNT + 1)


def test_something_twice(root: Path) -> None:
    table = DeltaTable(root / "sealed/cpu.usage")
    rows = pl.read_parquet(parquet(root)).with_columns(date=pl.col("seen").dt.date())
    write_deltalake(table, rows, mode="append", schema_mode="merge")
    assert len(kept(root)) == COUNT + 4
    assert "4 events of 2026-09-23 that were there twice are there once" in mend(root)[0].what
    whole(root)


def test_only_who_has_the_stream(root: Path) -> None:
    """While it is archived nothing is repaired, and nothing is moved."""
    parquet(root).write_bytes(b"")
    with Lease(root / SCOPE, SCOPE), pytest.raises(ArchiveError, match="stop that first"):
        repair(root, verify(root), AT, NOTHING)
    assert not (root / "quarantine").exists()


def test_loaded_events(tmp_path: Path) -> None:
    """Their source is a file of the user's: loading it again adds what is missing, and no more."""
    (tmp_path / "old.csv").write_text("time,value\n" + "".join(f"2024-01-{n:02}T00:00:00Z,{n}\n" for n in range(1, 20)))
    root, given = tmp_path / "archive", (tmp_path / "old.csv", "cpu.usage", "web-1", "acme.web.history")
    load(*given, archive=root)
    (root / "sealed/cpu.usage/date=2024-01-07").rename(tmp_path / "away")
    repair(root, verify(root), AT, NOTHING)
    (found,) = [each for each in verify(root) if each.broken]
    assert (found.events, found.remedy) == (1, "load the same file again: minerlib load adds what is missing")
    assert [load(*given, archive=root).added for _ in range(2)] == [1, 0]
    assert [each for each in verify(root) if each.broken] == []
    assert Archive(root).scan("cpu.usage").collect()["value"].sort().to_list() == [float(n) for n in range(1, 20)]
