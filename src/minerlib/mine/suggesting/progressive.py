"""Measuring honestly: each line chosen on the past is folded over what came after it, and only that is told."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from minerlib.event.moment import DAY, SECOND, rfc3339
from minerlib.mine.suggesting.candidates import Candidate
from minerlib.mine.suggesting.look import Look
from minerlib.mine.suggesting.near import folded
from minerlib.mine.suggesting.shape import Shape
from minerlib.mine.suggesting.worth import Later
from minerlib.rule import Backtest
from minerlib.rule.labels import Caught, Incident, grade


@dataclass(frozen=True)
class Measured:
    """What the lines chosen before each cut did behind it, by `backtest`: plain JSON, and which incidents it missed."""

    numbers: dict[str, Any] | None
    caught: list[Caught]
    missed: list[Incident]


def measure(at: Look, one: Candidate, incidents: Sequence[Incident] | None) -> Measured:
    """Fold each of a candidate's earlier lines over the time from its cut to the next; the last to the very end.

    What fires already at the cut was raised before it, or by windows that are not full yet: it is not counted."""
    parts: list[dict[str, Any]] = []
    caught: list[Caught] = []
    missed: list[Incident] = []
    for place, later in enumerate(one.later):
        end = at.end if place == len(one.later) - 1 else later.end
        found = folded(at, one.shape, later.choice, later.scored, later.cut, end, incidents)
        part = _part(one.shape, later, found)
        if incidents is not None:
            firings = [each for each in found.firings if each.alert.reason != "primed"]
            against = grade(firings, incidents, later.cut, later.end)
            begun = [each for each in against.caught if each.incident.begin >= later.cut]
            lost = [each for each in against.missed if each.begin >= later.cut]
            caught, missed = caught + begun, missed + lost
            part |= {"caught": len(begun), "missed": len(lost), "false": len(against.false)}
        parts.append(part)
    if not parts:
        return Measured(None, [], [])
    seconds = sum(part["seconds"] for part in parts)
    numbers: dict[str, Any] = {
        "alerts": sum(part["alerts"] for part in parts),
        "wanted": float(f"{at.a_day * seconds * SECOND / DAY:.4g}"),
        "seconds": seconds,
        "parts": parts,
    }
    if incidents is not None:
        numbers |= graded(caught, missed, sum(part["false"] for part in parts))
    return Measured(numbers, caught, missed)


def graded(caught: Sequence[Caught], missed: Sequence[Incident], false: int) -> dict[str, Any]:
    """How many incidents were caught and missed, how many alerts were false, and how long after its begin."""
    lead = statistics.median(each.lead for each in caught) / 1e6 if caught else None
    return {"caught": len(caught), "missed": len(missed), "false": false, "lead_seconds": lead}


def _part(shape: Shape, later: Later, found: Backtest) -> dict[str, Any]:
    return {
        "chosen_until": rfc3339(later.cut),
        "until": rfc3339(later.end),
        "when": shape.when(later.choice.line, True),
        "seconds": (later.end - later.cut) / SECOND,
        "alerts": len([alert for alert in found.alerts if alert.reason != "primed"]),
    }
