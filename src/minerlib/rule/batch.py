"""Events that many rules are asked about: rules that ask alike are answered once."""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from minerlib.event.event import Event
from minerlib.event.known import Keys
from minerlib.event.pattern import kind_matches
from minerlib.event.read import Read
from minerlib.rule.columns import select_columns
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Rows, Slots, stacked
from minerlib.rule.rule import RETIRE, Rule
from minerlib.rule.select import Selection, select, select_nothing


class Source(Protocol):
    """Events that can be read as columns, and made where they must be: messages of a stream, rows of an archive."""

    keys: Keys
    clock: int
    kinds: set[str]

    @property
    def size(self) -> int: ...

    @property
    def began(self) -> int: ...

    def read(self, kind: str) -> Read: ...

    def apart(self, kind: str, rows: list[int]) -> list[Event]: ...

    def all(self, kind: str) -> list[Event]: ...


class Batch:
    """Some events of one stream, in its order: as they are, or from a source, of which only what is asked for is read.

    `began` and `seen` are the stream's clock at the first and behind the last of them, `size` how many there are.
    """

    def __init__(self, events: Iterable[Event] | Source) -> None:
        if isinstance(events, Iterable):
            self._source, self._events = None, list(events)
            self.kinds, self.size = {event.kind for event in self._events}, len(self._events)
            self.began = self._events[0].seen if self._events else 0
            self.seen = max((event.seen for event in self._events), default=0)
        else:
            self._source, self._events = events, list[Event]()
            self.kinds, self.size, self.began, self.seen = events.kinds, events.size, events.began, events.clock
        self._selected: dict[Any, Selection] = {}
        self._fresh: dict[Any, Intake] = {}

    def select(self, rule: Rule) -> Selection:
        """What the events are to a rule."""
        question = self._question(rule)
        if question not in self._selected:
            source = self._source
            self._selected[question] = select(rule, self._events) if source is None else self._read(rule, source)
        return self._selected[question]

    def fresh(self, rule: Rule) -> Intake:
        """An intake to begin with, shared by all rules that take in the same from here on."""
        asked = self._question(rule), rule.measure
        return self._fresh.setdefault(asked, Intake(Slots([])))

    def _question(self, rule: Rule) -> Any:
        """What the answer depends on: its own alerts and what it is told to forget are a rule's own affair."""
        own = rule.name if RETIRE in self.kinds or f"alert.{rule.name}" in self.kinds else None
        return *rule.asks, own

    def _read(self, rule: Rule, source: Source) -> Selection:
        parts: list[Selection] = []
        apart: list[Event] = []
        for kind in self.kinds:
            if kind == RETIRE:
                apart += source.all(kind)
            elif kind != f"alert.{rule.name}" and kind_matches(rule.kind, kind):
                fields = rule.plain_fields
                if fields is None:
                    apart += source.all(kind)
                    continue
                part, odd = select_columns(rule, source.read(kind), source.keys, fields)
                parts.append(part)
                apart += source.apart(kind, odd)
        if apart:
            apart.sort(key=lambda event: (event.offset, event.part))
            parts.append(select(rule, apart))
        return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: list[Selection]) -> Selection:
    """Several answers as one."""
    whole = select_nothing()
    numbers: dict[str, int] = {}
    rows: list[Rows] = [whole.rows]
    for part in parts:
        slots = np.array([numbers.setdefault(key, len(numbers)) for key in part.keys], np.int64)
        rows.append(part.rows.in_slots(slots))
        for name, count in part.counts.items():
            whole.counts[name] += count
        whole.late.extend(part.late)
        whole.faults.extend(part.faults)
    return whole._replace(keys=list(numbers), rows=stacked(rows))
