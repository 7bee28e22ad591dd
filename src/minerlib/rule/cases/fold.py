"""A rule over the events of a case: the same `evaluate` as everywhere."""

from collections.abc import Sequence

from minerlib.event import Event
from minerlib.rule.cases.case import Case
from minerlib.rule.cases.feed import EPOCH
from minerlib.rule.evaluate import evaluate
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Transition


def fresh(case: Case) -> State:
    """The state before the first event."""
    return State.fresh(case.scope, EPOCH)


def fold(rule: Rule, case: Case, events: Sequence[Event] | None = None) -> tuple[State, list[Transition]]:
    """All that a rule says of the events (or of others in their place), with the clock moved on to the case's end."""
    return evaluate(rule, fresh(case), case.events if events is None else events, case.until)


def together(said: Sequence[list[Transition]]) -> list[Transition]:
    """What several rules said, in order of time."""
    return sorted((each for one in said for each in one), key=lambda each: each.due)
