"""Conditions: `> 80` or `> usual + 5 * spread`, as a level or a `clear` says them."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from minerlib.rule.expression import Expression

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
    number: float = math.nan
    line: Expression | None = None

    def threshold(self, usual: Mapping[str, float | None]) -> float | None:
        """What a value is compared with; None where nothing is usual."""
        return self.number if self.line is None else self.line.of(usual)

    def holds(self, value: float, threshold: float) -> bool:
        return _OPERATORS[self.sign](value, threshold)

    def opposite(self) -> "Condition":
        """The condition that holds exactly where this one does not (of numbers; NaN is never observed)."""
        return self._replace(sign=_OPPOSITE[self.sign])

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.sign} {self.line}"
        short = f"{self.number:.15g}"
        return f"{self.sign} {short if float(short) == self.number else repr(self.number)}"


def read_condition(text: object) -> Condition | None:
    """The condition a text says; None where it says none.

    >>> read_condition("> 80")
    Condition(sign='>', number=80.0, line=None)
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
    if not expression.fields or not set(expression.fields) <= set(USUAL):
        return None
    return Condition(sign, line=expression)
