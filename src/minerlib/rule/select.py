"""What an event is to a rule: late, said before, not to be read, or a value of one instance."""

import math
from typing import Any

import msgspec

from minerlib.event.body import field
from minerlib.event.event import Event
from minerlib.rule.rule import Rule
from minerlib.rule.state import FAULTS, Fault, State, Waiting
from minerlib.rule.transition import whole

_COLUMNS = frozenset({"source", "kind", "company", "system", "environment"})
_encode = msgspec.json.Encoder().encode


def select(rule: Rule, state: State, event: Event) -> None:
    """Count an event that the rule selects, and let it wait for its time where it is to be evaluated."""
    counts = state.counts
    if event.repeat:
        counts["repeat"] += 1
        return
    if event.time < event.seen - rule.lateness:
        counts["late"] += 1
        state.late[event.source] = state.late.get(event.source, 0) + 1
        return
    try:
        key = _encode([_key(event, name) for name in rule.by]).decode()
        value = _value(rule, event)
    except _Unreadable as fault:
        counts["fault"] += 1
        state.faults = [*state.faults, Fault(event.offset, event.part, fault.field, fault.said)][-FAULTS:]
        return
    time = event.time
    if time > event.seen + rule.ahead:
        counts["future"] += 1
        time = event.seen
    counts["selected"] += 1
    if value is None and rule.measure is not None and rule.measure.of is not None:
        counts["null"] += 1
    state.waiting.append(Waiting(time, event.offset, event.part, key, value))


class _Unreadable(Exception):
    def __init__(self, field: str, said: str) -> None:
        self.field, self.said = field, said


def _key(event: Event, name: str) -> Any:
    if name in _COLUMNS:
        return getattr(event, name)
    value = whole(_field(event, name))
    if value is not None and not isinstance(value, (str, int, float)):
        raise _Unreadable(name, f"{_type(value)} cannot name an instance")
    return value


def _value(rule: Rule, event: Event) -> float | None:
    if rule.measure is None or rule.measure.of is None:
        return None
    of = rule.measure.of
    value = _field(event, of)
    if value is None:
        return None
    if not isinstance(value, (bool, int, float)):
        raise _Unreadable(of, f"{_type(value)} is no number")
    try:
        number = float(value)
    except OverflowError:
        raise _Unreadable(of, "an integer too large for a number") from None
    return number if math.isfinite(number) else None


def _field(event: Event, name: str) -> Any:
    if event.raw is not None:
        raise _Unreadable(name, "the body could not be read")
    return field(event.body, name)


def _type(value: Any) -> str:
    return {str: "text", list: "a list", dict: "an object"}.get(type(value), type(value).__name__)
