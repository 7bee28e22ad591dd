"""The parts of a workbench, each a process of its own: one that dies is started again, all end with us."""

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from minerlib import settings
from minerlib.errors import SettingError
from minerlib.nodes.program import PARENT, PART

COMMANDS = {
    "clock": ["clock"],
    "archiver": ["collect", "archive"],
    "host": ["collect", "host"],
    "processes": ["collect", "processes"],
    "journal": ["collect", "journal"],
    "node": ["node"],
}
NEEDED = ("clock", "archiver", "host", "node")
_GRACE = 8.0  # seconds a part has to end by itself
_LASTING = 30.0  # seconds after which a part counts as having run well


def available() -> tuple[str, ...]:
    """The parts that can run on this machine: without systemd there is no journal."""
    return tuple(name for name in COMMANDS if name != "journal" or shutil.which("journalctl"))


class Parts:
    """Runs the named parts against the broker at `url`. With `logs`, what they say goes to files there.

    The URL reaches them by environment, never by command line, where any user could read its password.
    """

    def __init__(self, url: str, names: tuple[str, ...] = NEEDED, logs: Path | None = None) -> None:
        self.url, self.names, self.logs = url, names, logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._begun: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._again: dict[str, float] = {}

    def start(self) -> None:
        for name in self.names:
            self._start(name)

    def watch(self, stop: threading.Event, told: Callable[[str], None]) -> None:
        """Start again what dies, 0.5 s to 30 s later, until `stop` is set."""
        while not stop.wait(0.25):
            now = time.monotonic()
            for name, process in list(self._running.items()):
                if process.poll() is not None and name not in self._again:
                    lasted = now - self._begun[name] > _LASTING
                    failures = self._failures[name] = 1 if lasted else self._failures.get(name, 0) + 1
                    wait = min(0.5 * 2 ** (failures - 1), 30.0)
                    self._again[name] = now + wait
                    told(f"{name} ended with {process.returncode}; it starts again in {wait:g} s.")
            for name in [name for name, at in self._again.items() if at <= now]:
                del self._again[name]
                self._start(name)

    def stop(self, *names: str) -> None:
        """End these parts, or all: asked first, killed when they do not listen. `watch` does not bring them back."""
        ending = {name: process for name, process in self._running.items() if not names or name in names}
        for name, process in ending.items():
            del self._running[name]
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in ending.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> "Parts":
        self._lock = _only_here(settings.state_dir())
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._lock.close()

    def _start(self, name: str) -> None:
        environment = {**os.environ, "MINERLIB_BROKER_URL": self.url, PART: name, PARENT: str(os.getpid())}
        log: IO[bytes] | None = None
        if self.logs:
            self.logs.mkdir(parents=True, exist_ok=True)
            log = (self.logs / f"{name}.log").open("ab")
        # A group of its own: Ctrl-C on the terminal reaches us alone, and we end the parts in order.
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", "minerlib", *COMMANDS[name]],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0,
        )  # fmt: skip
        if log:
            log.close()
        self._begun[name] = time.monotonic()


def _only_here(state: Path) -> IO[str]:
    """A lock that one workbench holds: two in one place would keep the same archive twice over."""
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "parts.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise SettingError(
            f"A workbench (minerlib up, demo or lab) runs in {state} already: end it, or set MINERLIB_STATE and"
            " MINERLIB_ARCHIVE to places of their own."
        ) from None
    return lock
