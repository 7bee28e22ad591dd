"""Running a pipe."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from minerlib.errors import EventError
from minerlib.event.event import Event
from minerlib.event.order import TICK
from minerlib.pipe.node import Given, Node, name_of, pipe, several
from minerlib.pipe.parsed import Unread
from minerlib.pipe.silence import ticking
from minerlib.pipe.time import AHEAD, Time

ERROR = "node.error"
_MOST = 2000  # letters of an event that an error repeats


class Ran(NamedTuple):
    """How many events were `read`, how many `given` to the sink, and on how many a node `failed`."""

    read: int
    given: int
    failed: int


def run(
    source: Iterable[Given | Unread],
    *nodes: Node,
    sink: Callable[[Event], Any],
    tick: str | None = None,
) -> Ran:
    """Hand every event of `source` through the nodes, and what comes out to `sink`, until the source ends.

        run(Tap("firewall.drop"), count(by="source_ip"), sink=print, tick="1s")
        run(Archive().each("firewall.drop", since="2h"), count(by="source_ip"), sink=found.append)

    A source is any iterable of events, or of lists of them, or None where it has nothing; what is marked as said before
    (`repeat`) is left out. A sink is anything to call with an event. When the source ends, or is ended by Ctrl-C, or
    fails, nodes that wait are asked for the last time.

    Time is that of the events (see `Time`). One more than a minute ahead of its stream's clock counts as of when it was
    seen, as in a rule. Ticks among the events (kind `tick`) move it too, and go no further. Where a source has
    none and may be silent, time goes on meanwhile, from its last event on as fast as here, every `tick` a little.

    A node that fails costs one event: `node.error` goes to the sink and says which node, which event, and why. So
    does an event which the sink calls impossible (EventError). What else the sink or the source raise, ends the run.
    """
    return _Run(nodes, sink).run(ticking(source, tick) if tick else source)


class _Run(pipe):
    def __init__(self, nodes: tuple[Node, ...], sink: Callable[[Event], Any]) -> None:
        super().__init__(*nodes)
        self.sink, self.time = sink, Time()
        self.read = self.given = self.errors = 0
        self._faults: list[Event] = []
        self._last: Event | None = None

    def run(self, source: Iterable[Given | Unread | int]) -> Ran:
        try:
            self._all(iter(source))
        except KeyboardInterrupt:
            self._out(self.flush())
            raise
        return Ran(self.read, self.given, self.errors)

    def _all(self, items: Iterator[Given | Unread | int]) -> None:
        while True:
            try:
                item = next(items)
            except StopIteration:
                break
            except Exception:
                self._out(self.flush())
                raise
            if isinstance(item, int):
                self._come(self.time.silent(item))
            elif isinstance(item, Unread):
                said = {"node": item.what, "line": item.line, "text": item.text}
                self._faults.append(self._fault(self._last, item.error, said))
                self._out([])
            else:
                for event in several(item):
                    self._take(event)
        self._out(self.flush())

    def _take(self, event: Event) -> None:
        if event.repeat:
            return
        if event.kind == TICK:
            self._come(self.time.tick(event.seen))
            return
        if event.time > event.seen + AHEAD:
            event = msgspec.structs.replace(event, time=event.seen)
        self.read += 1
        self._last = event
        self._come(self.time.event(event.time))
        self._out(self(event))

    def _come(self, moved: bool) -> None:
        if moved:
            self._out(self.tick(self.time.clock))

    def _out(self, events: list[Event]) -> None:
        faults, self._faults = self._faults, []
        for event in (*events, *faults):
            try:
                self.sink(event)
                self.given += event.kind != ERROR
            except EventError as error:
                if event.kind == ERROR:
                    raise
                self.sink(self._fault(self._last, error, {"node": "sink", **_about(event)}))

    def failed(self, at: int, event: Event | None, error: Exception) -> list[Event]:
        said = {"node": name_of(self.nodes[at]), "place": at + 1, **_about(event)}
        self._faults.append(self._fault(event or self._last, error, said))
        return []

    def _fault(self, near: Event | None, error: Exception, said: dict[str, Any]) -> Event:
        """Said in the environment, and about the source, of an event near it."""
        self.errors += 1
        body = {"what": "pipe", **said, "said": repr(error)[:500]}
        near = near or Event.of(ERROR, None, time=self.time.clock)
        return msgspec.structs.replace(near, kind=ERROR, body=body, raw=None, source=near.source or "unknown")


def _about(event: Event | None) -> dict[str, str]:
    return {} if event is None else {"event": str(event)[:_MOST]}
