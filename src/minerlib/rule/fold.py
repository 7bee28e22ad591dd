"""One stream of a history folded through a rule: primed in silence, begun, and on to its end."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from minerlib.event.event import Event
from minerlib.rule.evaluate import begin, evaluate, withdraw
from minerlib.rule.history import History, Stream
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition

Progress = Callable[[int], object]


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
    """A rule folded over one stream of a history; `transitions` are those behind priming, `start` when it ended."""

    def __init__(self, rule: Rule, stream: Stream, progress: Progress | None) -> None:
        self.rule, self.stream, self.progress = rule, stream, progress
        self.state = State.fresh(*stream)
        self.transitions: list[Transition] = []
        self.start = self.folded = 0
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
                self.state, _ = evaluate(rule, self.state, before)
                if len(before) == len(events):
                    continue
                events, live = events[len(before) :], True
                self._begin(since)
            self._fold(events)
        if not live and since is not None:
            self._begin(since)
        self.start = since if since is not None else (first if first is not None else end)
        self._fold([], end)

    def from_offset(self, history: History, begun: Begun, end: int) -> None:
        """Fold one run of a host, from the offset it was primed from."""
        rule, live = self.rule, False
        self.start = begun.clock
        for events in history.events(self.stream, rule.kinds, first=begun.primed_from):
            if begun.last is not None:
                events = [event for event in events if event.offset <= begun.last]
            if not live:
                before = [event for event in events if event.offset < begun.live_from]
                self.state, _ = evaluate(rule, self.state, before)
                if len(before) == len(events):
                    continue
                events, live = events[len(before) :], True
                self._begin(begun.clock)
            self._fold(events)
        if not live:
            self._begin(begun.clock)
        self._fold([], end)
        if begun.ended is not None and begun.withdrawn:
            self.transitions += withdraw(rule, self.state, begun.ended)

    def _begin(self, clock: int) -> None:
        self.state, _ = evaluate(self.rule, self.state, [], clock)
        self._primed = Counter(self.state.counts)
        self.transitions += begin(self.rule, self.state, clock)

    def _fold(self, events: list[Event], clock: int | None = None) -> None:
        self.state, said = evaluate(self.rule, self.state, events, clock)
        self.transitions += said
        self.folded += len(events)
        if self.progress:
            self.progress(self.folded)
