"""`minerlib tap` as a person or a script runs it."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import declare_base

ESCAPE = "\x1b[2Jwiped\x9b2J\u202e"


@pytest.fixture
def flow(broker_url: str) -> Iterator[str]:
    """A broker with events flowing, fifty a second, that try to steer the terminal; its URL."""
    connection = connect(broker_url, "test")
    declare_base(connection, broker_url)
    connection.close()
    stop = threading.Event()

    def run() -> None:
        with Publisher(broker_url, "command") as publisher:
            for number in count():
                publisher.publish("acme.web.prod", "web-1", "shell.test", {"n": number, "text": ESCAPE})
                if stop.wait(0.02):
                    return

    thread = threading.Thread(target=run)
    thread.start()
    yield broker_url
    stop.set()
    thread.join()


def start(url: str, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MINERLIB_BROKER_URL": url, "TERM": "xterm-256color", "COLUMNS": "120"}
    command = [sys.executable, "-m", "minerlib", "tap", *arguments]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, env=environment)


def test_lines(flow: str) -> None:
    """Without a terminal: a line an event, nothing that steers one, and the counts on stderr."""
    out, err = start(flow, "shell.#", "--for", "1s").communicate(timeout=30)
    lines = out.decode().splitlines()
    assert len(lines) > 10
    assert all(" acme.web.prod web-1 shell.test " in line for line in lines)
    assert b"\x1b" not in out
    assert err.decode().strip() == f"received {len(lines)} · shown {len(lines)} · dropped 0"


def test_json(flow: str) -> None:
    """With --json: one object a line that steers no terminal, the body as it was."""
    process = start(flow, "shell.#", "--json", "--for", "1s")
    told = process.communicate(timeout=30)[0].decode()
    assert not {"\x1b", "\x9b", "\u202e"} & {*told}
    events = [json.loads(line) for line in told.split("\n") if line]
    assert process.returncode == 0
    assert events[0]["kind"] == "shell.test"
    assert events[0]["body"]["text"] == ESCAPE
    numbers = [event["body"]["n"] for event in events]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_terminal_and_ctrl_c(flow: str) -> None:
    """On a terminal: colours, no event's escape sequence, and Ctrl-C ends it in good order."""
    ours, theirs = pty.openpty()
    process = start(flow, "shell.#", stdout=theirs)
    os.close(theirs)
    seen, deadline = b"", time.monotonic() + 20
    while seen.count(b"shell.test") < 5:
        assert time.monotonic() < deadline, seen
        seen += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    while True:  # the rest, or it would wait for us
        try:
            if not (more := os.read(ours, 4096)):
                break
        except OSError:  # so Linux says that nobody holds the other end any more
            break
        seen += more
    assert process.wait(10) == 0
    os.close(ours)
    assert b"\x1b[2Jwiped" not in seen
    assert b"wiped" in seen
    said = process.communicate()[1].decode()
    assert "dropped 0" in said
    assert "Traceback" not in said


def test_where_others_publish(flow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign exchange is looked at where bridges take from, our own never; --url is stronger than both."""
    monkeypatch.setenv("MINERLIB_FROM_URL", "amqp://me:secret@127.0.0.1:1/")
    for arguments, said in (
        (["--exchange", "amq.topic"], "Nothing listens"),
        (["--exchange", "amq.topic", "--url", flow], "received 0"),
        (["shell.#"], "received"),
    ):
        err = start(flow, *arguments, "--for", "0.5s").communicate(timeout=30)[1].decode()
        assert said in err, arguments


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--exchange", "nope"], 3, "There is no exchange 'nope'"),
        (["--for", "soon"], 2, "'soon' is not a duration"),
        (["--match", "team"], 2, "'team' is not HEADER=VALUE"),
        (["--url", "amqp://me:secret@127.0.0.1:1/"], 3, "Nothing listens"),
    ],
)
def test_one_sentence(broker_url: str, arguments: list[str], code: int, said: str) -> None:
    """What cannot be done is said in one sentence without a password, with an exit code of its own."""
    process = start(broker_url, *arguments)
    err = process.communicate(timeout=30)[1].decode()
    assert process.returncode == code
    assert said in err
    assert len(err.splitlines()) == 1
    assert "secret" not in err
