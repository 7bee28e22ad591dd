"""Events that many rules are asked about: rules that ask alike are answered once."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from minerlib.event.event import Event
from minerlib.event.messages import Messages
from minerlib.event.pattern import kind_matches
from minerlib.rule.columns import fields_of, select_columns
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Rows, Slots, stacked
from minerlib.rule.rule import RETIRE, Rule
from minerlib.rule.select import Selection, select, select_nothing


class Batch:
    """Some events of one stream, in its order: as they are, or as messages, of which only what is asked for is read."""

    def __init__(self, events: Iterable[Event] | Messages) -> None:
        self._messages = events if isinstance(events, Messages) else None
        self._events = [] if isinstance(events, Messages) else list(events)
        if self._messages:
            self.seen, self.kinds = self._messages.clock, self._messages.kinds
        else:
            self.seen = max((event.seen for event in self._events), default=0)
            self.kinds = {event.kind for event in self._events}
        self._selected: dict[Any, Selection] = {}
        self._fresh: dict[Any, Intake] = {}

    def select(self, rule: Rule) -> Selection:
        """What the events are to a rule."""
        question = self._question(rule)
        if question not in self._selected:
            read = self._messages
            self._selected[question] = select(rule, self._events) if read is None else self._read(rule, read)
        return self._selected[question]

    def fresh(self, rule: Rule) -> Intake:
        """An intake to begin with, shared by all rules that take in the same from here on."""
        asked = self._question(rule), rule.measure
        return self._fresh.setdefault(asked, Intake(Slots([])))

    def _question(self, rule: Rule) -> Any:
        """What the answer depends on: its own alerts and what it is told to forget are a rule's own affair."""
        own = rule.name if RETIRE in self.kinds or f"alert.{rule.name}" in self.kinds else None
        return *rule.asks, own

    def _read(self, rule: Rule, messages: Messages) -> Selection:
        parts: list[Selection] = []
        apart: list[int] = []
        for kind in self.kinds:
            if kind == RETIRE:
                apart += messages.places_of(kind)
            elif kind != f"alert.{rule.name}" and kind_matches(rule.kind, kind):
                fields = fields_of(rule)
                if fields is None:
                    apart += messages.places_of(kind)
                else:
                    part, odd = select_columns(rule, messages, kind, fields)
                    parts.append(part)
                    apart += odd
        if apart:
            parts.append(select(rule, messages.events_at(sorted(apart))))
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
