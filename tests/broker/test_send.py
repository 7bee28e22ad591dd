"""`minerlib send` on a real broker: lines of files and of pipes become events of the stream."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.moment import SECOND, read_time

from .conftest import read_until
from .processes import RUN, START
from .wire import Wire

Send = Callable[..., subprocess.Popen[bytes]]
NOON = read_time("2026-09-23T12:00:00Z") or 0


@pytest.fixture
def send(broker_url: str, environment: str, tmp_path: Path) -> Send:
    """Starts `minerlib send` of an environment, about web-1, in a folder of its own."""

    def start(*arguments: str, url: str = broker_url, **more: Any) -> subprocess.Popen[bytes]:
        mine = {"MINERLIB_BROKER_URL": url, "MINERLIB_SCOPE": environment, "MINERLIB_SOURCE": "web-1"}
        return subprocess.Popen(
            [sys.executable, "-c", START + RUN, "send", *arguments], env={**os.environ, **mine}, cwd=tmp_path,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more,
        )  # fmt: skip

    return start


def ended(process: subprocess.Popen[bytes], given: bytes = b"") -> tuple[int, str, str]:
    """Exit code, output, standard error."""
    out, err = process.communicate(given, timeout=60)
    return process.returncode, out.decode(), err.decode()


def test_files_of_all_forms(send: Send, broker_url: str, environment: str, tmp_path: Path) -> None:
    """NDJSON, CSV and text, in their order; a bad line costs itself and is said with its number; the exit code is 1."""
    (tmp_path / "a.ndjson").write_bytes(
        b'{"time": "2026-09-23T12:00:00Z", "n": 1}\n{"n":\n\n{"ts": 1790164801, "n": 2}\n'
    )
    (tmp_path / "b.csv").write_bytes(
        b"@timestamp,n,note\n2026-09-23T12:00:02Z,3,x\n1,2,3,4\n2026-09-23T14:00:03+02:00,4,\n"
    )
    (tmp_path / "c.log").write_bytes(b"it broke\n")
    code, out, err = ended(send("sent.lines", "a.ndjson", "b.csv", "c.log"))
    assert (code, out) == (1, f"Sent 5 events of sent.lines to {environment}. 2 lines left out.\n")
    assert err.splitlines() == [
        "Line 2 of a.ndjson is no JSON object: left out.",
        "Line 3 of b.csv has 4 cells, where 3 are named: left out.",
    ]
    events = read_until(Reader(broker_url, environment), lambda events: len(events) >= 5)
    assert {(event.kind, event.source, event.repeat) for event in events} == {("sent.lines", "web-1", False)}
    assert [event.time for event in events[:4]] == [NOON + n * SECOND for n in range(4)]
    bodies = [{name: value for name, value in event.body.items() if "time" not in name} for event in events]
    assert bodies == [{"n": 1}, {"ts": 1790164801, "n": 2}, {"n": 3, "note": "x"}, {"n": 4}, {"message": "it broke"}]


def test_a_field_of_times_and_one_of_sources(send: Send, broker_url: str, environment: str) -> None:
    """The field said is the time and goes from the body; a time without a zone needs one; `--json` sums it up."""
    lines = b"host,when,v\nweb-1.acme.com,2026-09-23 14:00,1\n,2026-09-23 14:00:01,2\ndb,soon,3\ndb,,4\n"
    columns = ("--format", "csv", "--time", "when", "--source-column", "host", "--json")
    code, out, err = ended(send("sent.times", *columns), lines)
    assert code == 1
    assert "Line 2 says '2026-09-23 14:00' in 'when', which names no zone (see --zone): left out." in err
    assert json.loads(out)["sent"] == 0
    code, out, err = ended(send("sent.times", *columns, "--zone", "Europe/Berlin"), lines)
    assert json.loads(out) == {
        "kind": "sent.times", "scope": environment, "sent": 2, "left_out": 2, "stopped": False,
        "lines": [
            {"file": "-", "line": 4, "said": "says 'soon' in 'when', which is no time that can be read"},
            {"file": "-", "line": 5, "said": "has no field 'when', which was to be its time"},
        ],
    }  # fmt: skip
    one, two = read_until(Reader(broker_url, environment), lambda events: len(events) >= 2)
    assert (one.source, one.time, one.body["v"]) == ("web-1/acme/com", NOON, 1)
    assert (two.source, two.time, two.body["v"]) == ("unknown", NOON + SECOND, 2)
    assert "when" not in one.body


def test_what_comes_is_published_before_the_end(send: Send, broker_url: str, environment: str) -> None:
    """As of `tail -f`: a line is an event while the input is open; Ctrl-C loses none, and is 130."""
    process = send("sent.live")
    assert process.stdin
    for number in range(3):
        process.stdin.write(b"line %d\n" % number)
        process.stdin.flush()
        wanted = number + 1
        events = read_until(Reader(broker_url, environment), lambda events, wanted=wanted: len(events) >= wanted)
        assert events[-1].body == {"message": f"line {number}"}
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert (code, out) == (130, f"Sent 3 events of sent.live to {environment}. Stopped before the end.\n")
    assert err == ""


def test_a_broken_wire_loses_nothing(send: Send, broker_url: str, environment: str, wire: Wire, tmp_path: Path) -> None:
    """Each of 20,000 lines is there once, though the connection was cut; what the wire had twice is marked."""
    (tmp_path / "many.ndjson").write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(20_000)))
    process = send("sent.many", "many.ndjson", url=wire.url)
    reader = Reader(broker_url, environment)

    def enough(events: list[Event]) -> bool:
        nonlocal cuts
        cuts += bool(len(events) > 3000 * cuts and cuts < 3 and wire.cut())
        return sum(not event.repeat for event in events) >= 20_000

    cuts = 0
    events = read_until(reader, enough, 60)
    code, out, _ = ended(process)
    assert (code, cuts) == (0, 3)
    assert out.startswith("Sent 20,000 events")
    assert [event.body["n"] for event in events if not event.repeat] == list(range(20_000))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["tick"], 2, "'tick' is no kind for events of yours"),
        (["a.b", "nowhere.csv"], 2, "nowhere.csv cannot be read: No such file or directory. Nothing was sent."),
        (["a.b", "--scope", "acme"], 2, "'acme' is not a scope"),
        (["a.b", "--source", "x", "--source-column", "y"], 2, "once"),
        (["a.b", "--zone", "Mars"], 2, "'Mars' is no time zone"),
        (["a.b", "--format", "csv"], 2, "The first line of standard input must name its columns"),
        (["a.b", "--url", "amqp://me:secret@127.0.0.1:1/"], 3, "Nothing listens"),
    ],
)
def test_one_sentence(send: Send, arguments: list[str], code: int, said: str) -> None:
    """What cannot be done is said in a sentence, with an exit code of its own."""
    found, _, err = ended(send(*arguments), b"1,2\n")
    assert (found, err.count("\n")) == (code, 1)
    assert said in err
    assert "secret" not in err
