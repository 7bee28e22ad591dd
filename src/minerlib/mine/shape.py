"""What a suggested rule watches, all but where its line is."""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from minerlib.event.moment import words
from minerlib.rule.expression import quoted

_PLAIN = {"value", "used_pct", "pct", "percent"}  # fields whose name says nothing that the kind does not


class Shape(NamedTuple):
    """The mean of a field over a window, for each instance, compared with a line. Spans are in µs."""

    kind: str
    field: str
    by: tuple[str, ...]
    side: str
    over: int
    every: int
    wait: int

    @property
    def sign(self) -> int:
        """1 where high values alert, -1 where low ones do."""
        return 1 if self.side == "high" else -1

    def document(self, scope: str, line: float, clear: float, evidence: dict[str, Any]) -> dict[str, Any]:
        """The rule's document with this line and what clears it."""
        name = self.kind if self.field in _PLAIN else f"{self.kind}-{self.field}"
        over, wait = words(self.over), words(self.wait)
        above, below, where = (">", "<", "above") if self.side == "high" else ("<", ">", "below")
        return {
            "rule": re.sub(r"[^a-z0-9]+", "-", f"{name}-{self.side}".lower()).strip("-"),
            "version": 1,
            "scope": scope,
            "about": f"{self.kind} {self.field} stays {where} {number(line)}",
            "kind": self.kind,
            "by": list(self.by),
            "measure": {"of": quoted(self.field), "agg": "mean", "over": over, "every": words(self.every)},
            "levels": [{"severity": "warning", "when": f"{above} {number(line)}", "for": wait}],
            "clear": {"when": f"{below} {number(clear)}", "for": wait},
            "evidence": evidence,
        }


def number(value: float) -> str:
    """A number as a person writes it, all of it: 85, 0.25, 35000000.

    >>> number(85.0), number(1e-05), number(3.5e7)
    ('85', '0.00001', '35000000')
    """
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
