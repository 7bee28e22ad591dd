"""Flapping: an instance that raises and clears too often is latched, and let go once it is quiet.

A filter behind the machine of an instance: the machine goes on, and what it would say is held back while it is latched.
"""

from minerlib.rule.instance import Instance
from minerlib.rule.observe import Change, condition
from minerlib.rule.rule import Rule
from minerlib.rule.transition import Condition


def shown(rule: Rule, instance: Instance) -> Condition:
    """The state that was said of an instance."""
    state = condition(rule, instance)
    return "firing" if instance.latched >= 0 and state != "unknown" else state


def filtered(rule: Rule, instance: Instance, change: Change, due: int) -> Change | None:
    """What is said of a change at `due`: the change, that it flaps, or nothing."""
    flap = rule.flap
    if flap is None or change.what not in ("raised", "escalated", "cleared"):
        return change
    instance.turned = due
    if instance.latched >= 0:
        if change.what == "cleared" or change.level <= instance.latched:
            return None
        instance.latched = change.level
        return change._replace(what="escalated", was="firing")
    instance.turns = [turn for turn in instance.turns if turn[0] > due - flap.per]
    instance.turns.append((due, change.level, change.what != "escalated"))
    if sum(counts for _, _, counts in instance.turns) <= flap.most:
        return change
    instance.latched = max(level for _, level, _ in instance.turns)
    instance.turns = []
    return Change("flapping", change.was, "firing", instance.latched, change.threshold)


def settle(rule: Rule, instance: Instance) -> Change:
    """Let a latched instance go into the state that its machine is in."""
    was = shown(rule, instance)
    level, instance.latched = instance.latched, -1
    if instance.firing >= 0:
        return Change("returned", was, "firing", instance.firing)
    return Change("cleared", was, condition(rule, instance), level)
