"""A backtest: the same `evaluate`, folded over what was archived."""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from minerlib.event.moment import DAY, HOUR, rfc3339, to_datetime, words
from minerlib.rule.fold import Begun, Fold, Progress
from minerlib.rule.history import History
from minerlib.rule.rule import Rule
from minerlib.rule.state import COUNTS
from minerlib.rule.transition import Transition

_SHOWN = 20  # transitions in a printed result


@dataclass
class Backtest:
    """What a rule would have said. Times are microseconds since 1970.

    `instances` is how many things it watched, `firing` the share of their time they fired, `counts` how many events
    of the range were selected, late, future, null, repeat, fault (an archive leaves repeats out by itself).
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
        """The transitions that would have told somebody: raised, at the range's begin too."""
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
        """The rule's levels whose condition never made them fire, by severity."""
        fired = {each.severity for each in self.transitions if each.what != "cleared" and each.reason != "missing"}
        return [level.severity for level in self.rule.levels if level.severity not in fired]

    @property
    def says(self) -> str:
        """The result in one sentence."""
        if not any(self.counts[name] for name in ("selected", "late", "fault")):
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
        return said + (f" ({self._trouble})" if self._trouble else "") + "."

    @property
    def _trouble(self) -> str:
        names = ("late", "future", "null", "repeat", "fault")
        return ", ".join(f"{self.counts[name]} {name}" for name in names if self.counts[name])

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        return {
            "rule": self.rule.name, "fingerprint": self.rule.fingerprint,
            "since": rfc3339(self.since), "until": rfc3339(self.until), "says": self.says,
            "alerts": len(self.alerts), "alerts_per_day": self.per_day, "by_hour": self.by_hour, "never": self.never,
            "instances": self.instances, "firing": self.firing, "counts": {name: self.counts[name] for name in COUNTS},
            "transitions": [transition.body() for transition in self.transitions],
        }  # fmt: skip

    def __str__(self) -> str:
        day = self.per_day
        most = max(self.by_hour)
        hours = "".join(" ▁▂▃▄▅▆▇█"[-(-8 * count // most)] for count in self.by_hour) if most else ""
        lines = [
            f"{self.rule.name}: {self.says}",
            f"  alerts a day   median {day['median']:g}, p95 {day['p95']:g}, worst {day['worst']:g}",
            f"  watched        {self.instances} instances, {self.counts['selected']:,} events",
        ]
        if most:
            lines.append(f"  by hour (UTC)  0 |{hours}| 24, at most {most}")
        if self.never:
            lines.append(f"  never fired    {', '.join(self.never)}")
        if len(self.transitions) > _SHOWN:
            lines.append(f"  the last {_SHOWN} of {len(self.transitions)} transitions:")
        lines += [f"  {transition}" for transition in self.transitions[-_SHOWN:]]
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

    Each stream and epoch is folded by itself, primed with the rule's lookback before `since`; one that ended before
    `since` is left out. With `begun`, one run of
    a host is folded from where it began: the transitions are those it published, by id. `progress` hears how many
    events were folded.
    """
    result = Backtest(rule)
    spent = watched = 0
    streams = [begun.stream] if begun else history.streams(rule.scope)
    for stream in streams:
        end = (begun.ended if begun else None) or history.clock(stream, until)
        if end is None or (begun is None and since is not None and end < since):
            continue
        folded = Fold(rule, stream, progress)
        if begun:
            folded.from_offset(history, begun, end)
        else:
            folded.from_time(history, since, until, end)
        start = folded.start
        result.transitions += folded.transitions
        result.counts += folded.counts
        result.instances += len(folded.state.instances)
        spent += _spent(folded.transitions, end)
        watched += len(folded.state.instances) * (end - start)
        result.since = min(result.since or start, start)
        result.until = max(result.until, end)
    result.firing = spent / watched if watched else 0.0
    return result


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
