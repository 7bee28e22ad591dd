"""A history folded through a rule, stream by stream: primed in silence, begun, and on to its end."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from minerlib.event.event import Event
from minerlib.rule.evaluate import begin, evaluate, withdraw
from minerlib.rule.history import History, Stream
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition
from minerlib.rule.watch import Watch

Progress = Callable[[int, int], object]
"""Hears how many events were folded so far, and the moment of the stream that was reached (microseconds)."""


class Begun(NamedTuple):
    """Where a host began a rule, as its `node.began` says: offsets, and the stream's clock at `live_from`.

    `last` and `ended` are the offset and the clock behind which it ended, where it did: `withdrawn`, or because it was
    begun anew there (a gap), which clears nothing.
    """

    stream: Stream
    primed_from: int
    live_from: int
    clock: int
    last: int | None = None
    ended: int | None = None
    withdrawn: bool = True


class Fold:
    """A rule folded over one stream of a history, from `start` to `end` of its clock.

    `transitions` are those behind priming, `keys` name all instances that were watched behind it.
    """

    def __init__(
        self, rule: Rule, stream: Stream, progress: Progress | None = None, watch: Watch | None = None
    ) -> None:
        self.rule, self.stream, self.progress, self.watch = rule, stream, progress, watch
        self.state = State.fresh(*stream)
        self.transitions: list[Transition] = []
        self.keys: set[str] = set()
        self.start = self.end = self.folded = 0
        self._primed: Counter[str] = Counter()

    @property
    def counts(self) -> Counter[str]:
        """What was counted since priming ended."""
        return Counter(self.state.counts) - self._primed

    def from_time(self, history: History, since: int | None, until: int | None, end: int) -> None:
        """Fold `[since, until)` of the clock, primed before; `end` is where the clock stands."""
        rule = self.rule
        first: int | None = None
        live = since is None
        begin_at = None if since is None else since - rule.lookback - rule.lateness - rule.ahead
        for events in history.events(self.stream, rule.kinds, begin_at, until):
            if events and first is None:
                first = events[0].seen
            if not live and since is not None:
                before = [event for event in events if event.seen < since]
                self._evaluate(before)
                if len(before) == len(events):
                    continue
                events, live = events[len(before) :], True
                self._begin(since)
            self._fold(events)
        if not live and since is not None:
            self._begin(since)
        self.start = since if since is not None else (first if first is not None else end)
        self._fold([], end)

    def from_offset(self, history: History, begun: Begun, end: int, until: int | None = None) -> None:
        """Fold one run of a host from the offset it was primed from, up to `end` of the clock; events seen at `until`
        or later are left out."""
        live = False
        self.start = begun.clock
        for events in history.events(self.stream, self.rule.kinds, until=until, first=begun.primed_from):
            if begun.last is not None:
                events = [event for event in events if event.offset <= begun.last]
            if not live:
                before = [event for event in events if event.offset < begun.live_from]
                self._evaluate(before)
                if len(before) == len(events):
                    continue
                events, live = events[len(before) :], True
                self._begin(begun.clock)
            self._fold(events)
        if not live:
            self._begin(begun.clock)
        self._fold([], end)
        if begun.ended is not None and begun.withdrawn:
            self.transitions += withdraw(self.rule, self.state, begun.ended)

    def move(self, clock: int) -> list[Transition]:
        """Move the clock on; what that makes due."""
        return self._evaluate([], clock)

    def _begin(self, clock: int) -> None:
        self._evaluate([], clock)
        self._primed = Counter(self.state.counts)
        self.transitions += begin(self.rule, self.state, clock)
        self.keys = set(self.state.instances)

    def _fold(self, events: list[Event], clock: int | None = None) -> None:
        self.transitions += self._evaluate(events, clock)
        self.keys |= self.state.instances.keys()
        self.end = self.state.clock

    def _evaluate(self, events: list[Event], clock: int | None = None) -> list[Transition]:
        self.state, said = evaluate(self.rule, self.state, events, clock, self.watch)
        self.folded += len(events)
        if self.progress:
            self.progress(self.folded, self.state.clock)
        return said


def folds(
    rule: Rule,
    history: History,
    since: int | None = None,
    until: int | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
    watch: Callable[[Stream], Watch] | None = None,
) -> Iterator[Fold]:
    """Each stream and epoch of the rule's scope, folded by itself; one that ended before `since` is left out."""
    before = 0
    for stream in [begun.stream] if begun else history.streams(rule.scope):
        end = (begun.ended if begun else None) or history.clock(stream, until)
        if end is None or (begun is None and since is not None and end < since):
            continue
        folded = Fold(rule, stream, _counting(progress, before), watch(stream) if watch else None)
        if begun:
            folded.from_offset(history, begun, end)
        else:
            folded.from_time(history, since, until, end)
        before += folded.folded
        yield folded


def _counting(progress: Progress | None, before: int) -> Progress | None:
    """The same, told of the events of all streams together."""
    return (lambda folded, clock: progress(before + folded, clock)) if progress and before else progress
