"""A verb of minerlib as a process beside a node: at a low priority, and whatever becomes of it, the node goes on."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

_NICE = 10
_GRACE = 5.0  # seconds it has to end when the node does


def run_beside(arguments: Sequence[str], environment: Mapping[str, str], stop: threading.Event) -> int | str | None:
    """Run `minerlib <arguments>` until it ends or `stop` is set: its exit code, None where it was stopped, what the
    system said where it could not be started. Never raises."""
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "minerlib", *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    except OSError as error:
        return str(error)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    while process.poll() is None and not stop.wait(0.2):
        pass
    if process.poll() is not None:
        return process.returncode
    process.terminate()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return None
