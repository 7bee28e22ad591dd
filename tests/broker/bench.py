"""A bench to try rules on: clock, archiver and host as threads of the test, on a broker of their own."""

import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl

from minerlib.archive import Archive
from minerlib.bus import broker
from minerlib.bus.publish import Publisher
from minerlib.errors import ArchiveError
from minerlib.event.moment import now
from minerlib.nodes.archiver import run_archiver
from minerlib.nodes.clock import run_clock
from minerlib.nodes.host import run_host
from minerlib.nodes.replay import replay
from minerlib.rule import Rule

from .processes import until

SCOPE = "host.sys.env"
RULE = """
rule: hot
version: 1
scope: host.sys.env
kind: x.value
measure: {{of: value}}
levels: [{{severity: warning, when: "> {line}"}}]
lateness: 1s
"""


def rule(line: int = 80) -> Rule:
    return Rule.read(RULE.format(line=line))


class Bench:
    """Clock, archiver and host as threads of the test, on a broker of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, broker.start(folder)
        self.archive = Archive(folder / "archive")
        self.said: list[str] = []
        self._threads: dict[str, tuple[threading.Thread, threading.Event]] = {}
        ready = threading.Event()
        self.start("clock", lambda stop: run_clock(self.url, "test", [SCOPE], stop, self.said.append, ready.set))
        assert ready.wait(30)
        self.start("archiver", lambda stop: run_archiver(self.url, folder / "archive", stop, self.said.append))
        self.start_host()

    def start(self, name: str, main: Callable[[threading.Event], None]) -> None:
        stop = threading.Event()
        thread = threading.Thread(target=main, args=(stop,), name=name)
        self._threads[name] = (thread, stop)
        thread.start()

    def start_host(self) -> None:
        self.start("host", lambda stop: run_host(self.url, self.folder / "node", stop, self.said.append))

    def stop(self, name: str) -> None:
        thread, stop = self._threads.pop(name)
        stop.set()
        thread.join(20)
        assert not thread.is_alive()

    def close(self) -> None:
        for name in tuple(self._threads):
            self.stop(name)
        broker.stop(self.folder)

    def say(self, value: float, source: str = "web", ago: int = 0) -> None:
        with Publisher(self.url, "test") as publisher:
            publisher.publish(SCOPE, source, "x.value", {"value": value}, time=now() - ago)

    def rows(self, kind: str) -> pl.DataFrame:
        try:
            return self.archive.scan(kind, scope=SCOPE).collect().sort("time", "offset")
        except ArchiveError:
            return pl.DataFrame(schema={"what": pl.String, "reason": pl.String, "fingerprint": pl.String})

    def alerts(self) -> list[tuple[str, str]]:
        return self.rows("alert.hot").select("what", "reason").rows()

    def began(self, count: int) -> None:
        until(lambda: self.rows("node.began").height >= count, 30, f"{count} runs began")


def equal(bench: Bench) -> bool:
    """Whether every run's alerts are, by id, what a backtest begun at the same place gives."""
    runs = replay(bench.archive, slack=2_000_000)
    return bool(runs) and all(run.equal for run in runs)
