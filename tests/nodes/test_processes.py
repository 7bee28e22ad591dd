"""Which processes use the most: real ones of this machine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from minerlib.event.moment import read_time
from minerlib.nodes.counters import Counters
from minerlib.nodes.processes import busiest

SIZE = 300_000_000


@contextmanager
def running(program: str) -> Iterator[int]:
    """A Python program that has said something; its pid."""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout
    try:
        assert process.stdout.readline()
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def work(pid: int, seconds: float) -> None:
    """Until a process has used so much more of a processor."""
    deadline, used = time.monotonic() + 60, psutil.Process(pid).cpu_times().user
    while psutil.Process(pid).cpu_times().user < used + seconds:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_busy_and_the_big_are_told():
    """Each with who it is, and its share since the last look; nothing to compare with at the first look."""
    counters = Counters()
    busy = running("print(1, flush=True)\nwhile True: pass")
    big = running(f"import time; x = b'x' * {SIZE}; print(1, flush=True); time.sleep(600)")
    with busy as one, big as other:
        first = busiest(1000, counters)
        assert {one, other, os.getpid()} <= {body["pid"] for body in first}
        assert not any("cpu_pct" in body for body in first)
        begun = time.monotonic()
        work(one, 0.3)
        second = {body["pid"]: body for body in busiest(1000, counters)}
        share = 100 * 0.3 / (time.monotonic() - begun)
        assert 0.5 * share < second[one]["cpu_pct"] < 130
        assert second[other].get("cpu_pct", 0) < 20
        assert second[other]["memory"] > SIZE
        assert 0 < second[other]["memory_pct"] <= 100
        assert second[one]["user"] == psutil.Process().username()
        assert second[one]["name"] == psutil.Process(one).name()
        assert abs((read_time(second[one]["started"]) or 0) / 1e6 - time.time()) < 120
        assert "cmdline" not in second[one]


def test_only_the_first_of_each_are_told():
    """The first by processor, then those by memory that are not among them."""
    counters = Counters()
    with running("print(1, flush=True)\nwhile True: pass") as one:
        busiest(3, counters)
        work(one, 0.1)
        found = busiest(3, counters)
    assert len(found) <= 6
    shares = [body.get("cpu_pct", 0) for body in found[:3]]
    assert shares == sorted(shares, reverse=True)
    most = max(busiest(1000, counters), key=lambda body: body["memory"])
    assert most["pid"] in {body["pid"] for body in found}


def test_one_that_may_not_be_looked_at_costs_itself(monkeypatch: pytest.MonkeyPatch):
    """What is refused is not told of it; one that has ended since is not told at all."""
    denied, gone = os.getpid(), 1
    platform = psutil._psplatform.Process
    times = platform.cpu_times

    def asked(process: psutil.Process) -> object:
        if process.pid == denied:
            raise psutil.AccessDenied(denied)
        if process.pid == gone:
            raise psutil.NoSuchProcess(gone)
        return times(process)

    monkeypatch.setattr(platform, "cpu_times", asked)
    counters = Counters()
    busiest(1000, counters)
    found = {body["pid"]: body for body in busiest(1000, counters)}
    assert gone not in found
    assert "cpu_pct" not in found[denied]
    assert found[denied]["memory"] > 0


def test_a_name_that_is_no_utf8_can_be_sent():
    """Anybody may give a process one."""
    named = (
        r"import ctypes, time; ctypes.CDLL(None).prctl(15, b'\xffx', 0, 0, 0); print(1, flush=True); time.sleep(600)"
    )
    with running(named) as one:
        assert psutil.Process(one).name() == "\udcffx"
        found = {body["pid"]: body for body in busiest(1000, Counters())}
    assert found[one]["name"] == "\N{REPLACEMENT CHARACTER}x"
