"""What one observation does to an instance: hysteresis, `for`, escalation, clearing. Times are microseconds."""

from typing import Literal, NamedTuple

from minerlib.rule.rule import Rule
from minerlib.rule.state import Instance
from minerlib.rule.transition import Condition


class Change(NamedTuple):
    """A transition of one instance, before it has a name: `level` is the one that fires, or did."""

    what: Literal["raised", "escalated", "cleared"]
    was: Condition
    now: Condition
    level: int
    threshold: float | None


def condition(instance: Instance) -> Condition:
    """The state an instance is in."""
    if instance.firing >= 0:
        return "firing" if instance.clearing is None else "clearing"
    return "ok" if all(held is None for held in instance.held) else "pending"


def observe(rule: Rule, instance: Instance, time: int, value: float) -> list[Change]:
    """Let an instance see a value at a time, clear before raise; at most one transition of each."""
    changes: list[Change] = []
    clear, was = rule.clears, condition(instance)
    if instance.firing >= 0 and clear:
        if not clear.when.holds(value):
            instance.clearing = None
        else:
            since = instance.clearing = time if instance.clearing is None else instance.clearing
            if time - since >= clear.wait:
                changes.append(Change("cleared", was, "ok", instance.firing, clear.when.number))
                reset(instance)
                was = "ok"
    wanted = -1
    for number, level in enumerate(rule.levels):
        if not level.when.holds(value):
            instance.held[number] = None
            continue
        since = instance.held[number]
        if since is None:
            since = instance.held[number] = time
        if time - since >= level.wait:
            wanted = number
    if wanted > instance.firing:
        level = rule.levels[wanted]
        what = "raised" if instance.firing < 0 else "escalated"
        changes.append(Change(what, was, "firing", wanted, level.when.number))
        instance.firing, instance.clearing = wanted, None
    return changes


def reset(instance: Instance) -> None:
    """Nothing fires, nothing is timed."""
    instance.firing, instance.clearing = -1, None
    instance.held = [None] * len(instance.held)
