"""Selecting by columns: what `select` says of each event, said of many messages of a kind at once.

Only for rules that read plain fields; messages of which that cannot be said here are left to `select`, one by one.
"""

import math
from typing import Any

import msgspec
import numpy as np

from minerlib.event.messages import Keys
from minerlib.event.read import Column, Columns, Ints, Read
from minerlib.rule.expression import COLUMNS, Unreadable
from minerlib.rule.rows import Floats, Rows
from minerlib.rule.rule import Rule
from minerlib.rule.select import LONGEST_KEY, Selection, true
from minerlib.rule.state import COUNTS
from minerlib.rule.transition import whole

_encode = msgspec.json.Encoder().encode
_NUMBERS = frozenset({float, int, bool, type(None)})
_NAMES = frozenset({str, int, float, type(None)})


def fields_of(rule: Rule) -> tuple[str, ...] | None:
    """The fields that a rule reads; None where it reads more than plain fields."""
    measure, found = rule.measure, [name for name in rule.by if name not in COLUMNS]
    if measure and (measure.ratio or measure.agg == "distinct"):
        return None
    if measure and measure.of:
        if measure.of.name is None:
            return None
        found.append(measure.of.name)
    if any(name in COLUMNS for name in found):
        return None
    found += [name for name in (rule.where.fields if rule.where else ()) if name not in COLUMNS]
    return None if any("." in name for name in found) else tuple(dict.fromkeys(found))


def select_columns(rule: Rule, read: Read, keys: Keys, fields: tuple[str, ...]) -> tuple[Selection, list[int]]:
    """What the events of a kind are to a rule, and the places of those that have to be asked about one by one."""
    some = _maybe(rule, read)
    read = read if some is None else read.some(some)
    odd = np.zeros(len(read.time), np.bool_)
    for name in fields:
        odd[read.bodies.objects(name)] = True
    columns = _Fields(read.bodies)
    wanted = _wanted(rule, keys, read, columns, odd)
    value = _values(rule, columns, odd)
    named, slot = _instances(rule, keys, read.codes, columns, odd)
    takes = wanted & ~odd
    late = takes & (read.time < read.seen - rule.lateness)
    takes &= ~late
    future = read.time > read.seen + rule.ahead
    counts = dict.fromkeys(COUNTS, 0)
    counts["late"] = int(late.sum())
    counts["future"] = int((future & takes).sum())
    counts["selected"] = int(takes.sum())
    if rule.measure is not None and rule.measure.of is not None:
        counts["null"] = int(np.isnan(value[takes]).sum())
    late_of = [keys.keys[code].source for code in read.codes[late].tolist()]
    rows = Rows(
        np.where(future, read.seen, read.time) if counts["future"] else read.time, read.offset, read.part, slot, value
    )
    rows = rows if takes.all() else rows.some(takes)
    apart = np.flatnonzero(odd)
    return Selection(named, rows, counts, late_of, []), (apart if some is None else some[apart]).tolist()


def _maybe(rule: Rule, read: Read) -> Ints | None:
    """The places at which the equalities that `where` needs may hold, and those of objects; None: anywhere."""
    found: set[int] | None = None
    for name, value in rule.where.equalities if rule.where else ():
        if name not in COLUMNS:
            places = {*read.bodies.index(name).places(value), *read.bodies.objects(name)}
            found = places if found is None else found & places
    return None if found is None else np.array(sorted(found), np.int64)


class _Fields(dict[str, Column]):
    """The columns that a rule reads, by name, and those of numbers as they are."""

    def __init__(self, bodies: Columns) -> None:
        super().__init__()
        self.bodies = bodies

    def __missing__(self, name: str) -> Column:
        self[name] = self.bodies.column(name)
        return self[name]


class _Row:
    """What `where` sees of a message."""

    raw = None

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}
        self.company = self.system = self.environment = self.source = self.kind = ""


def _wanted(rule: Rule, keys: Keys, read: Read, fields: _Fields, odd: Any) -> Any:
    """Which messages `where` is true of; those it has no answer to are odd."""
    where = rule.where
    found = np.ones(len(read.time), np.bool_)
    if where is None:
        return found
    row = _Row()
    names = [name for name in where.fields if name not in COLUMNS]
    columns = [fields[name] for name in names]
    key_matters = len(names) < len(where.fields)
    for place, code in enumerate(read.codes.tolist()):
        row.body = {name: column[place] for name, column in zip(names, columns, strict=True)}
        if key_matters:
            key = keys.keys[code]
            row.company, row.system, row.environment = key.scope.split(".")
            row.source, row.kind = key.source, key.kind
        try:
            found[place] = true(where, row)
        except Unreadable:
            odd[place] = True
    return found


def _values(rule: Rule, fields: _Fields, odd: Any) -> Floats:
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


def _instances(rule: Rule, keys: Keys, codes: Ints, fields: _Fields, odd: Any) -> tuple[list[str], Ints]:
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
