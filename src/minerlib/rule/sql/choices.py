"""Parts that choose among values: `in`, `between`, `case`, `coalesce` and their like. Each asks for a value once."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from minerlib.rule.expression import Unreadable
from minerlib.rule.sql.parts import NUMBERS, Part, against, as_truth, common, comparable, made, said


def same(left: Part, right: Part) -> Part:
    """`is not distinct from`: equal, or both null."""
    comparable(left, right)
    get, other, field = left.run, right.run, left.field or right.field

    def run(event: Any) -> bool:
        value, against_it = get(event), other(event)
        if value is None or against_it is None:
            return value is against_it
        return against(operator.eq, value, against_it, field) is True

    return made(run, "truth", left, right)


def one_of(part: Part, items: Sequence[Part]) -> Part:
    """IN: true where it equals one, else null where one of them is null."""
    comparable(part, *items)
    fields = [part.field or item.field for item in items]
    get, runs = part.run, [item.run for item in items]

    def run(event: Any) -> bool | None:
        value, found = get(event), False
        for item, field in zip(runs, fields, strict=True):
            equal = against(operator.eq, value, item(event), field)
            if equal:
                return True
            if equal is None:
                found = None
        return found

    if any(item.field for item in items):
        return made(run, "truth", part, *items)
    values = [item.run(None) for item in items]
    members, missed = frozenset(values), None if None in values else False
    kinds = frozenset({str}) if common(items) == "text" else NUMBERS

    def run_fixed(event: Any) -> bool | None:
        value = get(event)
        if type(value) in kinds:
            return True if value in members else missed
        return run(event)

    return made(run_fixed, "truth", part)


def between(part: Part, low: Part, high: Part) -> Part:
    """BETWEEN, both ends included."""
    comparable(part, low, high)
    get, from_, to = part.run, low.run, high.run
    field_low, field_high = part.field or low.field, part.field or high.field

    def run(event: Any) -> bool | None:
        value = get(event)
        above = against(operator.ge, value, from_(event), field_low)
        if above is False:
            return False
        below = against(operator.le, value, to(event), field_high)
        return below if above or below is False else None

    return made(run, "truth", part, low, high)


def first_of(parts: Sequence[Part]) -> Part:
    """COALESCE: the first that is not null; those behind it are not asked."""
    runs = [part.run for part in parts]

    def run(event: Any) -> Any:
        for part in runs:
            value = part(event)
            if value is not None:
                return value
        return None

    return made(run, common(parts), *parts)


def null_if(left: Part, right: Part) -> Part:
    """NULLIF: null where both are equal."""
    comparable(left, right)
    get, other, field = left.run, right.run, left.field or right.field

    def run(event: Any) -> Any:
        value = get(event)
        return None if against(operator.eq, value, other(event), field) else value

    return made(run, left.gives, left, right)


def case(subject: Part | None, whens: Sequence[tuple[Part, Part]], default: Part) -> Part:
    """CASE, with or without a subject; only the branch that is taken is asked."""
    conditions = [condition for condition, _ in whens]
    values = [value for _, value in whens]
    if subject is not None:
        comparable(subject, *conditions)
    asked = [as_truth(part) if subject is None else part.run for part in conditions]
    branches = [(a, value.run, part.field) for a, value, part in zip(asked, values, conditions, strict=True)]
    get, otherwise = subject and subject.run, default.run
    about = subject.field if subject else ""

    def run(event: Any) -> Any:
        value = get(event) if get else None
        for condition, branch, field in branches:
            held = condition(event)
            if against(operator.eq, value, held, about or field) if get else held:
                return branch(event)
        return otherwise(event)

    parts = [*([subject] if subject else []), *conditions, *values, default]
    return made(run, common([*values, default]), *parts)


def extreme(compare: Callable[[Any, Any], bool], parts: Sequence[Part]) -> Part:
    """LEAST (of <) and GREATEST (of >): of numbers or of texts, nulls left out."""
    comparable(*parts)
    runs = [(part.run, part.field) for part in parts]
    field = next((part.field for part in parts if part.field), "")

    def run(event: Any) -> Any:
        found = None
        for part, own in runs:
            value = part(event)
            if value is None:
                continue
            if type(value) is not str and type(value) not in NUMBERS:
                raise Unreadable(own, f"{said(value)} is neither a number nor a text")
            if found is None or against(compare, value, found, own or field):
                found = value
        return found

    return made(run, common(parts), *parts)
