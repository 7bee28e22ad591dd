"""`evaluate`, overheard: the same transitions, and beside them all that was observed on the way.

The state says what a window holds at the moment it ends. So the clock is moved on from one window's end to the next,
which changes nothing in what is said.
"""

from collections.abc import Sequence
from operator import attrgetter
from typing import Protocol

from minerlib.event.event import Event
from minerlib.rule.evaluate import evaluate
from minerlib.rule.rule import Rule
from minerlib.rule.select import select
from minerlib.rule.state import State, Waiting
from minerlib.rule.transition import Transition
from minerlib.rule.windowing import WINDOW
from minerlib.rule.windows import first_due, value_of

_SOME = 500  # events between two looks: each look goes through those that still wait
_ORDER = attrgetter("time", "offset", "part")


class Watch(Protocol):
    """Hears the events of instances in the order in which they count, and what each instance observes."""

    def heard(self, event: Waiting) -> None: ...

    def observed(self, key: str, time: int, value: float) -> None: ...


def overheard(
    rule: Rule, state: State, events: Sequence[Event], clock: int | None, watch: Watch
) -> tuple[State, list[Transition]]:
    """As `evaluate(rule, state, events, clock)`, and `watch` hears what is observed; slower by a few times."""
    said: list[Transition] = []
    for some in (events[at : at + _SOME] for at in range(0, len(events), _SOME)):
        for event in some:
            if rule.selects(event):
                select(rule, state, event)
        said += _through(rule, state, max(event.seen for event in some), watch)
    if clock is not None:
        said += _through(rule, state, clock, watch)
    return state, said


def _through(rule: Rule, state: State, clock: int, watch: Watch) -> list[Transition]:
    """Move the clock on, from one window to the next."""
    clock = max(clock, state.clock)
    limit = clock - rule.lateness
    state.waiting.sort(key=_ORDER)
    counting = [event for event in state.waiting if event.time < limit]
    room = len(state.instances) + len({event.key for event in counting}) <= rule.instances
    said: list[Transition] = []
    while rule.measure and rule.measure.agg:
        nexts = [event.time for event in state.waiting[:1]] + [time for time, _, _ in state.agenda[:1]]
        end = first_due(rule.measure, min(nexts, default=limit))
        if end >= limit:
            break
        said += evaluate(rule, state, [], end + rule.lateness)[1]
        said += _window(rule, state, end, watch)
    said += evaluate(rule, state, [], clock)[1]
    for event in counting:
        if room or event.key in state.instances:  # else beyond the bound
            watch.heard(event)
            if rule.measure and not rule.measure.agg and isinstance(event.value, float):
                watch.observed(event.key, event.time, event.value)
    return said


def _window(rule: Rule, state: State, end: int, watch: Watch) -> list[Transition]:
    """Let the windows end that do so at `end`, and say what they observed."""
    keys = [key for time, what, key in state.agenda if time == end and what == WINDOW]
    keys += [event.key for event in state.waiting if event.time == end]
    before = {key: state.instances.get(key) for key in keys}
    said = evaluate(rule, state, [], end + rule.lateness + 1)[1]
    for key, known in before.items():
        instance = state.instances.get(key, known)  # forgotten at this very moment, it was still observed
        if not rule.measure or instance is None or instance.due == end:
            continue
        if instance.missing is None or instance.missing == end:
            value = value_of(rule.measure, instance.panes, end)
            if value is not None:
                watch.observed(key, end, value)
    return said
