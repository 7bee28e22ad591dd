"""Conditions: `> 80` or `> usual + 5 * spread`, as a level or a `clear` says them."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from minerlib.rule.expression import Expression, Unreadable

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
_SHAPE = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(.+?)\s*", re.DOTALL)
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
USUAL = ("usual", "spread")


class Condition(NamedTuple):
    """A comparison with a number, or with what an expression makes of what is usual."""

    sign: str
    threshold: float | Expression

    @property
    def number(self) -> float:
        """The threshold where it is a number, NaN otherwise."""
        return math.nan if isinstance(self.threshold, Expression) else self.threshold

    def line(self, usual: Mapping[str, float | None]) -> float | None:
        """What a value is compared with; None where nothing is usual."""
        if not isinstance(self.threshold, Expression):
            return self.threshold
        try:
            return self.threshold.of(usual)
        except Unreadable:  # no number comes of it
            return None

    def holds(self, value: float, line: float) -> bool:
        return _OPERATORS[self.sign](value, line)

    def opposite(self) -> "Condition":
        """The condition that holds exactly where this one does not (of numbers; NaN is never observed)."""
        return self._replace(sign=_OPPOSITE[self.sign])

    def __str__(self) -> str:
        if isinstance(self.threshold, Expression):
            return f"{self.sign} {self.threshold}"
        short = f"{self.threshold:.15g}"
        return f"{self.sign} {short if float(short) == self.threshold else repr(self.threshold)}"


def read_condition(text: object) -> Condition | None:
    """The condition a text says; None where it says none.

    >>> read_condition("> 80")
    Condition(sign='>', threshold=80.0)
    """
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    sign, line = found.groups()
    if _NUMBER.fullmatch(line):
        return Condition(sign, float(line)) if math.isfinite(float(line)) else None
    try:
        expression = Expression.read(line)
    except ValueError:
        return None
    if expression.fields:
        return Condition(sign, expression) if set(expression.fields) <= set(USUAL) else None
    try:
        number = expression.of({})
    except Unreadable:
        return None
    return None if number is None else Condition(sign, number)
