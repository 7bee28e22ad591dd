"""What a candidate is worth: by incidents where they are known, else by its budget, its alerts and its length."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minerlib.event.moment import DAY
from minerlib.mine.suggesting.alerts import Alerts
from minerlib.mine.suggesting.choose import Choice
from minerlib.mine.suggesting.constants import (
    APART,
    EXCESS,
    FALSE,
    FLAPS,
    GOOD,
    LENGTH,
    OVER_BUDGET,
    PLAIN,
    UNDER_BUDGET,
    WINDOW,
    WORSE,
)
from minerlib.mine.suggesting.panegrid import Grid, Truths
from minerlib.mine.suggesting.scored import Scored
from minerlib.rule.labels import Incident

if TYPE_CHECKING:
    from minerlib.mine.suggesting.candidates import Candidate


class Later(NamedTuple):
    """A line chosen on all before `cut`, with what was learnt there, and its alerts in `(cut, end]` (µs)."""

    cut: int
    end: int
    choice: Choice
    scored: Scored
    alerts: Alerts

    @property
    def learnt(self) -> Any:
        return self.scored.learnt


def worth(one: "Candidate", grid: Grid, a_day: float, incidents: Sequence[Incident] | None) -> float:
    """In points: see constants. What came later counts where there is any, else what the line was chosen on."""
    if incidents:
        found = _by_incidents(one, grid, incidents)
        if found is not None:
            return found + 0.01 * PLAIN.get(one.shape.name, 0.0)
    alerts = [later.alerts for later in one.later]
    days = sum(later.end - later.cut for later in one.later) / DAY
    points = _plain(one, grid)
    if one.later:
        raised, wanted = sum(len(each.begin) for each in alerts), a_day * days
        ratio = math.log2((raised + 1) / (wanted + 1))
        points -= OVER_BUDGET * ratio if ratio > 0 else -UNDER_BUDGET * ratio
    whole = joined(alerts)
    seen, share = (whole, 1.0) if len(whole.begin) else (one.earlier, 0.5)
    if len(seen.begin):
        points += share * EXCESS * math.log10(1 + max(0.0, float(np.median(seen.beyond))))
        points -= FLAPS * _again(seen, one.shape.over + one.shape.wait)
    return points


def _plain(one: "Candidate", grid: Grid) -> float:
    """What speaks for a candidate before its alerts are looked at: how soon it tells, on which side, in how many words,
    and how far what was highest lies from what is usual."""
    shape, choice = one.shape, one.choice
    points = PLAIN.get(shape.name, 0.0) - LENGTH * math.log10(_numbers(one.learnt))
    points += WORSE * (shape.side == worse(shape.field))
    points -= WINDOW * (math.log(max(1, shape.panes(grid)), 6) + (shape.wait > 0))
    away = choice.seen - choice.usual
    if choice.spread > 0 and math.isfinite(away):
        points += APART * math.log10(max(1.0, away / choice.spread))
    return points


def worse(field: str) -> str:
    """The side on which a field is worse, as its name gives away: mostly the high one.

    >>> worse("used_pct"), worse("free_bytes")
    ('high', 'low')
    """
    return "low" if GOOD & set(field.lower().replace(".", "_").split("_")) else "high"


def joined(alerts: Sequence[Alerts]) -> Alerts:
    """Several histories' alerts as one's."""
    if not alerts:
        nothing = np.zeros(0, np.int64)
        return Alerts(nothing, nothing, nothing, nothing.astype(np.float64))
    return Alerts(
        np.concatenate([each.instance for each in alerts]),
        np.concatenate([each.begin for each in alerts]),
        np.concatenate([each.end for each in alerts]),
        np.concatenate([each.beyond for each in alerts]),
    )


def _by_incidents(one: "Candidate", grid: Grid, incidents: Sequence[Incident]) -> float | None:
    """The share of the incidents that were caught, less a part for each false alert; None where none lies there."""
    spans = [(later.cut, later.end, later.alerts) for later in one.later] or [(grid.first - 1, grid.end, one.earlier)]
    wanted = caught = false = 0
    early = 0.0
    for cut, end, alerts in spans:
        there = [each for each in incidents if each.begin <= end and each.end > cut]
        true = np.zeros(len(alerts.begin), np.bool_)
        for each in there:
            over = (alerts.begin <= each.end) & (alerts.end >= each.begin) & _same(grid, alerts, each)
            true |= over
            wanted += 1
            caught += bool(over.any())
            if over.any():
                lead = max(0, int(alerts.begin[over].min()) - each.begin)
                early += 1 / (1 + lead / max(1, each.end - each.begin))
        false += int((~true).sum())
    if not wanted:
        return None
    return (caught + 0.1 * early - FALSE * false) / wanted


def _same(grid: Grid, alerts: Alerts, incident: Incident) -> Truths:
    """Which alerts are of the incident's instance."""
    found = np.ones(len(alerts.begin), np.bool_)
    for name, value in incident.instance.items():
        names = np.array([str(each) for each in grid.names[f"by.{name}"].to_list()], dtype=object)
        found &= names[alerts.instance] == str(value)
    return found


def _again(alerts: Alerts, within: int) -> float:
    """The share of alerts raised again so soon after the instance's last one ended."""
    if len(alerts.begin) < 2:
        return 0.0
    order = np.lexsort((alerts.begin, alerts.instance))
    same = np.diff(alerts.instance[order]) == 0
    soon = alerts.begin[order][1:] - alerts.end[order][:-1] <= within
    return float((same & soon).mean())


def _numbers(learnt: Any) -> int:
    """How many numbers stand in the rule."""
    tables = [learnt.shared, *learnt.of.values()] if hasattr(learnt, "of") else []
    return 3 + sum(2 * len(table["centre"]) for table in tables if table)
