"""A lease: one process at a time in a folder, for as long as it lives.

The lock is the file system's, so it ends when its holder does, however that ends. The file says who that is.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from filelock import FileLock, Timeout

from minerlib.archive.day import told
from minerlib.archive.places import LEASE, make_dir
from minerlib.errors import ArchiveError

_LOOK = 0.5  # seconds between two tries


class Lease:
    """The lease of a folder, that of `name`, made where it is not there.

    As a context it is taken at once; ArchiveError says who else holds it.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self.folder, self._name = folder, name
        # ordinary locks only: a file that merely stands for one would outlive its holder
        self._lock = FileLock(folder / LEASE, thread_local=False, fallback_to_soft=False, on_acquired=_sign)

    def take(self, stop: threading.Event | None = None, waiting: Callable[[str], object] | None = None) -> bool:
        """Take it, or go on holding it; whether it is held then. While somebody else has it this waits for `stop`, and
        `waiting` hears once who that is.

        Raises ArchiveFull where the folder cannot be written.
        """
        if self._lock.is_locked or self._acquire(blocking=False):
            return True
        if waiting:
            waiting(self.holder())
        return self._acquire(poll_interval=_LOOK, cancel_check=stop.is_set if stop else None)

    def holder(self) -> str:
        """Who holds it, or did last."""
        try:
            host, pid = msgspec.json.decode((self.folder / LEASE).read_bytes(), type=tuple[str, int])
        except (OSError, msgspec.DecodeError):
            return "another process"
        return f"process {pid} on {host}"

    def release(self) -> None:
        """Let it go, where it is held."""
        self._lock.release()

    def __enter__(self) -> Self:
        if not self._acquire(blocking=False):
            raise ArchiveError(f"{self.folder} is in the hands of {self.holder()}: stop that first.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _acquire(self, **how: Any) -> bool:
        with told(self.folder):
            make_dir(self.folder, self._name)
            try:
                self._lock.acquire(**how)
            except Timeout:
                return False
        return True


def _sign(lock: int) -> None:
    """Say in the file who holds it; where that cannot be said, it is held nevertheless."""
    with contextlib.suppress(OSError):
        os.ftruncate(lock, 0)
        os.pwrite(lock, msgspec.json.encode((socket.gethostname(), os.getpid())), 0)
