"""How far a long look at the past has come: a bar after two seconds where somebody watches, or a call."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

from rich.console import Console
from rich.progress import Progress as Bar

Progress = Callable[[int, int], object] | bool | None
PATIENCE = 2.0  # seconds before a bar is worth showing


@contextmanager
def told(progress: Progress, of: int) -> Generator[Callable[[int], None]]:
    """Gives a function to call with how many of `of` are done.

    `progress` is called with (done, of); None shows a bar in a terminal or notebook once two seconds have passed, False
    never does.
    """
    if callable(progress):
        yield partial(_call, progress, of)
        return
    console = Console(stderr=True)
    if progress is False or not (console.is_terminal or "ipykernel" in sys.modules):
        yield lambda done: None
        return
    bar = Bar(console=console, transient=True)
    task = bar.add_task("reading the past", total=of)
    begun = time.monotonic()

    def tell(done: int) -> None:
        if not bar.live.is_started and done < of and time.monotonic() - begun > PATIENCE:
            bar.start()
        bar.update(task, completed=done)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()


def _call(progress: Callable[[int, int], object], of: int, done: int) -> None:
    progress(done, of)
