"""Rounds of checks: none waits for another, and none is begun twice."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from minerlib.errors import SettingError
from minerlib.nodes.check import Target, read_target, run_checks
from minerlib.nodes.check import rounds as module
from minerlib.nodes.check.rounds import rounds

from .servers import wire

Found = queue.Queue[tuple[Target, int, dict[str, Any]]]


@contextmanager
def running(target: str, every: float = 0.05, timeout: float = 0.1) -> Iterator[Found]:
    """Rounds of one target, and what they find."""
    found, stop = Found(), threading.Event()
    thread = threading.Thread(target=rounds, args=(read_target(target), every, timeout, found, stop))
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def test_round_after_round():
    """At the pace that was asked for, with the moment at which it was known."""
    with wire() as port, running(f"tcp://127.0.0.1:{port}") as found:
        (_, first, body), (_, second, _) = found.get(timeout=10), found.get(timeout=10)
    assert body["up"]
    assert second > first > (time.time() - 60) * 1e6


def test_what_becomes_of_it_is_seen():
    """Down, and up again when it is back."""
    with wire() as port:
        pass
    with running(f"tcp://127.0.0.1:{port}") as found:
        assert found.get(timeout=10)[2]["up"] is False
        with socket.create_server(("127.0.0.1", port)):
            deadline = time.monotonic() + 10
            while not found.get(timeout=10)[2]["up"]:
                assert time.monotonic() < deadline


def test_one_that_hangs_is_told_each_round_and_not_begun_again(monkeypatch: pytest.MonkeyPatch):
    """A name server that says nothing holds nobody: the check is down, by one thread that waits, until it is back."""
    answered, asked = threading.Event(), list[str]()

    def resolve(host: str, *_: object, **__: object) -> Any:
        asked.append(host)
        answered.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(module, "_GRACE", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with running("tcp://db:5432") as found:
        faults = [found.get(timeout=10)[2]["fault"] for _ in range(3)]
        assert set(faults) == {
            "no answer, not even that there is none: the name is not resolved, or the server dawdles"
        }
        assert asked == ["db"]
        answered.set()
        deadline = time.monotonic() + 10
        while len(asked) < 2:
            assert time.monotonic() < deadline
            found.get(timeout=10)


def test_a_fault_of_ours_costs_one_round(monkeypatch: pytest.MonkeyPatch):
    """It is told, and the next round comes."""
    monkeypatch.setattr(module, "probe", lambda *_: 1 / 0)
    with running("tcp://db:5432") as found:
        faults = {found.get(timeout=10)[2]["fault"] for _ in range(2)}
    assert faults == {"not checked: ZeroDivisionError"}


def test_a_pace_of_nothing_is_refused():
    """As for every source."""
    with pytest.raises(SettingError, match="--every"):
        run_checks([read_target("tcp://db:1")], 0, 1, "amqp://127.0.0.1:1/", threading.Event(), print)
