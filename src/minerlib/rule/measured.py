"""What many events measure, and of which instance they are, by column."""

import math
from typing import Any

import msgspec
import numpy as np

from minerlib.event.known import Keys
from minerlib.event.read import Column, Columns, Floats, Ints
from minerlib.rule.expression import COLUMNS
from minerlib.rule.rule import Rule
from minerlib.rule.select import LONGEST_KEY
from minerlib.rule.transition import whole

_encode = msgspec.json.Encoder().encode
_NUMBERS = frozenset({float, int, bool, type(None)})
_NAMES = frozenset({str, int, float, type(None)})


class Fields(dict[str, Column]):
    """The columns that a rule reads, by name, and those of numbers as they are."""

    def __init__(self, bodies: Columns) -> None:
        super().__init__()
        self.bodies = bodies

    def __missing__(self, name: str) -> Column:
        self[name] = self.bodies.column(name)
        return self[name]


def values(rule: Rule, fields: Fields, odd: Any) -> Floats:
    """What is measured; what is no number is odd."""
    measure = rule.measure
    size = len(odd)
    if measure is None or measure.of is None or measure.of.name is None:
        return np.full(size, math.nan)
    numbers = fields.bodies.numbers(measure.of.name)
    if numbers is not None:
        return numbers
    column = fields[measure.of.name]
    if not _NUMBERS.issuperset(map(type, column)):
        strange = [place for place, value in enumerate(column) if type(value) not in _NUMBERS]
        odd[strange] = True
        column = [value if type(value) in _NUMBERS else None for value in column]
    try:
        return np.array(column, np.float64)
    except OverflowError:
        huge = [place for place, value in enumerate(column) if isinstance(value, int) and not _fits(value)]
        odd[huge] = True
        return np.array([None if odd[place] else value for place, value in enumerate(column)], np.float64)


def _fits(value: int) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True


def instances(rule: Rule, keys: Keys, codes: Ints, fields: Fields, odd: Any) -> tuple[list[str], Ints]:
    """The instances that occur, and the number of each message's; what cannot name one is odd."""
    if not len(codes):
        return [], codes
    if all(name in COLUMNS for name in rule.by):
        there = np.zeros(int(codes.max()) + 1, np.bool_)
        there[codes] = True
        some = np.flatnonzero(there)
        number = np.empty(len(there), np.int64)
        number[some] = np.arange(len(some))
        named = keys.named.setdefault(rule.by, {})
        for code in some.tolist():
            if code not in named:
                named[code] = _encode([_of_key(keys, code, name) for name in rule.by]).decode()
        return [named[code] for code in some.tolist()], number[codes]
    columns = [fields[name] if name not in COLUMNS else None for name in rule.by]
    for column in columns:
        if column is not None and not _NAMES.issuperset(map(type, column)):
            odd[[place for place, value in enumerate(column) if type(value) not in _NAMES]] = True
    numbers: dict[Any, int] = {}
    said: list[str] = []
    found = np.zeros(len(codes), np.int64)
    by = [codes.tolist(), *(column for column in columns if column is not None)]
    for place, seen in enumerate(zip(*by, strict=True)):
        if odd[place]:
            continue
        number = numbers.get(seen)
        if number is None:
            values = iter(seen[1:])
            key = _encode(
                [_of_key(keys, seen[0], name) if name in COLUMNS else whole(next(values)) for name in rule.by]
            ).decode()
            if len(key) > LONGEST_KEY:
                odd[place] = True
                continue
            number = numbers[seen] = len(said)
            said.append(key)
        found[place] = number
    return said, found


def _of_key(keys: Keys, code: int, name: str) -> str:
    key = keys.keys[code]
    if name in ("source", "kind"):
        return key.source if name == "source" else key.kind
    return key.scope.split(".")[("company", "system", "environment").index(name)]
