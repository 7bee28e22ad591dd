"""What a value must be to change nothing: so that only instances in which something happens are looked at one by one.

Each level is a bit, and `clear` the next one. A value has the bits of the conditions that hold. It changes nothing
where these are the bits that it was left with, and no timer runs.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from minerlib.rule.condition import Condition
from minerlib.rule.instance import Instance
from minerlib.rule.rows import Floats, Ints, Slots, Truths
from minerlib.rule.rule import Rule
from minerlib.rule.usual import NOTHING

_SIGNS: dict[str, Callable[[Any, float], Any]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ANY = -1  # bits that no value has: every value is looked at


class Marks:
    """For each slot of a state: whether it has windows (`awake`: it is known, and not missed), the bits that it cares
    about, and the bits under which nothing changes; `missing` are the slots of those that are missed."""

    def __init__(self, rule: Rule, slots: Slots, instances: Mapping[str, Instance]) -> None:
        self.rule = rule
        self.tests = _tests(rule)
        self.missing: set[int] = set()
        self.awake: Truths = np.zeros(0, np.bool_)
        self.care: Ints = np.zeros(0, np.int64)
        self.rest: Ints = np.zeros(0, np.int64)
        self.grow(len(slots))
        for key, instance in instances.items():
            self.note(slots.at[key], instance)

    def grow(self, size: int) -> None:
        """Room for more slots."""
        more = size - len(self.awake)
        if more > 0:
            self.awake = np.r_[self.awake, np.zeros(more, np.bool_)]
            self.care = np.r_[self.care, np.zeros(more, np.int64)]
            self.rest = np.r_[self.rest, np.zeros(more, np.int64)]

    def note(self, slot: int, instance: Instance | None) -> None:
        """Remember how an instance was left, None where it was forgotten."""
        self.awake[slot] = instance is not None and instance.missing is None
        if instance is None:
            self.missing.discard(slot)
            return
        (self.missing.discard if instance.missing is None else self.missing.add)(slot)
        held, firing = instance.held, instance.firing
        bits = 0
        running = instance.clearing is not None
        for level, since in enumerate(held):
            if since is not None:
                bits |= 1 << level
                running = running or level > firing
        clear = 1 << len(held)
        self.care[slot] = 2 * clear - 1 if firing >= 0 else clear - 1
        self.rest[slot] = _ANY if running or self.tests is None else bits

    def born(self, slots: Ints) -> None:
        """Remember new instances, of which nothing holds."""
        self.awake[slots] = True
        self.care[slots] = (1 << len(self.rule.levels)) - 1
        self.rest[slots] = _ANY if self.tests is None else 0

    def bits(self, values: Floats) -> Ints:
        """The bits of values."""
        found = np.zeros(len(values), np.int64)
        for bit, (sign, line) in enumerate(self.tests or ()):
            found |= _SIGNS[sign](values, line).astype(np.int64) << bit
        return found

    def stirred(self, slots: Ints | slice, values: Floats) -> Truths:
        """Which instances, awake or not, a value may change."""
        return (self.bits(values) & self.care[slots]) != self.rest[slots]

    def restless(self) -> bool:
        """Whether a window of nothing, counted, would change anything."""
        return bool((self.awake & self.stirred(slice(None), np.zeros(len(self.awake)))).any())


def _tests(rule: Rule) -> list[tuple[str, float]] | None:
    """The comparisons of the levels and of `clear`; None where what is usual decides."""
    conditions: list[Condition] = [level.when for level in rule.levels]
    conditions += [rule.clears.when] if rule.clears else []
    lines = [each.line(NOTHING) for each in conditions]
    if rule.usual is not None or any(line is None for line in lines):
        return None
    return [(each.sign, line) for each, line in zip(conditions, lines, strict=True) if line is not None]
