"""Time that goes on while a source is silent: the one place where a pipe has a wall clock beside it, and a thread."""

import queue
import threading
import time
from collections.abc import Iterable, Iterator

from minerlib.event.event import Event
from minerlib.event.moment import SECOND
from minerlib.pipe.node import Given, several
from minerlib.pipe.pace import whole
from minerlib.pipe.parsed import Unread

_ROOM = 1000  # items that may wait between the source and the pipe
_LOOK = 0.2  # seconds until the thread looks whether anybody still wants something


_Item = list[Event] | Unread


class _End:
    """The source has ended, or failed with an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ticking(source: Iterable[Given | Unread], every: str) -> Iterator[list[Event] | Unread | int]:
    """What a source gives; while it gives nothing, every so often for how long already (µs). So what our clock says
    does not matter, nor how long ago the events were."""
    span = whole(every) / SECOND
    waiting: queue.Queue[_Item | _End] = queue.Queue(_ROOM)
    over = threading.Event()
    threading.Thread(target=_pump, args=(source, waiting, over), name="source of a pipe", daemon=True).start()
    came = time.monotonic()
    try:
        while True:
            try:
                item = waiting.get(timeout=span)
            except queue.Empty:
                yield int((time.monotonic() - came) * SECOND)
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            came = time.monotonic()
            yield item
    finally:
        over.set()


def _pump(source: Iterable[Given | Unread], waiting: "queue.Queue[_Item | _End]", over: threading.Event) -> None:
    end = _End()
    try:
        for item in source:
            if not _put(waiting, item if isinstance(item, Unread) else several(item), over):
                return
    except BaseException as error:  # raised where the pipe runs
        end = _End(error)
    _put(waiting, end, over)


def _put(waiting: "queue.Queue[_Item | _End]", item: _Item | _End, over: threading.Event) -> bool:
    """Whether there was room for it before nobody wanted it any more."""
    while not over.is_set():
        try:
            waiting.put(item, timeout=_LOOK)
            return True
        except queue.Full:
            continue
    return False
