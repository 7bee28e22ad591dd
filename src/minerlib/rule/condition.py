"""Conditions: `> 80`, as a level or a `clear` says them."""

import math
import operator
import re
from collections.abc import Callable
from typing import NamedTuple

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_OPPOSITE = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
_SHAPE = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


class Condition(NamedTuple):
    """A comparison with a number."""

    sign: str
    number: float

    def holds(self, value: float) -> bool:
        return _OPERATORS[self.sign](value, self.number)

    def opposite(self) -> "Condition":
        """The condition that holds exactly where this one does not (of numbers; NaN is never observed)."""
        return Condition(_OPPOSITE[self.sign], self.number)

    def __str__(self) -> str:
        short = f"{self.number:.15g}"
        return f"{self.sign} {short if float(short) == self.number else repr(self.number)}"


def read_condition(text: object) -> Condition | None:
    """The condition a text says; None where it says none.

    >>> read_condition("> 80")
    Condition(sign='>', number=80.0)
    """
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    number = float(found[2]) if found else math.inf
    return Condition(found[1], number) if found and math.isfinite(number) else None
