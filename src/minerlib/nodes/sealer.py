"""Sealing in the background: what the archiver committed, once there is enough of it, or once it is a minute old."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from minerlib.archive import seal
from minerlib.errors import ArchiveError

SEAL_EVENTS, SEAL_SECONDS = 50_000, 60.0


def run_sealer(root: Path, fresh: Counter[str], stop: threading.Event, told: Callable[[str], None]) -> None:
    """Seal each stream at 50k events or 60 s; a stream whose sealing fails is tried again, and said once."""
    since: dict[str, float] = {}
    said = ""
    while not stop.wait(1):
        for scope in [scope for scope, count in fresh.items() if count]:
            began = since.setdefault(scope, time.monotonic())
            if fresh[scope] >= SEAL_EVENTS or time.monotonic() - began >= SEAL_SECONDS:
                fresh[scope] = 0
                del since[scope]
                try:
                    seal(root, scope)
                except ArchiveError as error:
                    fresh[scope] += 1
                    if str(error) != said:
                        told(said := str(error))
