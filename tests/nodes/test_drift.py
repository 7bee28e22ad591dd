"""A rule above its budget."""

from typing import Any

import msgspec

from minerlib.event.moment import DAY, HOUR
from minerlib.nodes.drift import Drift
from minerlib.rule import Rule, State, Transition

RULE = (
    "{rule: r, kind: k, scope: a.b.c, measure: {of: v}, levels: [{severity: info, when: '> 1'}], budget: {per_day: 2}}"
)


def raised(due: int, **other: Any) -> Transition:
    said = {"what": "raised", "was": "ok", "now": "firing", "severity": "warning", "reason": "value", **other}
    return Transition(rule="r", version=1, fingerprint="f", stream="a.b.c", epoch="e", instance={}, due=due, **said)


def heard(drift: Drift, *said: Transition, text: str = RULE) -> list[dict[str, Any]]:
    found = drift.heard(Rule.read(text), State.fresh("a.b.c", "e"), said, 9 * DAY)
    return [msgspec.json.decode(each.body) for each in found]


def test_the_first_alert_above_the_budget_says_so_once_a_day():
    """Over as many batches as it takes; what only clears, and what was primed, is no alert."""
    drift = Drift()
    assert heard(drift, raised(DAY), raised(DAY + HOUR, what="cleared", now="ok"), raised(DAY, reason="primed")) == []
    assert heard(drift, raised(DAY + HOUR)) == []
    (said,) = heard(drift, raised(DAY + 2 * HOUR), raised(DAY + 3 * HOUR))
    assert (said["rule"], said["day"], said["alerts"], said["budget"]) == ("r", "1970-01-02", 3, 2)
    assert heard(drift, raised(2 * DAY - 1)) == []
    assert heard(drift, raised(2 * DAY)) == []
    assert len(heard(drift, *[raised(2 * DAY + HOUR)] * 4)) == 1


def test_without_a_budget_nothing_drifts():
    """However much it raises."""
    assert heard(Drift(), *[raised(DAY)] * 100, text=RULE.replace(", budget: {per_day: 2}", "")) == []


def test_half_an_alert_a_day_is_passed_by_the_first():
    """A budget need not be whole."""
    assert len(heard(Drift(), raised(DAY), raised(DAY), text=RULE.replace("per_day: 2", "per_day: 0.5"))) == 1
