"""What a backtest reads: streams of events, as an archive has them or a list holds them."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from minerlib.event.event import Event
from minerlib.event.pattern import Kinds, kind_matches, topic_matches
from minerlib.rule.batch import Batch


class Stream(NamedTuple):
    """One epoch of the stream of a scope (`company.system.environment`)."""

    scope: str
    epoch: str


class History(Protocol):
    """What `backtest` asks of an archive. Times are microseconds since 1970."""

    def streams(self, scope: str = "*.*.*") -> list[Stream]:
        """The streams a pattern of scopes matches, oldest first."""
        ...

    def events(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
    ) -> Iterator[list[Event]]:
        """The events of a kind, or of patterns of kinds, in stream order, repeats left out: `seen` in
        [since, until), from offset `first`."""
        ...

    def batches(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
        last: int | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[Batch]:
        """The same for the engine, up to offset `last`; of their bodies only these `fields` are needed."""
        ...

    def clock(self, stream: Stream, until: int | None = None) -> int | None:
        """The stream's clock: the highest `seen` of any event below `until`."""
        ...


class Events:
    """A history of events in a list, in stream order: for tests, and for what a tap has just seen."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = list(events)

    def streams(self, scope: str = "*.*.*") -> list[Stream]:
        found = dict.fromkeys(Stream(event.scope, event.epoch) for event in self._events)
        return [stream for stream in found if topic_matches(scope, stream.scope)]

    def events(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
    ) -> Iterator[list[Event]]:
        yield [
            event
            for event in self._of(stream)
            if kind_matches(kind, event.kind)
            and not event.repeat
            and (since is None or event.seen >= since)
            and (until is None or event.seen < until)
            and (first is None or event.offset >= first)
        ]

    def batches(
        self,
        stream: Stream,
        kind: Kinds = "#",
        since: int | None = None,
        until: int | None = None,
        first: int | None = None,
        last: int | None = None,
        fields: Collection[str] | None = None,
    ) -> Iterator[Batch]:
        for events in self.events(stream, kind, since, until, first):
            yield Batch([event for event in events if last is None or event.offset <= last])

    def clock(self, stream: Stream, until: int | None = None) -> int | None:
        return max((e.seen for e in self._of(stream) if until is None or e.seen < until), default=None)

    def _of(self, stream: Stream) -> Iterator[Event]:
        return (event for event in self._events if event.epoch == stream.epoch and event.scope == stream.scope)
