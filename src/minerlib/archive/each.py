"""Events of several streams, one by one, as they were seen."""

import heapq
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from minerlib.event.event import Event
from minerlib.event.pattern import Kinds
from minerlib.rule.history import Stream

if TYPE_CHECKING:
    from minerlib.archive.archive import Archive

_Next = tuple[int, int, Event, Iterator[Event]]  # when it was seen, which stream, it, and those behind it


def each(
    archive: "Archive", begins: Mapping[Stream, int], kind: Kinds, since: int | None, until: int | None
) -> Iterator[Event]:
    """The events of streams whose beginnings are known, oldest first: each stream in its order, and all by `seen`.

    A stream is opened when the others have come to its beginning, and let go at its end.
    """
    unopened = list(begins.items())[::-1]
    heads: list[_Next] = []
    while unopened or heads:
        while unopened and (not heads or unopened[-1][1] <= heads[0][0]):
            stream, _ = unopened.pop()
            events = (event for batch in archive.events(stream, kind, since, until) for event in batch)
            _push(heads, -len(unopened), events)
        if heads:
            _, number, event, events = heapq.heappop(heads)
            yield event
            _push(heads, number, events)


def _push(heads: list[_Next], number: int, events: Iterator[Event]) -> None:
    event = next(events, None)
    if event is not None:
        heapq.heappush(heads, (event.seen, number, event, events))
