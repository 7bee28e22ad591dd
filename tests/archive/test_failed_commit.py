"""A commit is done, and fails after that: what it wrote stays, as the log names it."""

import os
from contextlib import suppress
from pathlib import Path
from unittest.mock import Mock

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from minerlib.archive import seal
from minerlib.archive.check.verify import verify
from minerlib.archive.compact import compact
from minerlib.archive.places import sealed_dir
from minerlib.errors import ArchiveFull

from .made import SCOPE, after_commit, event, kept, write

EVENTS = [(n, 0) for n in range(4)]


@pytest.mark.parametrize("merging", [False, True])
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), DeltaError("its checkpoint cannot be written"), OSError("full")]
)
def test_it_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, merging: bool):
    """Ctrl-C, and what an operating system says."""
    done = after_commit(monkeypatch, error)
    for n, _ in EVENTS:
        write(tmp_path, [event(n)])
        if n == 3 and not merging:
            done.append(0)
        with suppress(KeyboardInterrupt, ArchiveFull):
            seal(tmp_path, SCOPE)
    if merging:
        done.append(0)
        with suppress(KeyboardInterrupt, ArchiveFull):
            compact(tmp_path, "cpu.usage")
    assert done == [0, 1]
    assert kept(tmp_path) == EVENTS
    seal(tmp_path, SCOPE)
    assert kept(tmp_path) == EVENTS
    assert [each for each in verify(tmp_path) if each.broken] == []


def test_a_checkpoint_that_cannot_be_written(tmp_path: Path):
    """Delta writes one by itself every so many commits, after the commit: it is said, and the next sealing goes on."""
    said = list[str]()
    for n in range(25):
        write(tmp_path, [event(n)])
        try:
            seal(tmp_path, SCOPE)
        except ArchiveFull as error:
            said.append(str(error))
        for entry in range(40 if n == 0 else 0):  # there is something else where it is to be
            (sealed_dir(tmp_path) / "cpu.usage" / "_delta_log" / f"{entry:020}.checkpoint.parquet").mkdir()
    assert len(said) == 1
    assert "cannot be written" in said[0]
    assert kept(tmp_path) == [(n, 0) for n in range(25)]


@pytest.mark.parametrize("merging", [False, True])
def test_a_disk_that_does_not_say_that_it_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merging: bool):
    """It could be gone when the power fails: SQLite does not say that it is sealed, and nothing takes its place."""
    for n, _ in EVENTS:
        write(tmp_path, [event(n)])
        if merging or n < 3:
            seal(tmp_path, SCOPE)
    files = DeltaTable(str(sealed_dir(tmp_path) / "cpu.usage")).file_uris()
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", Mock(side_effect=OSError("Input/output error")))
        with pytest.raises(ArchiveFull, match="Input/output error"):
            compact(tmp_path, "cpu.usage") if merging else seal(tmp_path, SCOPE)
    assert kept(tmp_path) == EVENTS
    assert DeltaTable(str(sealed_dir(tmp_path) / "cpu.usage")).file_uris() == files
    assert seal(tmp_path, SCOPE) == (0 if merging else 1)
    assert kept(tmp_path) == EVENTS


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux says what a number of a file stands for")
def test_what_is_sealed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Each file, each entry of the log and each folder's name, also of a table that is new or gains a column."""
    settled, real = set[str](), os.fsync

    def fsync(opened: int) -> None:
        real(opened)
        settled.add(str(Path(f"/proc/self/fd/{opened}").readlink()))

    monkeypatch.setattr("os.fsync", fsync)
    for n, body in enumerate([{"a": 1}, {"b": 1}, {"b": 2}]):
        write(tmp_path, [event(n, body)])
        seal(tmp_path, SCOPE)
    place = sealed_dir(tmp_path) / "cpu.usage"
    assert {*DeltaTable(str(place)).file_uris(), *map(str, place.glob("_delta_log/*.json"))} <= settled
    assert {*map(str, (tmp_path, place.parent, place, place / "_delta_log"))} <= settled
    assert len(list(place.glob("_delta_log/*.json"))) == 1 + 2 + 2 + 1
