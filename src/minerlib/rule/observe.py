"""What one observation does to an instance: hysteresis, `for`, escalation, clearing. Times are microseconds."""

from collections.abc import Mapping
from typing import NamedTuple

from minerlib.rule import transition
from minerlib.rule.instance import Instance
from minerlib.rule.rule import Rule
from minerlib.rule.usual import NOTHING


class Change(NamedTuple):
    """A transition of one instance, before it has a name: `level` is the one that fires, or did."""

    what: transition.What
    was: transition.Condition
    now: transition.Condition
    level: int
    threshold: float | None = None


def condition(rule: Rule, instance: Instance) -> transition.Condition:
    """The state an instance is in, whether it is latched or not."""
    if instance.missing is not None and rule.missing and rule.missing.then == "hold":
        return "unknown"
    if instance.firing >= 0:
        return "firing" if instance.clearing is None else "clearing"
    return "ok" if all(held is None for held in instance.held) else "pending"


def observe(rule: Rule, instance: Instance, key: str, time: int, value: float) -> list[Change]:
    """Let an instance see a value at a time, clear before raise; at most one transition of each."""
    changes: list[Change] = []
    usual = rule.usual.at(key, time) if rule.usual else NOTHING
    was = condition(rule, instance)
    if instance.firing >= 0 and _clear(rule, instance, time, value, usual):
        line = rule.clears.when.line(usual) if rule.clears else None
        changes.append(Change("cleared", was, "ok", instance.firing, line))
        reset(instance)
        was = "ok"
    wanted = -1
    for number, level in enumerate(rule.levels):
        line = level.when.line(usual)
        if line is None:
            continue
        if not level.when.holds(value, line):
            instance.held[number] = None
            continue
        since = instance.held[number]
        if since is None:
            since = instance.held[number] = time
        if time - since >= level.wait:
            wanted = number
    if wanted > instance.firing:
        what = "raised" if instance.firing < 0 else "escalated"
        changes.append(Change(what, was, "firing", wanted, rule.levels[wanted].when.line(usual)))
        instance.firing, instance.clearing = wanted, None
    return changes


def _clear(rule: Rule, instance: Instance, time: int, value: float, usual: Mapping[str, float | None]) -> bool:
    """Whether `clear` has held long enough; keeps its timer."""
    clear = rule.clears
    line = clear.when.line(usual) if clear else None
    if clear is None or line is None:
        return False
    if not clear.when.holds(value, line):
        instance.clearing = None
        return False
    since = instance.clearing = time if instance.clearing is None else instance.clearing
    return time - since >= clear.wait


def reset(instance: Instance) -> None:
    """Nothing fires, nothing is timed."""
    instance.firing, instance.clearing = -1, None
    instance.held = [None] * len(instance.held)
