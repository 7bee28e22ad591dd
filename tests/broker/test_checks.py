"""The collector check as its user runs it."""

import socket
from pathlib import Path

from minerlib.bus.reader import Reader

from .conftest import read_until
from .processes import Process


def test_targets_from_a_file_and_the_command_line(broker_url: str, environment: str, tmp_path: Path):
    """An event a target and round, of the target's host; the password of a file is nowhere."""
    mine = {"MINERLIB_BROKER_URL": broker_url, "MINERLIB_SCOPE": environment, "MINERLIB_SOURCE": "desk"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (tmp_path / "targets").write_text(f"http://me:hush@localhost:{port}/health?token=hush\n")
        words = ("--every", "200ms", "--timeout", "100ms", f"tcp://127.0.0.1:{port}", f"@{tmp_path / 'targets'}")
        with Process(tmp_path, "collect", "check", *words, **mine) as check:
            events = read_until(Reader(broker_url, environment), lambda events: len(events) >= 6, 60)
            assert check.interrupt() == 0, check.said
    found = {event.kind: event for event in events}
    assert found.keys() == {"check.tcp", "check.http"}
    assert (found["check.tcp"].source, found["check.tcp"].body["up"]) == ("127/0/0/1", True)
    http = found["check.http"]
    assert (http.source, http.body["up"], http.body["checker"]) == ("localhost", False, "desk")
    assert http.body["fault"] == "no answer within 0.1 s"
    assert "hush" not in str(events) + check.said


def test_what_is_no_target_is_said(tmp_path: Path):
    """Before anything is published, without its password."""
    none = {"MINERLIB_BROKER_URL": "amqp://127.0.0.1:1/"}
    with Process(tmp_path, "collect", "check", "ftp://me:hush@acme.com", **none) as check:
        assert check.process.wait(30) == 2
        assert check.said.startswith("'ftp://acme.com' is no target: write tcp://db:5432 or https://acme.com/health")
        assert "hush" not in check.said
