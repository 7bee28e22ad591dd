"""Log lines are in the archive once each, through rotations and kill -9: 10,000 lines, and 100,000 in `make chaos`."""

import contextlib
import gzip
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from minerlib.archive import Archive
from minerlib.bus import broker
from minerlib.errors import ArchiveError

from .processes import Process, until

WHOLE = "MINERLIB_CHAOS_ROUNDS" in os.environ
LINES = 100_000 if WHOLE else 10_000
ROTATIONS, KILLS = 20, 10
SCOPE = "logs.sys.env"

pytestmark = pytest.mark.timeout(600 if WHOLE else 180)


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Clock and archiver on a broker of their own; the environment of those that publish to it."""
    state = tmp_path / "state"
    mine = {"MINERLIB_BROKER_URL": broker.start(state), "MINERLIB_SCOPE": SCOPE}
    try:
        with Process(tmp_path, "clock", **mine), Process(tmp_path, "collect", "archive", **mine):
            yield mine
    finally:
        broker.stop(state)


def rotate(path: Path, number: int) -> None:
    """Renamed, copied and emptied, or renamed and compressed, in turns."""
    old = Path(f"{path}.{number}")
    if number % 3 == 1:
        old.write_bytes(path.read_bytes())
        os.truncate(path, 0)
        return
    path.rename(old)
    path.touch()
    if number % 3 == 2:
        stat = old.stat()
        with gzip.open(f"{old}.gz", "wb") as file:
            file.write(old.read_bytes())
        os.utime(f"{old}.gz", ns=(stat.st_atime_ns, stat.st_mtime_ns))
        old.unlink()


def archived(folder: Path, repeats: bool = False) -> pl.DataFrame:
    try:
        return Archive(folder / "archive").scan("log.app", scope=SCOPE, repeats=repeats).collect()
    except ArchiveError:
        return pl.DataFrame(schema={"message": pl.String})


def write(path: Path, first: int, count: int) -> int:
    with path.open("a") as file:
        file.writelines(f"line {first + n} of many\n" for n in range(count))
    return count


def saved(places: Path) -> int:
    """The place in the newest generation."""
    with contextlib.closing(sqlite3.connect(places)) as db:
        row = db.execute("select offset from places order by number desc limit 1").fetchone()
        return row[0] if row else 0


def said_and_not_saved(folder: Path, path: Path, written: int, kill: Callable[[], None]) -> int:
    """Kills the node when lines are in the archive, and it could not save its place behind them; how many lines."""
    places = folder / "state" / "logs.sqlite"
    until(lambda: archived(folder).height >= written, 120, "it has caught up")
    until(lambda: saved(places) == path.stat().st_size, 60, "its place is saved")
    with contextlib.closing(sqlite3.connect(places, isolation_level=None)) as lock:
        lock.execute("begin immediate")
        more = write(path, written, LINES // 200)
        until(lambda: archived(folder).height >= written + more, 60, "they are in the archive")
        kill()
    return more


def test_each_line_once(tmp_path: Path, workbench: dict[str, str]) -> None:
    """Lines through 20 rotations, the node killed -9 ten times: each is in the archive once, repeats left out."""
    path = tmp_path / "app.log"
    path.touch()
    node = Process(tmp_path, "collect", "logs", str(path), **workbench)
    written, share, kills = 0, LINES // ROTATIONS, 0

    def kill() -> None:
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()

    try:
        written += write(path, 0, 10)  # what is rotated before the first look is not read
        until(lambda: archived(tmp_path).height == written, 60, "the node runs")
        for number in range(ROTATIONS):
            for part in range(5):
                written += write(path, written, share // 5)
                if part == 2 and number % 2:
                    if number % 4 == 1:
                        written += said_and_not_saved(tmp_path, path, written, kill)
                    else:
                        seen = archived(tmp_path).height
                        until(lambda seen=seen: archived(tmp_path).height > seen, 60, "it publishes")
                        kill()
                    kills += 1
                    node = Process(tmp_path, "collect", "logs", str(path), **workbench)
            rotate(path, number)
        until(lambda: archived(tmp_path).height >= written, 240 if WHOLE else 90, "all of them are in the archive")
        code = node.interrupt()
        assert code == 0, node.said
    finally:
        node.__exit__()
    found, sent = archived(tmp_path), archived(tmp_path, repeats=True)
    assert found["message"].n_unique() == found.height == written >= LINES
    assert set(found["message"]) == {f"line {n} of many" for n in range(written)}
    assert kills == KILLS
    assert sent.height > found.height  # it was killed in time to say something again
