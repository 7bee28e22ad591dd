"""The nightly check: when, and that nothing that becomes of it is more than said."""

import threading
import time
from pathlib import Path

import pytest

from minerlib.errors import SettingError
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND
from minerlib.nodes import nightly
from minerlib.nodes.nightly import Nights, run_nightly, verify_at, verify_night

MIDNIGHT = 20_000 * DAY
AT = 3 * HOUR + 17 * MINUTE


def test_a_night_is_passed_once():
    """At the moment itself; not at first sight, not again, each stream by its own clock."""
    nights = Nights(AT)
    night = MIDNIGHT + AT
    assert nights.passed({"a.b.c": night - 1, "x.y.z": night}) == {}
    assert nights.passed({"a.b.c": night - 1}) == {}
    assert nights.passed({"a.b.c": night, "x.y.z": night + HOUR}) == {"a.b.c": night}
    assert nights.passed({"a.b.c": night + DAY - 1, "x.y.z": night + HOUR}) == {}
    assert nights.passed({"a.b.c": night + DAY, "x.y.z": night + DAY}) == {"a.b.c": night + DAY, "x.y.z": night + DAY}


def test_nights_that_nobody_was_there_are_one():
    """A machine that was off for a week verifies the last day."""
    nights = Nights(AT)
    nights.passed({"a.b.c": MIDNIGHT})
    assert nights.passed({"a.b.c": MIDNIGHT + 7 * DAY}) == {"a.b.c": MIDNIGHT + 6 * DAY + AT}
    assert nights.passed({"a.b.c": MIDNIGHT + 7 * DAY}) == {}


def test_streams_are_verified_a_day_and_an_hour_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """As their clocks pass the time of day; one after another."""
    clocks = {"a.b.c": MIDNIGHT, "x.y.z": MIDNIGHT}
    done, stop = list[tuple[str, int]](), threading.Event()

    def night(url: str, root: Path, scope: str, since: int, *_: object) -> None:
        done.append((scope, since))
        stop.set()

    monkeypatch.setattr(nightly, "verify_night", night)
    thread = threading.Thread(target=run_nightly, args=("", tmp_path, AT, clocks, stop, print))
    thread.start()
    time.sleep(1.5)
    assert done == []
    clocks["x.y.z"] += AT
    thread.join(10)
    assert not thread.is_alive()
    assert done == [("x.y.z", MIDNIGHT + AT - DAY - HOUR)]


def test_never_ends_at_once(tmp_path: Path):
    """Nobody waits for nothing."""
    run_nightly("", tmp_path, None, {}, threading.Event(), print)


def test_a_check_that_fails_is_said(tmp_path: Path):
    """And is all: the archiver goes on."""
    (tmp_path / "holiday.jpg").touch()
    told: list[str] = []
    verify_night("amqp://127.0.0.1:1/", tmp_path, "a.b.c", 0, threading.Event(), told.append)
    assert told == ["The check of a.b.c ended with 5: minerlib verify --scope a.b.c says why."]


def test_a_check_ends_with_the_archiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is not waited for, and not said to have failed."""
    (tmp_path / "slow").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "slow").chmod(0o755)
    monkeypatch.setattr("sys.executable", str(tmp_path / "slow"))
    stop, told = threading.Event(), list[str]()
    threading.Timer(0.5, stop.set).start()
    begun = time.monotonic()
    verify_night("", tmp_path, "a.b.c", 0, stop, told.append)
    assert 0.4 < time.monotonic() - begun < 5
    assert told == []


def test_a_check_that_cannot_begin_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No Python there any more, no memory for another process."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "gone"))
    told: list[str] = []
    verify_night("", tmp_path, "a.b.c", 0, threading.Event(), told.append)
    assert "not verified tonight" in told[0]


@pytest.mark.parametrize(
    ("said", "micros"), [(None, AT), ("never", None), ("00:00", 0), ("23:59", 23 * HOUR + 59 * 60 * SECOND)]
)
def test_the_time_of_day_is_a_setting(monkeypatch: pytest.MonkeyPatch, said: str | None, micros: int | None):
    """17 minutes past 3 where nothing is said."""
    if said is not None:
        monkeypatch.setenv("MINERLIB_VERIFY_AT", said)
    assert verify_at() == micros


@pytest.mark.parametrize("said", ["3:17", "24:00", "03:17 CET", "noon", "03:60"])
def test_what_is_no_time_of_day_is_refused(monkeypatch: pytest.MonkeyPatch, said: str):
    """In a sentence that says what to write."""
    monkeypatch.setenv("MINERLIB_VERIFY_AT", said)
    with pytest.raises(SettingError, match="write a time of day"):
        verify_at()
