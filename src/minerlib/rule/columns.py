"""Selecting by columns: what `select` says of each event, said of many messages of a kind at once.

Only for rules that read plain fields; messages of which that cannot be said here are left to `select`, one by one.
"""

from typing import Any

import numpy as np

from minerlib.event.known import Keys
from minerlib.event.read import Ints, Read
from minerlib.rule.expression import COLUMNS, Unreadable
from minerlib.rule.measured import Fields, instances, values
from minerlib.rule.rows import Rows
from minerlib.rule.rule import Rule
from minerlib.rule.select import Selection, select_nothing, true
from minerlib.rule.state import COUNTS


def select_columns(rule: Rule, read: Read, keys: Keys, fields: tuple[str, ...]) -> tuple[Selection, list[int]]:
    """What the events of a kind are to a rule, and the places of those that have to be asked about one by one."""
    some = _maybe(rule, read)
    if some is not None and not len(some):
        return select_nothing(), []
    read = read if some is None else read.some(some)
    odd = np.zeros(len(read.time), np.bool_)
    for name in fields:
        odd[read.bodies.objects(name)] = True
    columns = Fields(read.bodies)
    wanted = _wanted(rule, keys, read, columns, odd)
    value = values(rule, columns, odd)
    named, slot = instances(rule, keys, read.codes, columns, odd)
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


class _Row:
    """What `where` sees of a message."""

    raw = None

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}
        self.company = self.system = self.environment = self.source = self.kind = ""


def _wanted(rule: Rule, keys: Keys, read: Read, fields: Fields, odd: Any) -> Any:
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
