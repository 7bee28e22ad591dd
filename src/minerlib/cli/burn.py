"""A real load on the processor: one busy process a core, each ending by itself should we not end it."""

import os
import subprocess
import sys
from typing import Self

_BUSY = "import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: sum(range(10_000))"


class Burn:
    """Every core is busy while this is open, for `seconds` at most."""

    def __init__(self, seconds: float = 90) -> None:
        self._seconds = seconds
        self._busy: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        program = _BUSY.format(seconds=self._seconds)
        self._busy = [
            subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.DEVNULL)
            for _ in range(os.cpu_count() or 1)
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._busy:
            process.kill()
            process.wait()
