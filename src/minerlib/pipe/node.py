"""What a node is, and nodes one behind the other as one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from minerlib.event.body import field
from minerlib.event.event import COLUMNS, Event

Given = Event | Iterable[Event] | None
Node = Callable[[Event], Given]
Of = str | Sequence[str] | Callable[[Event], Any]
"""What of an event is meant: a field by its dotted name, several, or a function. `source`, `kind`, `scope` and the
other names of an event's columns are the event's own; a field that is called so is `body.source`."""


@runtime_checkable
class Timed(Protocol):
    """A node that waits: what it has to say although no event came."""

    def tick(self, clock: int) -> Given:
        """Time has come to `clock` (µs since 1970). Called before the event that brought it so far."""
        ...

    def flush(self) -> Given:
        """Nothing more comes."""
        ...


@dataclass
class pipe:
    """Nodes one behind the other, as one node: `by("source", lambda: pipe(changed("state"), throttle(1, "1m")))`."""

    nodes: tuple[Node, ...]

    def __init__(self, *nodes: Node) -> None:
        self.nodes = nodes
        self._timed = [node if isinstance(node, Timed) else None for node in nodes]

    def __call__(self, event: Event) -> list[Event]:
        return self._through(0, [event])

    def tick(self, clock: int) -> list[Event]:
        return self._called(lambda node: node.tick(clock))

    def flush(self) -> list[Event]:
        return self._called(lambda node: node.flush())

    def failed(self, at: int, event: Event | None, error: Exception) -> list[Event]:
        """Node number `at` failed on an event (None: on a tick); what goes on instead of what it would have given."""
        raise error

    def _called(self, call: Callable[[Timed], Given]) -> list[Event]:
        given: list[Event] = []
        for at, node in enumerate(self._timed):
            if given:
                given = self._from(at, given)
            if node is not None:
                given += self._ask(at, None, lambda node=node: call(node))
        return given

    def _through(self, at: int, events: list[Event]) -> list[Event]:
        for each in range(at, len(self.nodes)):
            if not events:
                break
            events = self._from(each, events)
        return events

    def _from(self, at: int, events: list[Event]) -> list[Event]:
        node = self.nodes[at]
        return [made for event in events for made in self._ask(at, event, lambda event=event: node(event))]

    def _ask(self, at: int, event: Event | None, call: Callable[[], Given]) -> list[Event]:
        try:
            return several(call())
        except Exception as error:  # a node is anybody's code
            return self.failed(at, event, error)


def several(given: Given) -> list[Event]:
    """What a node gave, as a list."""
    if given is None:
        return []
    if isinstance(given, Event):
        return [given]
    events = list(given)
    for each in events:
        if not isinstance(each, Event):  # pyright: ignore[reportUnnecessaryIsInstance]  (a node is anybody's code)
            raise TypeError(f"a node gives an Event, several or None, and not {type(given).__name__}")
    return events


def value_of(of: Of, event: Event) -> Any:
    """What is meant by `of`; of several names a list; None where there is no such field."""
    if isinstance(of, str):
        if of == "scope" or (of in COLUMNS and of != "body"):
            return getattr(event, of)
        return event.body if of == "body" else field(event.body, of.removeprefix("body."))
    return of(event) if callable(of) else [value_of(name, event) for name in of]


def name_of(node: object) -> str:
    """What a node is called in what is said about it."""
    return getattr(node, "__name__", None) or type(node).__name__
