"""The journal is in the archive entry by entry, through rotations and kill -9; real journals, read by journalctl."""

import contextlib
import signal
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import polars as pl
import pytest

from minerlib.bus.reader import Reader
from minerlib.errors import SettingError
from minerlib.event import Event
from minerlib.nodes.journal import GONE, publish_journal

from .bench import SCOPE, Bench
from .conftest import read_until
from .journals import BEGUN, Journal, needs_journal
from .processes import Process, until

pytestmark = needs_journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


@contextlib.contextmanager
def followed(url: str, journal: Journal, since: str | None = None) -> Generator[list[str]]:
    """The node as a thread; what it tells."""
    stop, told = threading.Event(), list[str]()
    arguments = ([f"--directory={journal.folder}"], since, url, stop, told.append)
    thread = threading.Thread(target=publish_journal, args=arguments)
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def read(broker_url: str, environment: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[Event]]:
    """Reads so many events of an environment, which is where we publish."""
    monkeypatch.setenv("MINERLIB_SCOPE", environment)
    monkeypatch.setenv("MINERLIB_SOURCE", "desk")
    return lambda count: read_until(Reader(broker_url, environment), lambda events: len(events) >= count, 60)


def messages(events: list[Event]) -> list[str]:
    return [event.body["message"] for event in events if event.kind != "node.error"]


def test_entries_of_every_sort(broker_url: str, journal: Journal, read: Callable[[int], list[Event]]):
    """Text, lines, bytes, more than a page; each with its time, host, kind and priority."""
    journal.write("one")
    journal.write("two\nlines", b"caf\xe9", "x" * 100_000, PRIORITY="3")
    journal.write("no name", SYSLOG_IDENTIFIER="a.very " + "long." * 60)
    with followed(broker_url, journal, since="2000-01-01"):
        events = read(5)
    assert [event.time for event in events] == [BEGUN + 1000 * number for number in range(5)]
    assert {event.source for event in events} == {"gate"}
    assert [event.kind for event in events] == [*["log.sshd"] * 4, "log.journal"]
    assert [event.body["priority"] for event in events] == ["notice", "err", "err", "err", "notice"]
    assert messages(events)[:3] == ["one", "two\nlines", "caf�"]
    assert events[3].body["bytes"] == 100_000
    assert "too long" in events[4].body["fault"]


def test_it_begins_with_the_next_entry_and_goes_on_behind_it(
    broker_url: str, journal: Journal, read: Callable[[int], list[Event]], tmp_path: Path
):
    """What was there before is history, unless --since asks for it; what comes while it is away is not."""
    journal.write("old")
    with followed(broker_url, journal):
        until(lambda: any((tmp_path / "state").glob("journal.*.cursor")), 30, "it knows where it begins")
        journal.write("a")
        assert messages(read(1)) == ["a"]
    journal.write("b")
    journal.rotate()
    journal.write("c")
    with followed(broker_url, journal) as told:
        assert messages(read(3)) == ["a", "b", "c"]
        journal.rotate()
        journal.write("d")
        assert messages(read(4)) == ["a", "b", "c", "d"]
    assert told == []


def test_a_place_that_is_gone_is_said_and_the_next_entry_is_not_lost(
    broker_url: str, journal: Journal, read: Callable[[int], list[Event]]
):
    """Where the journal was vacuumed meanwhile; `journalctl --after-cursor` would leave out `c`."""
    journal.write("a")
    with followed(broker_url, journal, since="2000-01-01"):
        assert messages(read(1)) == ["a"]
    journal.write("b")
    journal.rotate().unlink()
    journal.write("c", "d")
    with followed(broker_url, journal) as told:
        events = read(4)
    assert messages(events) == ["a", "c", "d"]
    assert told == [GONE]
    assert [event.body["said"] for event in events if event.kind == "node.error"] == [GONE]


def test_where_there_is_no_journal_is_said(broker_url: str, journal: Journal):
    """In journalctl's words."""
    with pytest.raises(SettingError, match=r"journalctl cannot read the journal: .*nowhere"):
        publish_journal(["--directory=/nowhere"], None, broker_url, threading.Event(), print)


@pytest.mark.timeout(180)
def test_killed_at_any_moment(bench: Bench, journal: Journal, tmp_path: Path):
    """kill -9 three times, with rotations, and once with what it said not saved: each entry is in the archive once."""
    mine = {"MINERLIB_BROKER_URL": bench.url, "MINERLIB_SCOPE": SCOPE}
    words = ("collect", "journal", "--since", "2000-01-01", "--directory", str(journal.folder))
    node = tmp_path / "node"
    wanted: list[str] = []

    def archived(count: int) -> None:
        until(lambda: bench.rows("log.sshd").height >= count, 60, f"{count} entries are in the archive")

    for number in range(4):
        before = {path: path.read_bytes() for path in node.rglob("*.cursor")}
        new = [f"{number} {each}" for each in range(150)]
        wanted += new
        with Process(node, *words, **mine) as process:
            journal.write(*new[:100])
            archived(len(wanted) - 149)
            if number % 2:
                journal.rotate()
            journal.write(*new[100:])
            if number == 2:
                archived(len(wanted))
            process.process.send_signal(signal.SIGKILL)
            process.process.wait()
        if number == 2:  # as if it had not come to save what was confirmed
            for path, cursor in before.items():
                path.write_bytes(cursor)
    wanted.append("last")
    journal.write("last")
    with Process(node, *words, **mine) as process:
        archived(len(wanted))
        assert process.interrupt() == 0, process.said
    found: pl.DataFrame = bench.rows("log.sshd")
    assert sorted(found["message"]) == sorted(wanted)
    assert bench.archive.scan("log.sshd", scope=SCOPE, repeats=True).collect().height > len(wanted)
