"""A backtest: the same `evaluate`, folded over what was archived."""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from minerlib.event.moment import DAY, to_datetime, when
from minerlib.rule import report
from minerlib.rule.coverage import coverage
from minerlib.rule.drawn import Drawn
from minerlib.rule.firing import Firing, alerts, firings
from minerlib.rule.fold import Begun, Progress, folds
from minerlib.rule.history import History, Stream
from minerlib.rule.labels import Graded, Incident, grade, read_incidents
from minerlib.rule.rule import Rule
from minerlib.rule.spread import spread
from minerlib.rule.transition import Transition

if TYPE_CHECKING:
    from minerlib.rule.why import Why

Moment = int | str | datetime | timedelta | None


@dataclass
class Backtest(Drawn):
    """What a rule would have said. Times are microseconds since 1970.

    `instances` is how many things it watched, `watched` their time added up, `counts` how many events of the range were
    selected, late, future, null, repeat, fault, beyond a bound (an archive leaves repeats out by itself). `graded` says
    which of the labelled `incidents` it caught; None where no labels were given. What lies before `primed_before`
    primed it; where that is None it began with the history, which is kept for drawing and for `why`.
    """

    rule: Rule
    since: int = 0
    until: int = 0
    transitions: list[Transition] = field(default_factory=list[Transition])
    instances: int = 0
    watched: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    ends: dict[Stream, int] = field(default_factory=dict[Stream, int])
    incidents: list[Incident] | None = None
    history: History | None = field(default=None, repr=False, compare=False)
    primed_before: int | None = field(default=None, repr=False)
    begun: Begun | None = field(default=None, repr=False)

    @property
    def alerts(self) -> list[Transition]:
        """The transitions that would have told somebody: raised (at the range's begin too), flapping out of quiet."""
        return [transition for transition in self.transitions if alerts(transition)]

    @cached_property
    def firings(self) -> list[Firing]:
        """The spans in which instances fired, by their begins."""
        return firings(self.transitions, self.ends)

    @property
    def firing(self) -> float:
        """The share of their time that all instances together fired."""
        return sum(each.end - each.begin for each in self.firings) / self.watched if self.watched else 0.0

    @property
    def days(self) -> float:
        """The length of the range in days."""
        return (self.until - self.since) / DAY

    @property
    def daily(self) -> list[int]:
        """Alerts on each day, counted from the range's begin; the last one may be a part of a day."""
        count = max(1, -(-(self.until - self.since) // DAY))
        found = [0] * count
        for alert in self.alerts:
            found[min(count - 1, max(0, (alert.due - self.since) // DAY))] += 1
        return found

    @property
    def per_day(self) -> dict[str, float]:
        """Alerts a day over whole days from the range's begin: median, p95 (nearest rank), worst."""
        found = sorted(self.daily)
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
        """The rule's levels whose condition never made them fire, by severity."""
        found = self.coverage
        return [level.severity for level in self.rule.levels if not found[level.severity]]

    @property
    def coverage(self) -> dict[str, int]:
        """How often each thing happened that the rule can say, its levels first; 0 is what was not tried."""
        return coverage(self.rule, self.transitions)

    @cached_property
    def graded(self) -> Graded | None:
        """The alerts against the labelled incidents; None where there are no labels."""
        return None if self.incidents is None else grade(self.firings, self.incidents, self.since, self.until)

    @property
    def says(self) -> str:
        """The result in one sentence."""
        return report.sentence(self)

    def why(self, transition: Transition | str) -> "Why":
        """Why one of its transitions was made, which may be named by its id; see `minerlib.why`."""
        from minerlib.rule.why import why_of

        return why_of(self, transition)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return report.plain(self)

    def __str__(self) -> str:
        return report.text(self)


def backtest(
    rule: Rule,
    history: History,
    since: Moment = None,
    until: Moment = None,
    labels: Any = None,
    progress: Progress | None = None,
    begun: Begun | None = None,
    client: Any = None,
) -> Backtest:
    """Fold a rule over a history: what it would have said in `[since, until)` of the stream's clock.

    `since` and `until` are microseconds, a datetime, text as in `2026-11-23`, or so long before the newest event:
    `30d`. Each stream and epoch is folded by itself, primed with the rule's lookback before `since`; one that ended
    before `since` is left out. `labels` are incidents to compare with: a list of (begin, end) or (instance, begin,
    end), or a frame with these columns (see `read_incidents`). With `begun`, one run of a host is folded from where it
    began: the transitions are those it published, by id. `progress` hears how many events were folded, and how far the
    clock is. With `client`, a Dask cluster's `distributed.Client`, an archive's sources are folded by its workers (see
    spread.py): the result is the same. Raises SettingError where the history cannot be opened by them.
    """
    incidents = None if labels is None else read_incidents(labels, rule.by)
    begin, end = bounds(rule, history, since, until)
    result = Backtest(rule, incidents=incidents, history=history, primed_before=begin, begun=begun)
    found = (
        folds(rule, history, begin, end, progress, begun)
        if client is None
        else spread(rule, history, begin, end, progress, begun, client)
    )
    for folded in found:
        result.transitions += folded.transitions
        result.counts += folded.counts
        result.instances += len(folded.keys)
        result.watched += len(folded.keys) * (folded.end - folded.start)
        result.ends[folded.stream] = folded.end
        result.since = min(result.since or folded.start, folded.start)
        result.until = max(result.until, folded.end)
    return result


def bounds(rule: Rule, history: History, since: Moment, until: Moment) -> tuple[int | None, int | None]:
    """A range in microseconds; spans are so long before the newest event of the rule's streams."""
    at = 0
    if any(each is not None and not isinstance(each, int) for each in (since, until)):
        at = max((history.clock(stream) or 0 for stream in history.streams(rule.scope)), default=0)
    begin, end = (each if isinstance(each, int) else when(each, at) for each in (since, until))
    return begin, end
