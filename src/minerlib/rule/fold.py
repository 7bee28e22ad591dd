"""A history folded through a rule, stream by stream: primed in silence, begun, and on to its end."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from minerlib.rule.batch import Batch
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

    `transitions` are those behind priming, `keys` name the instances that were watched behind it or had an event there.
    `primed` counts what priming would have said, `latest` is when the last of it was due; `met` is how many instances
    any event was of.
    """

    def __init__(
        self, rule: Rule, stream: Stream, progress: Progress | None = None, watch: Watch | None = None
    ) -> None:
        self.rule, self.stream, self.progress, self.watch = rule, stream, progress, watch
        self.state = State.fresh(*stream)
        self.transitions: list[Transition] = []
        self.keys: set[str] = set()
        self.start = self.end = self.folded = self.primed = self.latest = 0
        self._met: set[str] = set()
        self._primed: Counter[str] = Counter()

    @property
    def counts(self) -> Counter[str]:
        """What was counted since priming ended."""
        return Counter(self.state.counts) - self._primed

    @property
    def met(self) -> int:
        """How many instances any event was of, from priming on."""
        return len(self._met)

    def from_time(self, history: History, since: int | None, until: int | None, end: int) -> None:
        """Fold `[since, until)` of the clock, primed before; `end` is where the clock stands."""
        rule, stream, kinds = self.rule, self.stream, self.rule.kinds
        first: int | None = None
        if since is not None:
            primed = since - rule.lookback - rule.lateness - rule.ahead
            for batch in history.batches(
                stream, kinds, primed, since if until is None else min(since, until), fields=rule.fields
            ):
                self._prime(batch)
            self._begin(since)
        for batch in history.batches(stream, kinds, since, until, fields=rule.fields):
            if batch.size:
                first = batch.began if first is None else first
                self._fold(batch)
        self.start = since if since is not None else (first if first is not None else end)
        self._fold(None, end)

    def from_offset(self, history: History, begun: Begun, end: int, until: int | None = None) -> None:
        """Fold one run of a host from the offset it was primed from, up to `end` of the clock; events seen at `until`
        or later are left out."""
        stream, kinds, fields = self.stream, self.rule.kinds, self.rule.fields
        self.start, live = begun.clock, begun.live_from
        for batch in history.batches(stream, kinds, until=until, first=begun.primed_from, last=live - 1, fields=fields):
            self._prime(batch)
        self._begin(begun.clock)
        for batch in history.batches(stream, kinds, until=until, first=live, last=begun.last, fields=fields):
            self._fold(batch)
        self._fold(None, end)
        if begun.ended is not None and begun.withdrawn:
            self.transitions += withdraw(self.rule, self.state, begun.ended)

    def move(self, clock: int) -> list[Transition]:
        """Move the clock on; what that makes due."""
        return self._evaluate(None, clock)

    def _prime(self, batch: Batch | None, clock: int | None = None) -> None:
        said = self._evaluate(batch, clock)
        self.primed += len(said)
        self.latest = max(self.latest, *(each.due for each in said), 0)

    def _begin(self, clock: int) -> None:
        self._prime(None, clock)
        self._primed = Counter(self.state.counts)
        self.transitions += begin(self.rule, self.state, clock)
        waiting, slots = self.state.intake.waiting, self.state.intake.slots.keys
        self.keys = {*self.state.instances, *(slots[slot] for slot in waiting.slot.tolist())}

    def _fold(self, batch: Batch | None, clock: int | None = None) -> None:
        self.transitions += self._evaluate(batch, clock)
        if batch:
            selection = batch.select(self.rule)  # whose keys may name instances of which no event counts
            self.keys.update(selection.keys[slot] for slot in np.unique(selection.rows.slot).tolist())
        self.end = self.state.clock

    def _evaluate(self, batch: Batch | None, clock: int | None = None) -> list[Transition]:
        self.state, said = evaluate(self.rule, self.state, batch or [], clock, self.watch)
        if batch:
            self._met.update(batch.select(self.rule).keys)
            self.folded += batch.size
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
    for stream, end in spans(rule, history, since, until, begun):
        folded = Fold(rule, stream, _counting(progress, before), watch(stream) if watch else None)
        if begun:
            folded.from_offset(history, begun, end)
        else:
            folded.from_time(history, since, until, end)
        before += folded.folded
        yield folded


def spans(
    rule: Rule, history: History, since: int | None, until: int | None, begun: Begun | None
) -> Iterator[tuple[Stream, int]]:
    """The streams of a rule's scope that reach into a range, and where the clock of each stands at its end."""
    for stream in [begun.stream] if begun else history.streams(rule.scope):
        end = (begun.ended if begun else None) or history.clock(stream, until)
        if end is not None and (begun is not None or since is None or end >= since):
            yield stream, end


def _counting(progress: Progress | None, before: int) -> Progress | None:
    """The same, told of the events of all streams together."""
    return (lambda folded, clock: progress(before + folded, clock)) if progress and before else progress
