"""`minerlib up`: the whole workbench as its user runs it, on a broker of its own."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psutil
import pytest

from minerlib.archive import Archive
from minerlib.bus.broker import running_url
from minerlib.bus.publish import Publisher
from minerlib.errors import ArchiveError
from minerlib.nodes.parts import available

from .processes import Process, until


class Up(Process):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "up", MINERLIB_SOURCE="desk")
        self.state, self.archive = folder / "state", Archive(folder / "archive")

    def rows(self, kind: str) -> pl.DataFrame:
        try:
            return self.archive.scan(kind, repeats=True).collect()
        except ArchiveError:  # nothing of it was archived yet
            return pl.DataFrame()

    @property
    def url(self) -> str:
        until(lambda: running_url(self.state) is not None, 60, "a broker runs")
        return running_url(self.state) or ""


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    with Up(tmp_path) as found:
        yield found


def test_up_archives_this_machine_and_whoever_else_speaks(up: Up, tmp_path: Path):
    """A stranger's first event, bad bytes and a short key are kept like its own readings; Ctrl-C leaves nothing."""
    for kind in ("cpu.usage", "load.average", "memory.usage", "disk.usage", "network.bytes"):
        until(lambda kind=kind: up.rows(kind).height > 0, 60, f"{kind} is archived")
    assert set(up.rows("cpu.usage")["source"]) == {"desk"}
    assert 0 <= up.rows("memory.usage")["used_pct"][0] <= 100

    with Publisher(up.url, "stranger") as publisher:
        publisher.send("acme.web.prod.web-17.backup.done", b'{"ok": true}', id="from a shell script")
        publisher.send("local.lab.dev.desk.log.app", b"\xff\xfe no json", id="bad")
        publisher.send("local.lab.dev.desk.log.app", b'{"fine": 1}', id="good")
        publisher.send("short.key", b"{}", id="short")
    until(lambda: up.rows("backup.done").height == 1, 20, "the new environment is archived")
    assert up.rows("backup.done").select("company", "source", "ok").rows() == [("acme", "web-17", True)]

    until(lambda: up.rows("log.app").height == 2, 20, "both log events are archived")
    bad, good = up.rows("log.app").sort("offset").select("raw", "fine").rows()
    assert (bad, good) == ((b"\xff\xfe no json", None), (None, 1.0))
    until(lambda: up.rows("node.error").height == 1, 20, "the bad body was said")
    assert up.rows("node.error").select("what", "bytes").rows() == [("unreadable", 10.0)]
    until(lambda: up.rows("unreadable").height == 1, 20, "the short key is archived")
    assert up.rows("unreadable")["source"][0] == "short/key"

    with Process(tmp_path / "second", "up", MINERLIB_STATE=str(up.state)) as second:
        assert second.process.wait(30) == 2
        assert "runs in" in second.said

    children = psutil.Process(up.process.pid).children(recursive=True)
    assert len(children) >= 4
    assert up.interrupt() == 0
    assert running_url(up.state) is None
    until(lambda: not any(child.is_running() for child in children), 10, "every part has ended")
    assert "Traceback" not in up.said


def test_a_part_that_dies_is_started_again(up: Up):
    """kill -9 of the archiver costs nothing but a moment."""
    until(lambda: up.rows("cpu.usage").height > 0, 60, "the archive begins")
    archiver = next(p for p in psutil.Process(up.process.pid).children() if "archive" in p.cmdline())
    archiver.kill()
    before = up.rows("cpu.usage").height
    until(lambda: up.rows("cpu.usage").height > before + 3, 30, "the archive goes on")
    assert "archiver ended with -9" in up.said
    frame = up.rows("cpu.usage")
    assert frame.select("offset", "part").n_unique() == frame.height


def test_parts_end_when_up_is_killed(up: Up):
    """kill -9 of `up` itself leaves no part running for long."""
    until(lambda: up.rows("cpu.usage").height > 0, 60, "the archive begins")
    parts = [p for p in psutil.Process(up.process.pid).children() if "minerlib" in p.cmdline()]
    assert len(parts) == len(available())
    up.process.kill()
    up.process.wait()
    until(lambda: not any(part.is_running() for part in parts), 20, "every part has ended")
    from minerlib.bus import broker

    assert broker.stop(up.state)
