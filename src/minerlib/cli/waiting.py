"""A bar on stderr, where a command takes longer than one waits without asking."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Timer

from rich.console import Console
from rich.progress import Progress, ProgressColumn, TextColumn

PATIENCE = 2.0  # seconds of silence that need no explanation


@contextmanager
def waiting(what: str, *columns: ProgressColumn) -> Generator[Callable[..., None]]:
    """What is given is called with how much is done, and of how much; or with words, `said`, where nobody knows that.

    Only a terminal sees the bar, and it is gone when all is done.
    """
    console = Console(stderr=True)
    shown = TextColumn("{task.description}", markup=False)
    bar = Progress(shown, *columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task(what, total=None)
    late = Timer(PATIENCE, bar.start)
    late.start()

    def told(done: float | None = None, total: float | None = None, said: str = what) -> None:
        bar.update(task, completed=done, total=total, description=said)

    try:
        yield told
    finally:
        late.cancel()
        late.join()
        if bar.live.is_started:  # else it would leave an empty line
            bar.stop()
