"""Many rules over one stream: each is asked only about the events of its kind, and not at all while nothing is due."""

from collections.abc import Mapping, Sequence

from minerlib.event.event import Event
from minerlib.event.pattern import kind_matches
from minerlib.rule.evaluate import evaluate
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition


class Router:
    """Knows which of some rules may select an event of a kind. The rules are named by whatever keys they come with."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self.rules = dict(rules)
        self._of_kind: dict[str, list[str]] = {}

    def route(self, events: Sequence[Event]) -> dict[str, list[Event]]:
        """The events that each rule has to be asked about, in order; rules without any are left out."""
        found: dict[str, list[Event]] = {}
        for event in events:
            names = self._of_kind.get(event.kind)
            if names is None:
                names = self._of_kind[event.kind] = [
                    name for name, rule in self.rules.items() if kind_matches(rule.kinds, event.kind)
                ]
            for name in names:
                found.setdefault(name, []).append(event)
        return found

    def evaluate(
        self, states: Mapping[str, State], events: Sequence[Event], clock: int
    ) -> list[tuple[str, State, list[Transition]]]:
        """What `evaluate` gives for every rule, those left out of which nothing changes: (name, state, transitions)."""
        mine = self.route(events)
        found: list[tuple[str, State, list[Transition]]] = []
        for name, rule in self.rules.items():
            state = states[name]
            if name in mine or due(rule, state, clock):
                found.append((name, *evaluate(rule, state, mine.get(name, []), clock)))
        return found


def due(rule: Rule, state: State, clock: int) -> bool:
    """Whether a clock makes anything of a rule due; until then, evaluating it without events changes nothing."""
    limit = clock - rule.lateness
    return state.intake.next(rule.measure) < limit or bool(
        (state.agenda and state.agenda[0][0] < limit)
        or (state.restless and rule.measure and state.window + rule.measure.every < limit)
    )
