"""Events that many rules are asked about: rules that ask alike are answered once."""

from collections.abc import Iterable
from typing import Any

from minerlib.event.event import Event
from minerlib.rule.intake import Intake
from minerlib.rule.rows import Slots
from minerlib.rule.rule import RETIRE, Rule
from minerlib.rule.select import Selection, select


class Batch:
    """Some events of one stream, in its order."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list(events)
        self.seen = max((event.seen for event in self.events), default=0)
        self._kinds = {event.kind for event in self.events}
        self._selected: dict[Any, Selection] = {}
        self._fresh: dict[Any, Intake] = {}

    def select(self, rule: Rule) -> Selection:
        """What the events are to a rule."""
        question = self._question(rule)
        if question not in self._selected:
            self._selected[question] = select(rule, self.events)
        return self._selected[question]

    def fresh(self, rule: Rule) -> Intake:
        """An intake to begin with, shared by all rules that take in the same from here on."""
        asked = self._question(rule), rule.measure
        return self._fresh.setdefault(asked, Intake(Slots([])))

    def _question(self, rule: Rule) -> Any:
        """What the answer depends on: its own alerts and what it is told to forget are a rule's own affair."""
        own = rule.name if RETIRE in self._kinds or f"alert.{rule.name}" in self._kinds else None
        return *rule.asks, own
