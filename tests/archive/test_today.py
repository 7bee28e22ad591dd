"""Today's store: events and position in one transaction, nothing twice, nothing half."""

import resource
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from minerlib.archive import Archive, Today, seal
from minerlib.archive import today as today_module
from minerlib.errors import ArchiveError, ArchiveFull
from minerlib.event.moment import DAY, HOUR, rfc3339
from minerlib.event.order import Position

from .made import NOON, SCOPE, event, kept, position, write

MIDNIGHT = NOON + 12 * HOUR


def ask(path: Path, sql: str) -> list[tuple]:
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_rows_are_plain(tmp_path: Path) -> None:
    """sqlite3 alone reads the events, with moments as people write them."""
    write(tmp_path, [event(0, {"a": 1}), event(1, raw=b"\xff", time=NOON - 100 * 365 * DAY - 1, seen=NOON + 1)])
    (path,) = (tmp_path / SCOPE).glob("*.sqlite")
    assert path.name == "2026-09-23.sqlite"
    assert ask(path, "select time, seen, source, kind, body, raw, epoch, offset from events_readable") == [
        (rfc3339(NOON), rfc3339(NOON), "web-0", "cpu.usage", '{"a":1}', None, "e1", 0),
        (rfc3339(NOON - 100 * 365 * DAY - 1), rfc3339(NOON + 1), "web-1", "cpu.usage", None, b"\xff", "e1", 1),
    ]
    assert ask(path, "select * from epochs_readable") == [("e1", rfc3339(NOON), 0, 1)]


def test_it_goes_on_at_its_position(tmp_path: Path) -> None:
    """What is committed is where the next writer begins."""
    today = Today(tmp_path, SCOPE)
    assert today.position is None
    there = Position("e1", 1, "f" * 32, '{"clock":1}')
    today.write([event(0), event(1)], there)
    assert today.position == there
    today.close()
    assert Today(tmp_path, SCOPE).position == there


def test_a_position_without_events_moves(tmp_path: Path) -> None:
    """Messages may hold no event; before the first event there is nothing to go on from."""
    today = Today(tmp_path, SCOPE)
    today.write([], position(0))
    assert today.position is None
    assert not list(tmp_path.rglob("*.sqlite"))
    today.write([event(1)], position(1))
    today.write([], position(2))
    assert Today(tmp_path, SCOPE).position == position(2)


def test_no_offset_is_stored_twice(tmp_path: Path) -> None:
    """What is written again is left out, by the same writer and by the next."""
    batch = [event(0), event(1), event(1, part=1)]
    for _ in range(2):
        write(tmp_path, batch)
    write(tmp_path, [*batch, event(2)])
    assert kept(tmp_path) == [(0, 0), (1, 0), (1, 1), (2, 0)]


