"""What lines say, made less where they are: their events through nodes of a pipe, given out together."""

import time
from collections.abc import Callable

from minerlib.event.event import Event
from minerlib.pipe import Node, pipe
from minerlib.pipe.node import name_of

_MOST = 10_000  # events that are taken before they are due whatever the time


class Digest:
    """Events through `nodes` (`count(by="source_ip", over="10s")`), held until they are due: each `hold` seconds.

    Nothing is given out before, and then all of it, open windows too. So whoever reads lines keeps a place behind those
    that were given, and after a crash takes the others anew: none is lost, and none counted twice but those whose
    place could not be kept.
    """

    def __init__(self, *nodes: Node, hold: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pipe, self._hold, self._clock = _Pipe(*nodes), hold, clock
        self._held: list[Event] = []
        self._taken, self._since = 0, clock()

    def take(self, event: Event) -> None:
        """Raises what a node raises; the event is then not taken."""
        self._held += self._pipe(event)
        self._taken += 1

    @property
    def due(self) -> bool:
        return self._clock() - self._since >= self._hold or self._taken >= _MOST

    def give(self) -> list[Event]:
        """Everything that is held, and begin anew. What a node fails on is not given, and stands in `faults`."""
        given, self._held = self._held + self._pipe.flush(), []
        self._taken, self._since = 0, self._clock()
        return given

    def faults(self) -> list[str]:
        """What nodes failed on as they gave out what they held, since this was last asked."""
        found, self._pipe.faults = self._pipe.faults, []
        return found


class _Pipe(pipe):
    """Fails where an event is taken, and goes on where what is held is given out: nobody could take that back."""

    def __init__(self, *nodes: Node) -> None:
        super().__init__(*nodes)
        self.faults, self._giving = list[str](), False

    def flush(self) -> list[Event]:
        self._giving = True
        try:
            return super().flush()
        finally:
            self._giving = False

    def failed(self, at: int, event: Event | None, error: Exception) -> list[Event]:
        if not self._giving:
            raise error
        self.faults.append(f"{name_of(self.nodes[at])}: {error!r}"[:500])
        return []
