"""A disk without room: the archiver waits at its offset, says so, and goes on; nothing is lost."""

from pathlib import Path

import polars as pl
import psutil
import pytest

from minerlib.archive import Archive
from minerlib.bus.publish import Publisher
from minerlib.errors import ArchiveError

from .processes import Process, until


def stored(archive: Archive, scope: str) -> list[int]:
    try:
        frame = archive.scan("x.y", scope=scope, repeats=True).collect()
    except ArchiveError:
        return []
    return sorted(frame["n"].cast(pl.Int64).to_list())


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="the room of another process is limited on Linux only")
def test_an_archiver_waits_for_room(broker_url: str, environment: str, tmp_path: Path):
    """With no room for another page it stores nothing by halves; with room again, everything."""
    archive = Archive(tmp_path / "archive")
    with Process(tmp_path, "collect", "archive", MINERLIB_BROKER_URL=broker_url) as archiver:
        with Publisher(broker_url, "p") as publisher:
            publisher.publish(environment, "web", "x.y", {"n": 0})
            publisher.flush()
            until(lambda: stored(archive, environment) == [0], 30, "the archive begins")
            process = psutil.Process(archiver.process.pid)
            before = process.rlimit(psutil.RLIMIT_FSIZE)
            process.rlimit(psutil.RLIMIT_FSIZE, (4096, before[1]))
            for number in range(1, 3000):
                publisher.publish(environment, "web", "x.y", {"n": number, "filler": "x" * 200})
            publisher.flush()
        until(lambda: "cannot be written" in archiver.said, 30, "it says that there is no room")
        assert archiver.process.poll() is None
        process.rlimit(psutil.RLIMIT_FSIZE, before)
        until(lambda: len(stored(archive, environment)) == 3000, 60, "everything is archived")
        assert stored(archive, environment) == list(range(3000))
        again = f"There is room again: archiving of {environment} goes on."
        until(lambda: again in archiver.said, 30, "it says that there is room again")
        assert archiver.said.count(again) == 1


def test_an_archive_that_is_a_file(broker_url: str, environment: str, tmp_path: Path):
    """Where a folder cannot be, the archiver says so and waits."""
    (tmp_path / "archive").write_text("not a folder")
    with Process(tmp_path, "collect", "archive", MINERLIB_BROKER_URL=broker_url) as archiver:
        until(lambda: "archive" in archiver.said and "annot" in archiver.said, 30, "it says what is wrong")
        assert "Traceback" not in archiver.said
