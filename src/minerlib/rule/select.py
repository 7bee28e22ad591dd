"""What events are to a rule: late, said before, not to be read, or a value of one instance."""

import hashlib
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from minerlib.event.body import field
from minerlib.event.event import Event
from minerlib.rule.expression import Expression, Unreadable
from minerlib.rule.rows import NO_ROWS, Rows
from minerlib.rule.rule import Rule
from minerlib.rule.state import COUNTS, Fault
from minerlib.rule.transition import whole

_COLUMNS = frozenset({"source", "kind", "company", "system", "environment"})
_NAME = 64  # characters from which on a different value is known by its hash
LONGEST_KEY = 16_384  # characters that name an instance at most
_encode = msgspec.json.Encoder().encode


class Selection(NamedTuple):
    """What some events are to a rule: those that count, their slots being numbers of `keys`; how many were what; the
    sources of late ones; what could not be evaluated."""

    keys: list[str]
    rows: Rows
    counts: dict[str, int]
    late: list[str]
    faults: list[Fault]

    @property
    def nothing(self) -> bool:
        """Whether they are nothing to it, not even to be counted."""
        return not any(self.counts.values()) and not self.rows.size


class _Taken(NamedTuple):
    """An event that counts: its instance, value (a name where different ones are counted), the divisor of a ratio."""

    key: str
    value: float | str | None
    below: float = 0.0


def select_nothing() -> Selection:
    """What no events are to a rule."""
    return Selection([], NO_ROWS, dict.fromkeys(COUNTS, 0), [], [])


def select(rule: Rule, events: Sequence[Event]) -> Selection:
    """Ask a rule about events, one after another."""
    counts = dict.fromkeys(COUNTS, 0)
    late: list[str] = []
    faults: list[Fault] = []
    keys: dict[str, int] = {}
    found: list[tuple[int, int, int, int, float, float, str, bool]] = []
    counts_events = rule.measure is not None and rule.measure.of is None and rule.measure.ratio is None
    for event in events:
        if not rule.selects(event):
            continue
        if event.repeat:
            counts["repeat"] += 1
            continue
        retire = rule.retires(event)
        try:
            if rule.where is not None and not retire and not true(rule.where, event):
                continue
            if event.time < event.seen - rule.lateness:
                counts["late"] += 1
                late.append(event.source)
                continue
            taken = _retired(rule, event) if retire else _taken(rule, event)
        except Unreadable as fault:
            counts["fault"] += 1
            faults.append(Fault(event.offset, event.part, fault.field, fault.said))
            continue
        time = event.time
        if time > event.seen + rule.ahead:
            counts["future"] += 1
            time = event.seen
        value = taken.value
        if not retire:
            counts["selected"] += 1
            counts["null"] += value is None and rule.measure is not None and not counts_events
        number, name = (math.nan, value) if isinstance(value, str) else (math.nan if value is None else value, "")
        slot = keys.setdefault(taken.key, len(keys))
        found.append((time, event.offset, event.part, slot, number, taken.below, name, retire))
    return Selection(list(keys), _rows(found), counts, late, faults)


def _rows(found: list[tuple[int, int, int, int, float, float, str, bool]]) -> Rows:
    columns = list(zip(*found, strict=True)) or [()] * 8
    types = (np.int64, np.int64, np.int64, np.int64, np.float64, np.float64, np.object_, np.bool_)
    rows = [np.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return Rows._make([*rows[:5], *(column if column.any() else None for column in rows[5:])])


def true(where: Expression, event: Any) -> bool:
    """Whether `where` is true of an event, or of what looks like one. Raises Unreadable where it cannot be said."""
    found = where.value(event)
    if found is None or isinstance(found, (bool, int, float)):
        return bool(found)
    raise Unreadable(where.fields[0] if where.fields else "where", f"{_type(found)} is neither true nor false")


def _taken(rule: Rule, event: Event) -> _Taken:
    key = _encode([_name(event, name) for name in rule.by]).decode()
    if len(key) > LONGEST_KEY:
        raise Unreadable("by", f"{len(key):,} characters are too many to name an instance")
    return _Taken(key, *_value(rule, event))


def _retired(rule: Rule, event: Event) -> _Taken:
    said: Any = event.body.get("instance")
    if not isinstance(said, dict) or set(said) != set(rule.by):
        raise Unreadable("instance", f"an object of {', '.join(rule.by) or 'nothing'} is wanted")
    key = _encode([whole(said[name]) for name in rule.by]).decode()
    return _Taken(key, None)


def _name(event: Event, name: str) -> Any:
    if name in _COLUMNS:
        return getattr(event, name)
    if event.raw is not None:
        raise Unreadable(name, "the body could not be read")
    value = whole(field(event.body, name))
    if value is not None and not isinstance(value, (str, int, float)):
        raise Unreadable(name, f"{_type(value)} cannot name an instance")
    return value


def _value(rule: Rule, event: Event) -> tuple[float | str | None, float]:
    measure = rule.measure
    if measure is None:
        return None, 0.0
    if measure.ratio:
        above = _number(measure.ratio.of, event)
        below = _number(measure.ratio.to, event) if measure.ratio.to else 1.0
        return (None, 0.0) if above is None and below is None else (above or 0.0, below or 0.0)
    if measure.of is None:
        return None, 0.0
    return (_different if measure.agg == "distinct" else _number)(measure.of, event), 0.0


def _number(of: Expression, event: Event) -> float | None:
    value = of.value(event)
    if value is None:
        return None
    if not isinstance(value, (bool, int, float)):
        raise Unreadable(str(of), f"{_type(value)} is no number")
    return _finite(value, of)


def _finite(value: float, of: Expression) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        raise Unreadable(str(of), "an integer too large for a number") from None
    return number if math.isfinite(number) else None


def _different(of: Expression, event: Event) -> str | None:
    """The name under which a value is counted once."""
    value = whole(of.value(event))
    if value is None or (isinstance(value, (int, float)) and _finite(value, of) is None):
        return None
    if isinstance(value, (list, dict)):
        raise Unreadable(str(of), f"{_type(value)} cannot be counted as a value")
    said = _encode(value)
    return said.decode() if len(said) <= _NAME else hashlib.blake2b(said, digest_size=24).hexdigest()


def _type(value: Any) -> str:
    return {str: "text", list: "a list", dict: "an object"}.get(type(value), type(value).__name__)
