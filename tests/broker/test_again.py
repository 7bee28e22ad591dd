"""`minerlib replay` on a real broker: the past of one environment is archived equal in another."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from archive.made import NOON, event, write

from minerlib.archive import seal
from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.moment import HOUR, SECOND, now

from .bench import Bench
from .conftest import read_until
from .processes import Process, until

FROM, TO = "acme.web.prod", "scratch.web.prod"
COUNT = 1200


def past(root: Path) -> list[Event]:
    """Two days of readings and logs, half of them sealed: objects, a list, bytes, a repeat, ticks and an alert."""

    def one(n: int) -> Event:
        said: dict[str, Any] = {"time": NOON + n * 2 * 60 * SECOND, "kind": ("cpu.usage", "log.app")[n % 2]}
        return event(n, {"n": n, "deep": {"er": [n]}, "text": "é"}, **said)

    events = [one(n) for n in range(COUNT)]
    at = {"time": NOON + 49 * HOUR}
    events += [
        event(COUNT, [1, 2], kind="cpu.usage", **at),
        event(COUNT + 1, None, kind="log.app", raw=b"\xff\n\x00", **at),
        event(COUNT + 2, {"n": 0}, kind="cpu.usage", repeat=True, **at),
        event(COUNT + 3, {}, kind="tick", **at),
        event(COUNT + 4, {"what": "raised"}, kind="alert.hot", **at),
    ]
    write(root, events[:700])
    seal(root, FROM)
    write(root, events[700:])
    return events


def said(event: Event) -> tuple[Any, ...]:
    """What an event says, but for its time."""
    body = event.body
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "time"}
    return event.source, event.kind, body, event.raw


def replay(url: str, root: Path, *arguments: str) -> tuple[int, str, str]:
    """`minerlib replay` of the past; its exit code, output, and standard error."""
    words = ["replay", "--scope", FROM, "--archive", str(root), "--url", url, *arguments]
    done = subprocess.run(
        [sys.executable, "-m", "minerlib", *words], capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_what_was_replayed_is_archived_equal(bench: Bench, tmp_path: Path) -> None:
    """In its order, with its bodies, as fast as it goes and with the times it had; own kinds only where named."""
    events = past(tmp_path / "past")
    code, out, err = replay(bench.url, tmp_path / "past", "#", "--to", TO, "--speed", "max", "--times", "kept")
    assert (code, err) == (0, "")
    assert out.startswith(f"Replayed {COUNT + 2:,} events of {FROM} into {TO}, seen 2026-09-23T12:00:00Z to 2026-09-25")
    found: list[Event] = []

    def archived() -> bool:
        found[:] = bench.archive.each(("#", "alert.#"), scope=TO)
        return len(found) >= COUNT + 2

    until(archived, 60, "the replayed events are archived")
    wanted = events[: COUNT + 2]
    assert [said(each) for each in found] == [said(each) for each in wanted]
    assert [each.time for each in found] == [each.time for each in wanted]

    code, out, _ = replay(bench.url, tmp_path / "past", "alert.#", "--to", TO, "--speed", "max", "--json")
    told = json.loads(out)
    assert (code, told["events"], told["left_out"], told["stopped"]) == (0, 1, 0, False)
    assert (told["first"], told["from"], told["to"]) == ("2026-09-25T13:00:00.000000Z", FROM, TO)
    until(lambda: bool(archived() and len(found) == COUNT + 3), 20, "the alert is archived")
    assert found[-1].kind == "alert.hot"


def test_times_are_moved_and_scaled(broker_url: str, scope: str, tmp_path: Path) -> None:
    """At 3600x an hour takes a second: of the wall, and of the times that the events say."""
    past(tmp_path)
    begun = now()
    hours = ("--until", "2026-09-23T14:00:00Z", "--to", scope, "--speed", "3600x")
    code, *_ = replay(broker_url, tmp_path, "cpu.usage", *hours)
    assert code == 0
    took = now() - begun
    found = read_until(Reader(broker_url, scope), lambda events: len(events) >= 30)
    assert [each.body["n"] for each in found] == list(range(0, 60, 2))
    times = [each.time - found[0].time for each in found]
    assert times == [pytest.approx(n * 4 * 60 * SECOND / 3600, abs=1) for n in range(30)]
    assert begun < found[0].time < found[-1].time < begun + took


def test_ctrl_c_says_how_far_it_came(broker_url: str, scope: str, tmp_path: Path) -> None:
    """What was given is confirmed, and the exit code is 130."""
    past(tmp_path / "past")
    words = ["cpu.usage", "--scope", FROM, "--archive", str(tmp_path / "past"), "--to", scope, "--speed", "240x"]
    with Process(tmp_path / "run", "replay", *words, MINERLIB_BROKER_URL=broker_url) as process:
        reader = Reader(broker_url, scope)
        read_until(reader, lambda events: len(events) >= 2, 60)
        process.process.send_signal(signal.SIGINT)
        assert process.process.wait(20) == 130
        count = int(process.told.split()[1])
        assert f"events of {FROM} into {scope}, seen 2026-09-23T12:00:00Z to 2026-09-23T12" in process.told
        assert process.told.endswith("Stopped before the end.\n")
        assert process.said == ""
    assert 2 <= count < COUNT // 2
    assert len(read_until(Reader(broker_url, scope), lambda events: len(events) >= count)) == count


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["#", "--to", FROM], 2, f"{FROM} is the environment that is read"),
        (["tick", "--to", TO], 2, "Ticks are the clock"),
        (["#", "--to", "scratch"], 2, "'scratch' is not a scope"),
        (["#", "--to", TO, "--speed", "fast"], 2, "'fast' is no speed"),
        (["cpu.usag", "--to", TO], 5, "did you mean cpu.usage?"),
        (["cpu.usage", "--to", TO, "--since", "2030-01-01"], 5, "was seen in acme.web.prod between these moments"),
        (["cpu.usage", "--to", TO, "--url", "amqp://me:secret@127.0.0.1:1/"], 3, "Nothing listens"),
    ],
)
def test_one_sentence(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    """What cannot be meant is said before anything is published."""
    write(tmp_path, [event(0)])
    found, _, err = replay("amqp://127.0.0.1:1/", tmp_path, *arguments)
    assert (found, err.count("\n")) == (code, 1)
    assert said in err
    assert "secret" not in err
