"""The fields that a rule reads of an event's body."""

import difflib
from collections.abc import Iterable

from minerlib.rule.expression import COLUMNS, Expression
from minerlib.rule.rule import Rule


def fields_of(rule: Rule) -> tuple[str, ...]:
    """The dotted names of all body fields that a rule reads, each once."""
    measure = rule.measure
    ratio = measure.ratio if measure else None
    read: list[Expression | None] = [rule.where, measure.of if measure else None]
    read += [ratio.of, ratio.to] if ratio else []
    names = [*rule.by, *(name for each in read if each for name in each.fields)]
    return tuple(dict.fromkeys(_inner(name) for name in names if name not in COLUMNS))


def unknown_fields(rule: Rule, fields: Iterable[str]) -> dict[str, str | None]:
    """Those that are none of `fields` (dotted names) nor an object that holds some; with the nearest one to each."""
    known = {_inner(name) for name in fields}
    return {
        name: next(iter(difflib.get_close_matches(name, known, 1)), None)
        for name in fields_of(rule)
        if name not in known and not any(other.startswith(f"{name}.") for other in known)
    }


def _inner(name: str) -> str:
    inner = name.removeprefix("body.")
    return inner if inner in COLUMNS else name
