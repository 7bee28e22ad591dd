"""What is said, and where in the order of all that is said."""

from typing import Any, NamedTuple

from minerlib.rule import Rule

EVENTS, WINDOWS, EXPIRIES, RETIREMENTS, SETTLED = range(5)  # what happens at the same instant, in this order


class Said(NamedTuple):
    """What a transition says, without its names; `instance` is "" for the whole stream."""

    what: str
    instance: str
    was: str
    now: str
    due: int
    severity: str
    reason: str
    value: float | None = None
    threshold: float | None = None
    window: tuple[int, int] | None = None
    positions: list[tuple[int, int]] = []


Place = tuple[Any, ...]
"""(time, one of the five above, the order among its like): of a step, and of what is said at it."""


def severity(rule: Rule, level: int) -> str:
    """The name of a level; that of the lowest for -1."""
    return rule.levels[max(level, 0)].severity if rule.levels else "critical"
