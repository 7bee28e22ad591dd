"""Many rules over one stream: each is asked only about events of its kinds, and none of them while nothing is due.

Until then messages are only read and kept. Rules that take in the same share the work of it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from minerlib.event.messages import Messages
from minerlib.event.pattern import kind_matches
from minerlib.rule.alike import alike
from minerlib.rule.batch import Batch
from minerlib.rule.evaluate import evaluate
from minerlib.rule.intake import NEVER
from minerlib.rule.rule import RETIRE, Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition

_KEPT = 20_000  # messages that are kept at most


class Said(NamedTuple):
    """What one of the rules said, by its name."""

    name: str
    transitions: list[Transition]


class Router:
    """Rules with their states, named by whatever keys they come with; the states are up to date behind `settle`."""

    def __init__(self, rules: Mapping[str, tuple[Rule, State]]) -> None:
        self.rules = dict(rules)
        self._kept: Messages | None = None
        self._of_kind: dict[str, list[str]] = {}
        self._share()
        self._next = {name: _due(*rules[name]) for name in rules}
        self._look()

    def fold(self, messages: Messages) -> list[Said]:
        """Take the next messages; what that made the rules say."""
        said: list[Said] = []
        if not self.rules:
            return said
        if self._kept is not None and self._kept.keys is not messages.keys:
            said = self.settle()
        if self._kept is None:
            self._kept = messages
        else:
            self._kept.join(messages)
        kept = self._kept
        if kept.size >= _KEPT or kept.clock > self._soon or kept.clock > self._soonest(kept):
            said += self.settle()
        return said

    def settle(self) -> list[Said]:
        """Let all states come as far as the messages have."""
        kept, self._kept = self._kept, None
        if kept is None:
            return []
        asked = {name for kind in kept.kinds for name in self._asks(kind)}
        batch, clock = Batch(kept), kept.clock
        said: list[Said] = []
        for name, (rule, state) in self.rules.items():
            heard = name in asked and not batch.select(rule).nothing
            if heard or self._next[name] < clock:
                _, transitions = evaluate(rule, state, batch if heard else [], clock)
                self._next[name] = _due(rule, state)
                if transitions or state.faults:
                    said.append(Said(name, transitions))
        self._look()
        return said

    def _look(self) -> None:
        """Look ahead: when something is due without another event, and how soon an event makes something due."""
        self._soon = min(self._next.values(), default=NEVER)
        self._steps = {_step(*pair) for pair in self.rules.values()}

    def _asks(self, kind: str) -> list[str]:
        """The rules that may select an event of a kind."""
        if kind not in self._of_kind:
            self._of_kind[kind] = [name for name, (rule, _) in self.rules.items() if kind_matches(rule.kinds, kind)]
        return self._of_kind[kind]

    def _soonest(self, kept: Messages) -> int:
        """A clock up to which nothing becomes due of what is kept."""
        if RETIRE in kept.kinds:
            return 0
        first = min((kept.earliest(kind) for kind in kept.kinds if self._asks(kind)), default=NEVER)
        return min((-(-first // step) * step + lateness for step, lateness in self._steps), default=NEVER)

    def _share(self) -> None:
        """Let rules that take in the same do it together, where what they took in so far is the same."""
        alone: dict[object, list[State]] = {}
        for rule, state in self.rules.values():
            others = alone.setdefault((rule.asks, rule.measure), [])
            for other in others:
                if other.intake is state.intake or alike(other.intake, state.intake):
                    state.intake, state.marks = other.intake, None
                    break
            else:
                others.append(state)


def _due(rule: Rule, state: State) -> int:
    """The clock behind which something of a rule is due, without another event."""
    step, lateness = _step(rule, state)
    waiting = state.intake.waiting.time
    first = -(-int(waiting[0]) // step) * step if len(waiting) else NEVER
    if state.agenda:
        first = min(first, state.agenda[0][0])
    if rule.measure and state.intake.blocks:
        first = min(first, -(-state.intake.limit // step) * step)
    if state.restless and rule.measure:
        first = min(first, state.window + rule.measure.every)
    return first + lateness


def _step(rule: Rule, state: State) -> tuple[int, int]:
    """At which multiples of how long after an event something becomes due of it (1: at once), and the lateness."""
    measure = rule.measure
    spans = [rule.retire, *([rule.missing.after] if rule.missing else [])]
    if measure is None or measure.agg is None or min(spans) < measure.every or (rule.missing and _absent(state)):
        return 1, rule.lateness
    return measure.every, rule.lateness


def _absent(state: State) -> bool:
    """Whether an instance is missed, so that its next event matters."""
    return state.silence is not None or state.marks is None or bool(state.marks.missing)
