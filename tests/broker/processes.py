"""Parts of a workbench as processes of a test: started, heard, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
RUN = "from minerlib.cli.main import cli; cli(prog_name='minerlib')"


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something to become true, and fail with what it was when it does not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


class Process:
    """`minerlib ...` in `folder`, with state and archive there; `said` is its standard error, `told` its output.

    A shell that starts tests in the background leaves SIGINT ignored; a terminal does not, so it is set right first.
    """

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._said, self._told = folder / "said", folder / "told"
        mine = {"MINERLIB_STATE": str(folder / "state"), "MINERLIB_ARCHIVE": str(folder / "archive")}
        with self._said.open("ab") as said, self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START + RUN, *arguments],
                env={**os.environ, **mine, **environment}, stdin=subprocess.DEVNULL, stdout=told, stderr=said,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def told(self) -> str:
        return self._told.read_text()

    def interrupt(self, seconds: float = 60) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
