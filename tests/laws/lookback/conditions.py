"""The lines that observations are held against: a number, or what is usual at the hour."""

import operator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from minerlib.rule import Clear, Level, Rule

from .expressions import of_names
from .windows import Seen

SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


class Line(NamedTuple):
    sign: str
    threshold: str
    wait: int

    def opposite(self) -> "Line":
        return Line(NOT[self.sign], self.threshold, 0)


def line_of(said: Level | Clear) -> Line:
    sign, threshold = str(said.when).split(" ", 1)
    return Line(sign, threshold, said.wait)


def lines_of(rule: Rule) -> list[Line]:
    return [line_of(level) for level in rule.levels]


def threshold(rule: Rule, key: str, line: Line, time: int) -> float | None:
    """The number to compare with, for an instance at a time; None where nothing is usual."""
    names: dict[str, float | None] = {"usual": None, "spread": None}
    table = (rule.usual.tables.get(key) or rule.usual.shared) if rule.usual else None
    if rule.usual and table:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time)).astimezone(ZoneInfo(rule.usual.zone))
        hour = local.weekday() * 24 + local.hour
        names = {
            "usual": table.centre[hour % len(table.centre)],
            "spread": table.spread[hour % len(table.spread)],
        }
    return of_names(line.threshold, names)


def holds(rule: Rule, key: str, line: Line, seen: Seen) -> bool | None:
    bar = threshold(rule, key, line, seen.time)
    return None if bar is None else SIGNS[line.sign](seen.value, bar)
