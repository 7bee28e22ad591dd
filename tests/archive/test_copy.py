"""Status and copies: what is said of an archive is so, and a copy taken at any time is one to go on with."""

import threading
from pathlib import Path

import pytest

from minerlib.archive import Archive, Today, load, seal
from minerlib.archive.copy import copy
from minerlib.archive.status import status
from minerlib.archive.upkeep import maintain
from minerlib.errors import ArchiveError
from minerlib.event.moment import DAY

from .made import NOON, SCOPE, event, kept, position, write


def test_status(tmp_path: Path) -> None:
    """Streams: days, what is not sealed, where the archiver is, what retention took. Kinds: files, dates, bytes."""
    assert status(tmp_path) == ([], [])
    write(tmp_path, [event(n, time=NOON + n * DAY // 2) for n in range(4)])
    seal(tmp_path, SCOPE)
    today = Today(tmp_path, SCOPE)
    today.gap("e1", 4, 8)
    today.write([event(9, kind="disk.usage", time=NOON + 2 * DAY)], position(9))
    today.close()
    found = status(tmp_path)
    (stream,) = found.streams
    assert (stream.scope, stream.days, stream.unsealed, stream.gone) == (SCOPE, 3, 1, 5)
    assert (stream.epoch, stream.offset, stream.seen) == ("e1", 9, "2026-09-25T12:00:00.000000Z")
    (kind,) = found.kinds
    assert (kind.kind, kind.events, kind.files, kind.dates) == ("cpu.usage", 4, 3, 3)
    assert (kind.first, kind.last) == ("2026-09-23", "2026-09-25")
    on_disk = sum(path.stat().st_size for path in (tmp_path / "sealed").rglob("*.parquet"))
    assert kind.bytes == on_disk
    stored = [path for path in (tmp_path / SCOPE).iterdir() if path.suffix != ".sqlite-shm"]
    assert stream.bytes == sum(path.stat().st_size for path in stored)


def test_a_copy_is_an_archive(tmp_path: Path) -> None:
    """The same events, also those that were loaded; an archiver goes on with it, and nothing is there twice."""
    root, to = tmp_path / "archive", tmp_path / "copy"
    write(root, [event(n) for n in range(50)])
    seal(root, SCOPE)
    write(root, [event(n, {"size": n}, kind="größe") for n in range(50, 60)])
    (tmp_path / "old.csv").write_text("time,value\n2024-01-01T00:00:00Z,1\n")
    load(tmp_path / "old.csv", "cpu.usage", "web-1", "acme.web.history", archive=root)
    said: list[tuple[int, int]] = []
    assert copy(root, to, lambda done, size: said.append((done, size))) > 0
    assert said[-1][0] == said[-1][1] > 0
    assert kept(to) == kept(root)
    assert Today(to, SCOPE).position == position(59)
    write(to, [event(n) for n in range(60, 70)])
    seal(to, SCOPE)
    assert len(kept(to)) == 71
    with pytest.raises(ArchiveError, match="is there already"):
        copy(root, to)


def test_a_copy_while_it_is_written(tmp_path: Path) -> None:
    """What was sealed or compacted meanwhile is there once; what the copy lacks is read again from its position."""
    root, stop, batches = tmp_path / "archive", threading.Event(), 0

    def batch(n: int) -> list:
        return [event(n * 10 + m, time=NOON + n * DAY // 6) for m in range(10)]

    def writer() -> None:
        nonlocal batches
        while not stop.is_set():
            write(root, batch(batches))
            batches += 1
            seal(root, SCOPE)
            maintain(root, [], NOON + 99 * DAY)

    write(root, [event(0)])
    thread = threading.Thread(target=writer)
    thread.start()
    try:
        for number in range(6):
            to = tmp_path / f"copy-{number}"
            copy(root, to)
            at = Today(to, SCOPE).position
            assert at
            found = [offset for offset, _ in kept(to)]
            assert found == list(range(len(found)))
            assert len(found) > at.offset
            for n in range(at.offset // 10 + 1, batches):
                write(to, batch(n))
            seal(to, SCOPE)
            again = [offset for offset, _ in kept(to)]
            assert again == list(range(len(again)))
            assert len(again) >= len(found)
            assert Archive(to).kinds()["events"].sum() == len(again)
    finally:
        stop.set()
        thread.join()