def test_days_are_files(tmp_path: Path) -> None:
    """A batch over two midnights fills three files; only the newest has the position, all know the epochs."""
    write(tmp_path, [event(n, time=MIDNIGHT - 2 + n * DAY // 2) for n in range(5)])
    paths = sorted((tmp_path / SCOPE).glob("*.sqlite"))
    assert [path.stem for path in paths] == ["2026-09-23", "2026-09-24", "2026-09-25"]
    assert [ask(path, "select offset from events") for path in paths] == [[(0,)], [(1,), (2,)], [(3,), (4,)]]
    assert [ask(path, "select count(*) from position") for path in paths] == [[(0,)], [(0,)], [(1,)]]
    assert kept(tmp_path) == [(n, 0) for n in range(5)]


def test_a_clock_that_jumped_back_files_into_the_newest_day(tmp_path: Path) -> None:
    """A new epoch may begin yesterday; its events stand in today's file, with their own moments."""
    write(tmp_path, [event(0), event(1, time=MIDNIGHT)])
    write(tmp_path, [event(0, epoch="e2", time=NOON), event(1, epoch="e2", time=MIDNIGHT + 1)])
    paths = sorted((tmp_path / SCOPE).glob("*.sqlite"))
    assert len(paths) == 2
    assert ask(paths[1], "select epoch, offset, seen from events order by 1, 2") == [
        (1, 1, MIDNIGHT), (2, 0, NOON), (2, 1, MIDNIGHT + 1),
    ]  # fmt: skip
    assert ask(paths[1], "select name, first, last from epochs") == [("e1", 0, 1), ("e2", 0, 1)]


def test_what_yesterday_has_is_not_filed_today(tmp_path: Path) -> None:
    """A batch of yesterday that comes again after midnight is left out, not filed into today's file."""
    batch = [event(n) for n in range(3)]
    write(tmp_path, batch)
    write(tmp_path, [event(3, time=MIDNIGHT)])
    write(tmp_path, [*batch, event(3, time=MIDNIGHT), event(4, time=MIDNIGHT + 1)])
    assert kept(tmp_path) == [(n, 0) for n in range(5)]


def test_back_and_over_midnight_in_one_batch(tmp_path: Path) -> None:
    """A new epoch that begins yesterday and reaches tomorrow: what is of yesterday goes into today's file."""
    write(tmp_path, [event(0, time=MIDNIGHT)])
    write(tmp_path, [event(0, epoch="e2", time=NOON), event(1, epoch="e2", time=MIDNIGHT + DAY)])
    paths = sorted((tmp_path / SCOPE).glob("*.sqlite"))
    assert [path.stem for path in paths] == ["2026-09-24", "2026-09-25"]
    assert [ask(path, "select count(*) from events") for path in paths] == [[(2,)], [(1,)]]


@pytest.mark.parametrize("nth", range(9))
def test_killed_over_midnight(tmp_path: Path, nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a batch over midnight is broken off, the same batch again gives each event once."""
    write(tmp_path, [event(n) for n in range(3)])
    batch = [event(n, time=MIDNIGHT - 3 + n) for n in range(3, 15)]
    batch[8:] = [event(e.offset, time=e.time + DAY) for e in batch[8:]]
    steps = iter(range(100))

    def breaking(name: str):
        real = getattr(today_module, name)

        def step(*args):
            if next(steps) == nth:
                raise KeyboardInterrupt
            return real(*args)

        return step

    today = Today(tmp_path, SCOPE)
    with monkeypatch.context() as broken:
        for name in ("write_to", "make_tables", "_numbers", "_position"):
            broken.setattr(today_module, name, breaking(name))
        with pytest.raises(KeyboardInterrupt):
            today.write(batch, position(14))
    assert today.position == position(2)
    today.close()
    again = Today(tmp_path, SCOPE)
    assert again.position == position(2)
    again.write(batch, position(14))
    again.close()
    assert kept(tmp_path) == [(n, 0) for n in range(15)]
    assert sorted(e.offset for some in Archive(tmp_path).events(Archive(tmp_path).streams()[0]) for e in some) == list(
        range(15)
    )


def test_a_gap_is_recorded(tmp_path: Path) -> None:
    """Offsets that retention took are written down with the events that follow, once."""
    today = Today(tmp_path, SCOPE)
    for _ in range(2):
        today.gap("e1", 5, 9)
    today.write([event(10)], position(10))
    path = next((tmp_path / SCOPE).glob("*.sqlite"))
    ((epoch, first, last, noticed, why),) = ask(path, "select * from gaps_readable")
    assert (epoch, first, last, why) == ("e1", 5, 9, "retention")
    assert datetime.fromisoformat(noticed).tzinfo


def test_two_archivers_are_noticed(tmp_path: Path) -> None:
    """The second writer of a stream is told, and stores nothing."""
    one, two = Today(tmp_path, SCOPE), Today(tmp_path, SCOPE)
    one.write([event(0)], position(0))
    with pytest.raises(ArchiveError, match="another archiver"):
        two.write([event(0), event(1)], position(1))
    one.write([event(1)], position(1))
    three = Today(tmp_path, SCOPE)
    one.write([event(2)], position(2))
    with pytest.raises(ArchiveError, match="another archiver"):
        three.write([event(3)], position(3))
    one.write([event(3)], position(3))  # the refused one holds no lock
    assert kept(tmp_path) == [(n, 0) for n in range(4)]


def test_no_room(tmp_path: Path) -> None:
    """A full disk stores nothing of the batch, is said in a sentence, and the same batch goes in when there is room."""
    code = f"""
import resource, sys
from pathlib import Path
from minerlib.archive import Today
from minerlib.errors import ArchiveFull
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.archive.made import SCOPE, event, position
root = Path({str(tmp_path)!r})
today = Today(root, SCOPE)
today.write([event(0)], position(0))
batch = [event(n, {{"said": "x" * 1000}}) for n in range(1, 1000)]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
for _ in range(3):
    try:
        today.write(batch, position(999))
    except ArchiveFull as error:
        print(error)
    assert today.position == position(0), today.position
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
today.write(batch, position(999))
"""
    assert resource.RLIM_INFINITY == -1
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all(str(tmp_path) in line and "make room" in line for line in lines)
    assert kept(tmp_path) == [(n, 0) for n in range(1000)]


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    """Where nothing can be written it is said which place and what to do."""
    root = tmp_path / "archive"
    root.touch()
    today = Today(root, SCOPE)
    with pytest.raises(ArchiveFull, match=r"archive/acme.web.prod cannot be written .* let this user write there"):
        today.write([event(0)], position(0))
    root.unlink()
    today.write([event(0)], position(0))
    assert kept(root) == [(0, 0)]


def test_a_broken_file_is_said(tmp_path: Path) -> None:
    """Neither writer nor reader shows a traceback."""
    write(tmp_path, [event(0)])
    path = next((tmp_path / SCOPE).glob("*.sqlite"))
    path.write_bytes(b"no database at all, " * 500)
    for use in (lambda: Today(tmp_path, SCOPE), lambda: Archive(tmp_path).scan("#"), lambda: seal(tmp_path, SCOPE)):
        with pytest.raises(ArchiveError, match=r"2026-09-23\.sqlite is broken \(.*minerlib archive verify"):
            use()


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """What a newer minerlib wrote is left alone."""
    write(tmp_path, [event(0)])
    path = next((tmp_path / SCOPE).glob("*.sqlite"))
    ask(path, "pragma user_version = 99")
    for use in (lambda: Today(tmp_path, SCOPE), lambda: Archive(tmp_path).scan("#")):
        with pytest.raises(ArchiveError, match=r"format 99.*install a newer one"):
            use()


def test_strange_names_stay_inside(tmp_path: Path) -> None:
    """Scopes with blanks, percent signs, dots in front or umlauts are one folder below the root, and found again."""
    for scope in ("a b.ü.c%2F", ".x.y", "~.-._", "sealed.x.y", f"{'ü' * 40}.x.y"):
        write(tmp_path, [event(0, scope=scope, kind="some kind/é")])
    names = {path.name for path in tmp_path.iterdir()}
    assert {"a%20b.%C3%BC.c%252F", "%2Ex.y", "%7E.-._", "sealed.x.y"} < names
    assert max(map(len, names)) == 217
    frame = Archive(tmp_path).scan("some kind/é").collect()
    assert set(frame["company"]) == {"a b", "", "~", "sealed", "ü" * 40}
    for scope in {stream.scope for stream in Archive(tmp_path).streams()}:
        assert seal(tmp_path, scope) == 1
    assert Archive(tmp_path).scan("some kind/é").collect().height == 5
