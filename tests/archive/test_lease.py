"""One process at a time: who holds a folder, and what another one does meanwhile."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from minerlib.archive import seal
from minerlib.archive.lease import Lease
from minerlib.archive.upkeep import maintain
from minerlib.errors import ArchiveError, ArchiveFull

from .made import NOON, SCOPE, event, write

HOLD = """
import sys, time
from pathlib import Path
from minerlib.archive.lease import Lease
lease = Lease(Path(sys.argv[1]))
lease.take()
print("held", flush=True)
time.sleep(600)
"""


class Held:
    """A folder that another process holds until it is killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "held\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self.process.stdout:
            self.process.stdout.close()


def test_a_second_waits_and_takes_over(tmp_path: Path) -> None:
    """Within two seconds of the first one's end, though that was killed; it is told once whom it waits for."""
    told: list[str] = []
    lease = Lease(tmp_path)
    with Held(tmp_path) as other:
        timer = threading.Timer(1.2, other.kill)
        timer.start()
        assert lease.take(waiting=told.append)
        timer.join()
        assert other.process.returncode == -9
    assert len(told) == 1
    assert told[0].startswith(f"process {other.process.pid} on ")
    assert lease.take()
    lease.release()


def test_it_is_taken_soon(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    with Held(tmp_path) as other:
        waiter = threading.Thread(target=lease.take)
        waiter.start()
        other.kill()
        waiter.join(2)
        assert not waiter.is_alive()
    lease.release()


def test_who_waits_can_be_stopped(tmp_path: Path) -> None:
    stop, lease = threading.Event(), Lease(tmp_path)
    with Held(tmp_path):
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        assert not lease.take(stop)
        assert time.monotonic() - began < 2
        with pytest.raises(ArchiveError, match=r"in the hands of process \d+ on .*: stop that first"), lease:
            pytest.fail("it was not held")
    with lease, pytest.raises(ArchiveError), Lease(tmp_path):
        pytest.fail("it was held twice")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(ArchiveFull, match="folder cannot be written"):
        Lease(tmp_path / "folder").take()


def test_upkeep_is_one_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, [event(0)])
    seal(tmp_path, SCOPE)
    said: list[str] = []
    with Held(tmp_path) as other:
        timer = threading.Timer(0.5, other.kill)
        timer.start()
        assert [each.failed for each in maintain(tmp_path, [], NOON, lambda what, *_: said.append(what))] == [""]
        timer.join()
    assert len(said) == 1
    assert said[0].startswith(f"waiting for process {other.process.pid} on ")
    with Lease(tmp_path):
        pass
