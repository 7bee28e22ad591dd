"""Drift: a rule that raises more than its budget is said to, once a day, live as a backtest would have found."""

from collections.abc import Iterable

from minerlib.event.moment import DAY
from minerlib.nodes.checkpoint import Outgoing
from minerlib.nodes.said import drift
from minerlib.rule import Rule, State, Transition
from minerlib.rule.firing import alerts


class Drift:
    """The alerts of each rule on one stream, by day (UTC) of the moments they were due, since the node started."""

    def __init__(self) -> None:
        self._days: dict[str, tuple[int, int]] = {}

    def heard(self, rule: Rule, state: State, transitions: Iterable[Transition], clock: int) -> list[Outgoing]:
        """Count what a rule said; the event `rule.drift`, where that is the first above its budget of the day."""
        found: list[Outgoing] = []
        for each in transitions:
            if rule.budget is None or not alerts(each) or each.reason == "primed":
                continue
            day, (last, count) = each.due // DAY, self._days.get(rule.fingerprint, (0, 0))
            count = count + 1 if day == last else 1
            self._days[rule.fingerprint] = day, count
            if count - 1 <= rule.budget < count:
                found.append(drift(rule, state.stream, state.epoch, day, count, clock))
        return found
