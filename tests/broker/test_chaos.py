"""Exactly once, whatever is killed whenever: `make chaos ROUNDS=n` runs more of it."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import psutil
import pytest

from minerlib.archive import Archive
from minerlib.bus import broker
from minerlib.bus.private import read_node
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Reader
from minerlib.deploy.export import export
from minerlib.event.moment import now
from minerlib.nodes.parts import COMMANDS
from minerlib.nodes.replay import replay
from minerlib.rule import Rule

ROUNDS = int(os.environ.get("MINERLIB_CHAOS_ROUNDS", "30"))
BROKER_ROUNDS = max(1, ROUNDS // 3)
SCOPE = "chaos.sys.env"
RULE = """
rule: chaos
version: 1
scope: chaos.sys.env
kind: x.value
by: [source]
measure: {of: value, agg: max, over: 2s, every: 1s}
levels:
  - {severity: warning, when: "> 80", for: 1s}
  - {severity: critical, when: "> 95"}
clear: {when: "< 50", for: 1s}
missing: {after: 4s, then: alert}
lateness: 2s
"""

COORDINATOR_FLUSH = 3.6  # seconds: Erlang's dets writes what it was given at most three later
SLACK = 4_000_000  # microseconds: from the host's end to the clock's; nobody publishes what falls due in between

pytestmark = pytest.mark.timeout(180 + 15 * ROUNDS)


class Victims:
    """The processes of a workbench, killed without warning and started again."""

    def __init__(self, state: Path) -> None:
        self.state, self.home = state, state / "broker"
        self.environment = {
            **os.environ,
            "MINERLIB_STATE": str(state),
            "MINERLIB_ARCHIVE": str(state / "archive"),
            "MINERLIB_SCOPE": SCOPE,
        }
        self.url = self.environment["MINERLIB_BROKER_URL"] = broker.start(state)
        self.running: dict[str, subprocess.Popen] = {}
        for name in ("clock", "archiver", "node"):
            self.start(name)

    def start(self, name: str) -> None:
        log = (self.state / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "minerlib", *COMMANDS[name]], env=self.environment, stdout=log, stderr=log
        )
        log.close()

    def kill(self, name: str) -> None:
        """kill -9, and again from the start."""
        self.running[name].kill()
        self.running[name].wait()
        self.start(name)

    def kill_broker(self) -> None:
        node = read_node(self.home)
        pid = node.pid() if node else None
        assert pid, "the broker is not running"
        victim = psutil.Process(pid)
        victim.kill()
        until(lambda: dead(victim), 10, "the broker is dead")
        assert broker.start(self.state) == self.url

    def let_broker_settle(self) -> None:
        """Until what the stream coordinator did is on its disk: RabbitMQ 3.10 does not survive a kill before that
        (docs/decisions/0008-a-broker-needs-seconds-between-kills.md)."""
        files = list((self.home / "data").glob("*/coordination/*/meta.dets"))
        assert files, "the coordinator keeps its state elsewhere"

        def quiet() -> bool:
            return time.time() - max(file.stat().st_mtime for file in files) > COORDINATOR_FLUSH

        time.sleep(COORDINATOR_FLUSH)  # the last of it may still be in memory
        until(quiet, 60, "the stream coordinator has written what it did")

    def stop(self, *names: str) -> None:
        for name in names or tuple(self.running):
            process = self.running.pop(name)
            process.terminate()
            assert process.wait(20) == 0, f"{name} ended with {process.returncode}"


@pytest.fixture
def victims(tmp_path: Path) -> Iterator[Victims]:
    found = Victims(tmp_path)
    try:
        yield found
    finally:
        for process in found.running.values():
            process.kill()
            process.wait()
        broker.stop(tmp_path)


class Flow:
    """Numbered events, a hundred a second from ten sources, some of which fall silent for a while."""

    def __init__(self, url: str) -> None:
        self.url, self.count, self.publisher = url, 0, Publisher(url, "flow")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._error: BaseException | None = None

    @property
    def confirmed(self) -> int:
        """How many of them the broker has confirmed."""
        return self.publisher.confirmed

    def _run(self) -> None:
        dice = random.Random(7)
        try:
            with self.publisher as publisher:
                while not self._stop.wait(0.01):
                    source = dice.randrange(10)
                    if (int(time.monotonic()) // 6 + source) % 5 == 0:
                        continue  # silent for six seconds in thirty
                    high = (int(time.monotonic()) // 4 + source) % 3 == 0
                    value = dice.uniform(70, 100) if high else dice.uniform(0, 40)
                    body = {"n": self.count, "value": value}
                    publisher.publish(SCOPE, f"web-{source}", "x.value", body, time=now())
                    self.count += 1
                publisher.flush(120)
        except BaseException as error:
            self._error = error

    def __enter__(self) -> "Flow":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._error:
            raise self._error


def dead(process: psutil.Process) -> bool:
    """Whether it is gone, if only between one question and the next; a zombie that nobody reaps is."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def rows(archive: Archive) -> pl.DataFrame:
    return archive.scan("#", scope=SCOPE, repeats=True, own=True).collect()


