"""The archive as its readers see it: scan, kinds, schema, and the history a backtest asks."""

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from minerlib.archive import Archive, seal
from minerlib.errors import ArchiveError, SettingError
from minerlib.event import Event
from minerlib.event.moment import DAY, HOUR, SECOND, from_datetime, now, rfc3339, to_datetime
from minerlib.rule import Stream

from .made import NOON, SCOPE, event, write

archive_module = importlib.import_module("minerlib.archive.archive")
E1 = Stream(SCOPE, "e1")


@pytest.fixture(params=["today", "sealed", "both"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Ten hours of two kinds and ticks over midnight, all in SQLite, all in Delta, or half and half."""
    kinds = ("cpu.usage", "disk.usage", "tick")
    events = [event(n, {"n": n}, kind=kinds[n % 3], time=NOON + n * HOUR // 10) for n in range(300)]
    write(tmp_path, events[:150])
    if request.param != "today":
        seal(tmp_path, SCOPE)
    write(tmp_path, events[150:])
    if request.param == "sealed":
        seal(tmp_path, SCOPE)
    return tmp_path


def offsets(archive: Archive, kind: str, **cut: int | None) -> list[int]:
    return [e.offset for batch in archive.events(E1, kind, **cut) for e in batch]


def test_scan_is_bounded_by_time(root: Path) -> None:
    """[since, until) over `time`, said in any of the ways people say it."""
    archive = Archive(root)
    since, until = NOON + 3 * HOUR // 10, NOON + 9 * HOUR // 10
    for begin, end in (
        (rfc3339(since), rfc3339(until)),
        (to_datetime(since), to_datetime(until)),
        (timedelta(microseconds=now() - since + SECOND), to_datetime(until)),
    ):
        frame = archive.scan("cpu.usage", begin, end).collect()
        assert sorted(frame["offset"]) == [3, 6]
    assert archive.scan("cpu.usage", since="1s").collect().height == (0 if now() > NOON + 40 * HOUR else 100)


def test_a_cut_below_a_millisecond(tmp_path: Path) -> None:
    """The log cuts moments to milliseconds; a cut between two microseconds is exact all the same."""
    write(tmp_path, [event(n, time=NOON + 123_456 + n) for n in range(3)])
    seal(tmp_path, SCOPE)
    archive = Archive(tmp_path)
    assert archive.scan("cpu.usage", since=rfc3339(NOON + 123_457)).collect().height == 2
    assert archive.scan("cpu.usage", until=rfc3339(NOON + 123_457)).collect().height == 1
    assert archive.clock(E1) == NOON + 123_458
    assert archive.clock(E1, NOON + 123_458) == NOON + 123_457
    assert offsets(archive, "#", since=NOON + 123_457, until=NOON + 123_458) == [1]


def test_patterns_of_kinds(root: Path) -> None:
    """A pattern joins kinds, all columns of all; the workbench's own are there when named, or asked for."""
    archive = Archive(root)
    frame = archive.scan("*.usage").collect()
    assert (frame.height, frame["kind"].n_unique(), frame.columns[-4:]) == (200, 2, ["n", "rest", "raw", "repeat"])
    assert archive.scan("#").collect().height == 200
    assert archive.scan("#", own=True).collect().height == 300
    assert archive.scan("tick").collect().height == 100
    assert archive.to_pandas("cpu.usage")["n"].sum() == sum(range(0, 300, 3))


def test_kinds_of_other_types_are_joined(tmp_path: Path) -> None:
    """A field that is a number here and text there is text in both; a field of one kind is null in the other."""
    write(tmp_path, [event(0, {"v": 1.5, "a": True}), event(1, {"v": "high"}, kind="x")])
    seal(tmp_path, SCOPE)
    frame = Archive(tmp_path).scan("#").sort("offset").collect()
    assert frame.select("v", "a").rows() == [("1.5", True), ("high", None)]


def test_repeats_are_left_out(tmp_path: Path) -> None:
    """What was said twice is archived, and scanned only when asked for."""
    write(tmp_path, [event(0), event(1, repeat=True)])
    for _ in range(2):
        archive = Archive(tmp_path)
        assert archive.scan("#").collect()["offset"].to_list() == [0]
        assert archive.scan("#", repeats=True).collect().height == 2
        assert archive.kinds()["events"].to_list() == [1]
        assert offsets(archive, "#") == [0]
        assert archive.clock(E1) == NOON + SECOND
        seal(tmp_path, SCOPE)


def test_filters_reach_the_files(tmp_path: Path) -> None:
    """Of many sealed files only those are opened that can hold what is asked for."""
    for n in range(5):
        write(tmp_path, [event(n, time=NOON + n * DAY)])
        seal(tmp_path, SCOPE)
    plan = Archive(tmp_path).scan("cpu.usage", since=to_datetime(NOON + 3 * DAY), until=to_datetime(NOON + 4 * DAY))
    assert "date=2026-09-26" in plan.explain()
    assert len(plan.collect()) == 1
    for path in (tmp_path / "sealed" / "cpu.usage" / "date=2026-09-23").iterdir():
        path.unlink()
    assert len(plan.collect()) == 1
    with pytest.raises(ArchiveError, match="No such file"):
        Archive(tmp_path).scan("cpu.usage")


def test_kinds(root: Path) -> None:
    """What there is, of both sides of the seam."""
    assert Archive(root).kinds().rows() == [
        (kind, 100, 1, to_datetime(NOON + n * HOUR // 10), to_datetime(NOON + (297 + n) * HOUR // 10))
        for n, kind in enumerate(("cpu.usage", "disk.usage", "tick"))
    ]


def test_history_in_order(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of all kinds by offset, in batches, cut by clock and by offset, also where a day is read in pieces."""
    archive = Archive(root)
    for rows, size in ((1_000_000, 10_000), (7, 10)):
        monkeypatch.setattr(archive_module, "_ROWS", rows)
        monkeypatch.setattr("minerlib.archive.frames.BATCH", size)
        assert max(len(batch) for batch in archive.events(E1)) <= size
        assert offsets(archive, "#") == [n for n in range(300) if n % 3 != 2]
        assert offsets(archive, "*.usage", first=297) == [297, 298]
        assert offsets(archive, "tick", since=NOON + 2 * HOUR // 10, until=NOON + 11 * HOUR // 10) == [2, 5, 8]
        assert offsets(archive, "tick", since=NOON + 20 * HOUR, until=NOON + 21 * HOUR) == [200, 203, 206, 209]
        assert offsets(archive, "nothing") == []
    one = next(iter(archive.events(E1, "disk.usage")))[0]
    assert one == event(1, {"n": 1.0}, kind="disk.usage", time=NOON + HOUR // 10)
    assert isinstance(one, Event)


def test_midnight_belongs_to_the_day_it_begins(tmp_path: Path) -> None:
    """The first and the last microsecond of a day are in the history, once."""
    midnight = NOON + 12 * HOUR
    write(tmp_path, [event(0, time=midnight), event(1, time=midnight + DAY - 1)])
    for _ in range(2):
        archive = Archive(tmp_path)
        assert offsets(archive, "#") == [0, 1]
        assert offsets(archive, "#", since=midnight, until=midnight + DAY - 1) == [0]
        seal(tmp_path, SCOPE)


def test_streams_and_clock(root: Path) -> None:
    """The clock is the highest `seen` of any event, ticks too; below a moment when asked."""
    write(root, [event(0, epoch="e0", time=NOON - DAY, scope="other.web.prod")])
    write(root, [event(0, epoch="e2", time=NOON + 31 * HOUR)])
    archive = Archive(root)
    assert archive.streams() == [Stream("other.web.prod", "e0"), E1, Stream(SCOPE, "e2")]
    assert archive.streams("other.*.*") == [Stream("other.web.prod", "e0")]
    assert archive.clock(E1) == NOON + 299 * HOUR // 10
    for n in (1, 2, 149, 150, 151, 298, 299):
        assert archive.clock(E1, NOON + n * HOUR // 10) == NOON + (n - 1) * HOUR // 10
        assert archive.clock(E1, NOON + n * HOUR // 10 + 1) == NOON + n * HOUR // 10
    assert archive.clock(E1, NOON) is None
    assert archive.clock(Stream(SCOPE, "e9")) is None


def test_clock_of_what_only_delta_has(tmp_path: Path) -> None:
    """Without its SQLite files a stream still has its clock and its place among the streams."""
    for n in range(0, 300, 50):
        write(tmp_path, [event(m, kind=f"k{m % 4}", time=NOON + m * HOUR + 999) for m in range(n, n + 50)])
        seal(tmp_path, SCOPE)
    for path in (tmp_path / SCOPE).iterdir():
        path.unlink()
    archive = Archive(tmp_path)
    assert archive.streams() == [E1]
    assert archive.clock(E1) == NOON + 299 * HOUR + 999
    for n in (1, 50, 77, 250):
        assert archive.clock(E1, NOON + n * HOUR + 999) == NOON + (n - 1) * HOUR + 999
    assert archive.clock(E1, NOON + 999) is None
    assert offsets(archive, "#") == list(range(300))


def test_sentences(tmp_path: Path) -> None:
    """An empty archive, a folder that is none, a kind and a scope that are not there: said, with what to do."""
    with pytest.raises(ArchiveError, match="minerlib up archives what happens"):
        Archive(tmp_path / "none").scan("cpu.usage")
    assert Archive(tmp_path).kinds().height == 0
    assert Archive(tmp_path).streams() == []
    (tmp_path / "README.md").touch()
    assert Archive(tmp_path).kinds().height == 0
    (tmp_path / "music.mp3").touch()
    with pytest.raises(ArchiveError, match=r"is no archive: it holds music\.mp3"):
        Archive(tmp_path)
    with pytest.raises(ArchiveError, match="is a file, and an archive is a folder"):
        Archive(tmp_path / "music.mp3")
    write(tmp_path, [event(0)])
    archive = Archive(tmp_path)
    with pytest.raises(ArchiveError, match=r"did you mean cpu\.usage\?"):
        archive.scan("cpu.usag")
    with pytest.raises(ArchiveError, match=r"there are cpu\.usage\."):
        archive.schema("zzz")
    with pytest.raises(SettingError, match=r"'acme' is no scope: write company\.system\.environment"):
        archive.scan("#", scope="acme")
    with pytest.raises(SettingError, match="is not a time"):
        archive.scan("#", since="yesterday-ish")
    for _ in range(2):
        with pytest.raises(ArchiveError, match=r"'cpu.\*' and scope nobody.\*.\* is in .*: there are acme.web.prod\."):
            archive.scan("cpu.*", scope="nobody.*.*")
        seal(tmp_path, SCOPE)


def test_a_broken_log_is_said(tmp_path: Path) -> None:
    """A table that cannot be read names itself."""
    write(tmp_path, [event(0)])
    seal(tmp_path, SCOPE)
    for path in (tmp_path / "sealed" / "cpu.usage" / "_delta_log").glob("*.json"):
        path.write_text("no log")
    with pytest.raises(ArchiveError, match=r"sealed/cpu\.usage is broken"):
        Archive(tmp_path).scan("cpu.usage")


def test_times_are_exact(tmp_path: Path) -> None:
    """Microseconds, also before 1970 and far ahead, on both sides of the seam."""
    times = [-1, 0, 1, from_datetime(datetime(1, 1, 2, tzinfo=UTC)), from_datetime(datetime(9999, 12, 31, tzinfo=UTC))]
    write(tmp_path, [event(n, time=time, seen=NOON) for n, time in enumerate(times)])
    for _ in range(2):
        frame = Archive(tmp_path).scan("cpu.usage").sort("offset").with_columns(pl.col("time").cast(pl.Int64)).collect()
        assert frame["time"].to_list() == times
        seal(tmp_path, SCOPE)
