"""A backtest: the same `evaluate`, folded over what was archived."""

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minerlib.event.moment import DAY, HOUR, rfc3339, to_datetime, words
from minerlib.rule.evaluate import begin, evaluate, withdraw
from minerlib.rule.history import History, Stream
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition

Progress = Callable[[int], object]


class Begun(NamedTuple):
    """Where a host began a rule, as its `node.began` says: offsets, and the stream's clock at `live_from`.

    `last` and `ended` are the offset and the clock behind which it was withdrawn, where it was.
    """

    stream: Stream
    primed_from: int
    live_from: int
    clock: int
    last: int | None = None
    ended: int | None = None


@dataclass
class Backtest:
    """What a rule would have said. Times are microseconds since 1970.

    `instances` is how many things it watched, `firing` the share of their time they fired, `counts` how many events
    were selected, late, future, null, repeat, fault.
    """

    rule: Rule
    since: int = 0
    until: int = 0
    transitions: list[Transition] = field(default_factory=list[Transition])
    instances: int = 0
    firing: float = 0.0
    counts: Counter[str] = field(default_factory=Counter[str])

    @property
    def alerts(self) -> list[Transition]:
        """The transitions that would have told somebody: raised, outside priming."""
        return [transition for transition in self.transitions if transition.what == "raised"]

    @property
    def days(self) -> float:
        """The length of the range in days."""
        return (self.until - self.since) / DAY

    @property
    def per_day(self) -> dict[str, float]:
        """Alerts a day over whole days from the range's begin: median, p95 (nearest rank), worst."""
        count = max(1, -(-(self.until - self.since) // DAY))
        found = [0] * count
        for alert in self.alerts:
            found[min(count - 1, max(0, (alert.due - self.since) // DAY))] += 1
        found.sort()
        return {
            "median": statistics.median(found),
            "p95": found[max(0, -(-len(found) * 95 // 100) - 1)],
            "worst": found[-1],
        }

    @property
    def by_hour(self) -> list[int]:
        """Alerts by hour of day, UTC: 24 numbers."""
        found = Counter(to_datetime(alert.due).hour for alert in self.alerts)
        return [found[hour] for hour in range(24)]

    @property
    def never(self) -> list[str]:
        """The rule's levels that never fired, by severity."""
        fired = {transition.severity for transition in self.transitions if transition.what != "cleared"}
        return [level.severity for level in self.rule.levels if level.severity not in fired]

    @property
    def says(self) -> str:
        """The result in one sentence."""
        if not self.counts["selected"]:
            return f"{self.rule.name} selected no event at all: is its kind {self.rule.kind!r} right?"
        night = sum(self.by_hour[22:]) + sum(self.by_hour[:6])
        span = (
            words(max(0, self.until - self.since) // HOUR * HOUR)
            if self.days >= 1 / 12
            else words((self.until - self.since) // 1_000_000 * 1_000_000)
        )
        alerts = len(self.alerts)
        said = f"over {span}: " + ("no alert" if not alerts else "1 alert" if alerts == 1 else f"{alerts} alerts")
        if alerts:
            said += f", {night} at night" if night else ", none at night"
            said += f"; firing {self.firing:.1%} of the time"
        if self.never and alerts:
            said += f"; {' and '.join(self.never)} never fired"
        trouble = [f"{self.counts[name]} {name}" for name in ("late", "future", "null", "fault") if self.counts[name]]
        return said + (f" ({', '.join(trouble)})" if trouble else "") + "."

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return {
            "rule": self.rule.name, "fingerprint": self.rule.fingerprint,
            "since": rfc3339(self.since), "until": rfc3339(self.until), "says": self.says,
            "alerts": len(self.alerts), "alerts_per_day": self.per_day, "by_hour": self.by_hour, "never": self.never,
            "instances": self.instances, "firing": self.firing, "counts": dict(self.counts),
            "transitions": [transition.body() for transition in self.transitions],
        }  # fmt: skip

    def __str__(self) -> str:
        day = self.per_day
        lines = [
            f"{self.rule.name}: {self.says}",
            f"  alerts a day   median {day['median']:g}, p95 {day['p95']:g}, worst {day['worst']:g}",
            f"  watched        {self.instances} instances, {self.counts['selected']:,} events",
        ]
        lines += [f"  {transition}" for transition in self.transitions[-20:]]
        if len(self.transitions) > 20:
            lines.insert(3, f"  the last 20 of {len(self.transitions)} transitions:")
        return "\n".join(lines)


def backtest(
    rule: Rule,
    history: History,
    since: int | None = None,
    until: int | None = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
) -> Backtest:
    """Fold a rule over a history: what it would have said in `[since, until)` (microseconds, of the stream's clock).

    Each stream and epoch is folded by itself, primed with the rule's lookback before `since`. With `begun`, one run of
    a host is folded from where it began: the transitions are those it published, by id. `progress` hears how many
    events were folded.
    """
    result = Backtest(rule)
    spent = watched = 0
    streams = [begun.stream] if begun else history.streams(rule.scope)
    for stream in streams:
        end = (begun.ended if begun else None) or history.clock(stream, until)
        if end is None:
            continue
        folded = _Fold(rule, stream, progress)
        if begun:
            folded.from_offset(history, begun, end)
        else:
            folded.from_time(history, since, until, end)
        start = folded.start
        result.transitions += folded.transitions
        result.counts += folded.state.count_of()
        result.instances += len(folded.state.instances)
        spent += _spent(folded.transitions, end)
        watched += len(folded.state.instances) * (end - start)
        result.since = min(result.since or start, start)
        result.until = max(result.until, end)
    result.firing = spent / watched if watched else 0.0
    return result


class _Fold:
    def __init__(self, rule: Rule, stream: Stream, progress: Progress | None) -> None:
        self.rule, self.stream, self.progress = rule, stream, progress
        self.state = State.fresh(*stream)
        self.transitions: list[Transition] = []
        self.start = self.folded = 0

    def from_time(self, history: History, since: int | None, until: int | None, end: int) -> None:
        rule = self.rule
        first: int | None = None
        live = since is None
        begin_at = None if since is None else since - rule.lookback - rule.lateness - rule.ahead
        for events in history.events(self.stream, rule.kind, begin_at, until):
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
        rule, live = self.rule, False
        self.start = begun.clock
        for events in history.events(self.stream, rule.kind, first=begun.primed_from):
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
        if begun.ended is not None:
            self.transitions += withdraw(rule, self.state, begun.ended)

    def _begin(self, clock: int) -> None:
        self.state, _ = evaluate(self.rule, self.state, [], clock)
        self.transitions += begin(self.rule, self.state, clock)

    def _fold(self, events: list[Any], clock: int | None = None) -> None:
        self.state, said = evaluate(self.rule, self.state, events, clock)
        self.transitions += said
        self.folded += len(events)
        if self.progress:
            self.progress(self.folded)


def _spent(transitions: list[Transition], end: int) -> int:
    """Microseconds that instances fired, added up."""
    since: dict[str, int] = {}
    total = 0
    for transition in transitions:
        key = repr(transition.instance)
        if transition.what == "raised":
            since[key] = transition.due
        elif transition.what == "cleared" and key in since:
            total += transition.due - since.pop(key)
    return total + sum(max(0, end - at) for at in since.values())