def test_nothing_is_lost_doubled_or_evaluated_twice(victims: Victims):
    """Archiver, node and broker die at random moments under a steady flow, and nobody can tell."""
    archive = Archive(victims.state / "archive")
    dice = random.Random()
    with Flow(victims.url) as flow:
        until(lambda: SCOPE in {s.scope for s in safely(archive)}, 60, "the archive begins")
        export(Rule.read(RULE), victims.url)
        until(lambda: began(archive), 30, "the rule begins")
        for _ in range(ROUNDS):
            time.sleep(dice.uniform(0.1, 1.5))
            victims.kill(dice.choice(["archiver", "node"]))
        for _ in range(BROKER_ROUNDS):
            time.sleep(dice.uniform(0.1, 1.5))
            victims.kill_broker()
            confirmed = flow.confirmed
            until(lambda confirmed=confirmed: flow.confirmed > confirmed, 60, "the broker takes events again")
            victims.let_broker_settle()
        time.sleep(3)
    settle(victims, archive)

    frame = rows(archive)
    positions = frame.select("epoch", "offset", "part")
    assert positions.n_unique() == positions.height, "an offset is stored twice"
    assert frame["epoch"].n_unique() == 1
    offsets = frame["offset"].unique().sort()
    assert offsets.to_list() == list(range(offsets[-1] + 1)), "an offset is missing"
    said = Counter(frame.filter((pl.col("kind") == "x.value") & ~pl.col("repeat"))["n"].cast(pl.Int64).to_list())
    assert [n for n in range(flow.count) if said[n] != 1] == []

    runs = replay(archive, "chaos", slack=SLACK)
    assert runs
    assert [(run.missing, run.extra) for run in runs] == [([], [])] * len(runs)
    assert len(runs[0].published) > 5


def settle(victims: Victims, archive: Archive) -> None:
    """The flow has ended: let the rules see its end, stop who publishes, and let the archiver have all of it."""
    until(lambda: caught_up(archive), 90, "the host says what the archive says, up to a few seconds ago")
    victims.stop("node")
    victims.stop("clock")
    last = -1
    for batch in Reader(victims.url, SCOPE).batches(wait=2):
        if batch is None:
            break
        last = batch.messages[-1].offset
    until(lambda: rows(archive)["offset"].max() == last, 60, "the archiver has everything")
    victims.stop("archiver")


def caught_up(archive: Archive) -> bool:
    runs = replay(archive, "chaos", slack=SLACK)
    return bool(runs) and all(run.equal for run in runs)


def safely(archive: Archive) -> list:
    try:
        return archive.streams("*.*.*")
    except Exception:
        return []


def began(archive: Archive) -> bool:
    return rows(archive).filter(pl.col("kind") == "node.began").height > 0
