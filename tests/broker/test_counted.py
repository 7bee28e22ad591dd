"""Lines counted at the source: a few events say what thousands of lines would have, and the sums are right."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.moment import MINUTE, now, rfc3339

from .conftest import read_until
from .processes import Process, until

BEGUN = now() - MINUTE  # all of them in one minute, which is neither late for a count nor ahead
HITS = 2500


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "ufw.log"
    path.touch()
    return path


def hit(path: Path, numbers: range) -> None:
    """Packets that were dropped: every tenth of them from one address, the others from five."""
    stamp = rfc3339(BEGUN)
    with path.open("a") as file:
        for n in numbers:
            source = "203.0.113.7" if n % 10 == 0 else f"198.51.100.{n % 5}"
            packet = f"IN=eth0 OUT= SRC={source} DST=192.0.2.1 LEN=40 TTL=249 PROTO=TCP SPT={1024 + n} DPT=22"
            file.write(f"{stamp} gate kernel: [{n}.5] [UFW BLOCK] {packet}\n")


@pytest.fixture
def counting(tmp_path: Path, broker_url: str, environment: str, log: Path) -> Iterator[Callable[..., Process]]:
    """Starts the collector of the firewall, which counts."""
    said = {"MINERLIB_BROKER_URL": broker_url, "MINERLIB_SCOPE": environment, "MINERLIB_SOURCE": "node"}
    begun = list[Process]()

    def begin(*options: str) -> Process:
        begun.append(Process(tmp_path, "collect", "firewall", str(log), *options, **said))
        return begun[-1]

    yield begin
    for process in begun:
        process.__exit__()


def sums(events: list[Event]) -> Counter[str]:
    """How many of each address, as the events add up."""
    found = Counter[str]()
    for event in events:
        found[event.body["source_ip"]] += int(event.body["count"])
    return found


def wanted(numbers: range) -> Counter[str]:
    return Counter("203.0.113.7" if n % 10 == 0 else f"198.51.100.{n % 5}" for n in numbers)


def test_few_events_say_it_all(
    broker_url: str, environment: str, log: Path, counting: Callable[..., Process]
) -> None:  # fmt: skip
    """2,500 hits of six addresses are some dozens of counts, with the window's time, whose sums are the hits."""
    process = counting("--count", "source_ip,destination_port", "--over", "1s")
    hit(log, range(HITS))
    found = read_until(Reader(broker_url, environment), lambda events: sums(events) == wanted(range(HITS)), 60)
    assert len(found) < HITS / 20
    assert {(event.kind, event.source) for event in found} == {("count.firewall.drop", "gate")}
    assert {(event.time, event.body["seconds"], event.body["destination_port"]) for event in found} == {
        (BEGUN // 1_000_000 * 1_000_000, 1, 22)
    }
    assert process.interrupt() == 0


def test_ctrl_c_gives_out_what_is_counted(
    broker_url: str, environment: str, log: Path, counting: Callable[..., Process], tmp_path: Path
) -> None:
    """What waits for the end of its span is said at the end, and the place is behind it."""
    for numbers in (range(100), range(100, 150)):
        process = counting("--count", "source_ip", "--over", "1h")
        hit(log, numbers)
        until(lambda process=process: open_at(process, log) == log.stat().st_size, 30, "it is read")
        assert process.interrupt() == 0
    found = read_until(Reader(broker_url, environment), lambda events: sums(events) == wanted(range(150)), 60)
    assert len(found) == 12


def test_killed(broker_url: str, environment: str, log: Path, counting: Callable[..., Process]) -> None:
    """kill -9 before a count is given out: its lines are counted again, once."""
    process = counting("--count", "source_ip", "--over", "1h")
    hit(log, range(300))
    until(lambda: open_at(process, log) == log.stat().st_size, 30, "it is read")
    process.process.send_signal(signal.SIGKILL)
    process.process.wait()
    counting("--count", "source_ip", "--over", "1s")
    hit(log, range(300, 400))
    read_until(Reader(broker_url, environment), lambda events: sums(events) == wanted(range(400)), 60)


def test_what_cannot_be_counted_by(counting: Callable[..., Process]) -> None:
    """A span or a field that cannot be is said at once."""
    for options, said in (
        (("--count", "x", "--over", "soon"), "'soon' is not a duration"),
        (("--count", "count"), "give that field another"),
    ):
        process = counting(*options)
        assert process.process.wait(30) == 2
        assert said in process.said


def open_at(process: Process, log: Path) -> int:
    """How far a process has read an open file."""
    folder = Path(f"/proc/{process.process.pid}")
    for link in (folder / "fd").iterdir():
        if link.exists() and link.resolve() == log:
            return int((folder / "fdinfo" / link.name).read_text().split()[1])
    return -1
