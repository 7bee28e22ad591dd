"""Upkeep of the archive beside the archiver: `minerlib archive maintain` every ten minutes, as a process of its own."""

import threading
from collections.abc import Callable
from pathlib import Path

from minerlib import settings
from minerlib.archive.retention import read_keep
from minerlib.nodes.beside import run_beside

EVERY = 600.0  # seconds

Told = Callable[[str], None]


def run_upkeep(root: Path, stop: threading.Event, told: Told, every: float = EVERY) -> None:
    """Keep the archive in order until `stop` is set; what fails is said on stderr by the process, and here once.

    Raises SettingError where MINERLIB_KEEP cannot be meant.
    """
    read_keep(settings.keep())
    said: int | str | None = 0
    while not stop.wait(every):
        code = run_beside(["archive", "maintain", "--archive", str(root)], {}, stop)
        if code and code != said:
            told(f"The upkeep of {root} ended with {code}: minerlib archive maintain says why.")
        said = code
