"""`evaluate`: the one implementation of what a rule means. Backtests, hosts and views all fold it.

It knows no clock, no socket, no file: the events carry the stream's clock, and all that is remembered is in the state.
Events wait until the clock is past `time + lateness`; then everything due is done in order, one instant after another:
events by (time, offset, part), then windows, then expiries.
"""

import heapq
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from minerlib.event.event import Event
from minerlib.rule.observe import Change, condition, observe, reset
from minerlib.rule.rule import Rule
from minerlib.rule.select import select
from minerlib.rule.state import Instance, State, Waiting, instance_of
from minerlib.rule.transition import Transition
from minerlib.rule.windows import first_due, forget, take, value_of

_WINDOW, _EXPIRY = 0, 1


def evaluate(
    rule: Rule, state: State, events: Sequence[Event], clock: int | None = None
) -> tuple[State, list[Transition]]:
    """Fold events of one stream, in its order, into the state; returns it with the transitions they made due.

    `clock` (microseconds) is the stream's clock behind them, where events that the rule does not select moved it on.
    The state passed in is used up: keep `to_bytes` of it, should you need it again.
    """
    for event in events:
        if event.seen > state.clock:
            state.clock = event.seen
        if rule.selects(event):
            select(rule, state, event)
    if clock is not None and clock > state.clock:
        state.clock = clock
    return state, _advance(rule, state)


def begin(rule: Rule, state: State, clock: int) -> list[Transition]:
    """What fires already when a primed rule begins: raised, reason `primed`, due at `clock`.

    All numbers from here on are above those of an earlier run of the rule that ended before `clock`.
    """
    state.number = max(state.number, clock * 1000 - 1)
    said: list[Transition] = []
    for key in sorted(key for key, instance in state.instances.items() if instance.firing >= 0):
        instance = state.instances[key]
        said.append(_name(rule, state, key, Change("raised", "ok", "firing", instance.firing, None), clock, "primed"))
        instance.primed = clock
    return said


def withdraw(rule: Rule, state: State, clock: int) -> list[Transition]:
    """What fires when a rule is replaced or withdrawn: cleared, reason `replaced`, due at `clock`."""
    said: list[Transition] = []
    for key in sorted(key for key, instance in state.instances.items() if instance.firing >= 0):
        instance = state.instances[key]
        change = Change("cleared", condition(instance), "ok", instance.firing, None)
        reset(instance)
        instance.missed = False
        said.append(_name(rule, state, key, change, clock, "replaced"))
    return said


def _advance(rule: Rule, state: State) -> list[Transition]:
    """Do all that the clock has passed, instant by instant."""
    limit = state.clock - rule.lateness  # what is due strictly below this
    waiting, agenda = state.waiting, state.agenda
    waiting.sort(key=attrgetter("time", "offset", "part"))
    said: list[Transition] = []
    at, count = 0, len(waiting)
    while True:
        time = min(waiting[at].time if at < count else limit, agenda[0][0] if agenda else limit)
        if time >= limit:
            break
        while at < count and waiting[at].time == time:
            said += _event(rule, state, waiting[at])
            at += 1
        if agenda and agenda[0][0] == time:
            said += _windows(rule, state, time)
            said += _expiries(rule, state, time)
    del waiting[:at]
    return said


def _event(rule: Rule, state: State, event: Waiting) -> list[Transition]:
    """An event of its instance: it lives; what it says is observed, or goes into its pane."""
    said: list[Transition] = []
    instance = state.instances.get(event.key)
    if instance is None:
        instance = state.instances[event.key] = Instance([None] * len(rule.levels), event.time)
        if rule.missing is not None:
            heapq.heappush(state.agenda, (event.time + rule.missing, _EXPIRY, event.key))
    elif instance.missing is not None:
        said += _return(rule, state, event.key, instance, event)
        heapq.heappush(state.agenda, (event.time + (rule.missing or 0), _EXPIRY, event.key))
    instance.last = event.time
    measure = rule.measure
    if measure is None:
        return said
    if measure.agg is None:
        if event.value is not None:
            for change in observe(rule, instance, event.time, event.value):
                said.append(
                    _name(
                        rule,
                        state,
                        event.key,
                        change,
                        event.time,
                        "value",
                        event.value,
                        None,
                        [(event.offset, event.part)],
                    )
                )
        return said
    take(measure, instance, event)
    if instance.due is None:
        instance.due = first_due(measure, event.time)
        heapq.heappush(state.agenda, (instance.due, _WINDOW, event.key))
    return said


def _return(rule: Rule, state: State, key: str, instance: Instance, event: Waiting) -> list[Transition]:
    """An instance that was missed is back: timers go on where they stood, and what its silence raised is cleared."""
    away = event.time - (instance.missing or 0)
    instance.held = [None if held is None else held + away for held in instance.held]
    instance.clearing = None if instance.clearing is None else instance.clearing + away
    missed, instance.missing, instance.missed = instance.missed, None, False
    if not missed:
        return []
    change = Change("cleared", "firing", "ok", instance.firing, None)
    instance.firing, instance.clearing = -1, None
    return [_name(rule, state, key, change, event.time, "returned", positions=[(event.offset, event.part)])]


def _windows(rule: Rule, state: State, time: int) -> list[Transition]:
    """The windows that end at `time`: cleared before raised, lower offset first."""
    measure = rule.measure
    found: list[tuple[bool, list[tuple[int, int]], str, Change, float]] = []
    while state.agenda and state.agenda[0][:2] == (time, _WINDOW):
        key = heapq.heappop(state.agenda)[2]
        instance = state.instances[key]
        instance.due = None
        if measure is None or instance.missing is not None:  # its next event brings its windows back
            continue
        forget(measure, instance, time)
        panes = instance.panes
        value = value_of(measure, panes)
        before = None if panes else (instance.firing, instance.clearing, list(instance.held))
        if value is not None:
            positions = [panes[0].first, panes[-1].last] if panes else []
            for change in observe(rule, instance, time, value):
                found.append((change.what != "cleared", positions, key, change, value))
        if before is None or _goes_on(rule, instance, before):
            instance.due = time + measure.every
            heapq.heappush(state.agenda, (instance.due, _WINDOW, key))
    found.sort(key=lambda each: each[:3])
    return [
        _name(
            rule, state, key, change, time, "value", value, (time - (measure.over if measure else 0), time), positions
        )
        for _, positions, key, change, value in found
    ]


def _goes_on(rule: Rule, instance: Instance, before: tuple[int, int | None, list[int | None]]) -> bool:
    """Whether after an empty window the next one can matter before the next event comes.

    It observes nothing, or a count of 0, which changes nothing any more once seeing it has changed nothing and no
    timer runs.
    """
    if rule.measure is None or rule.measure.agg != "count":
        return False
    running = instance.clearing is not None or any(
        held is not None and number > instance.firing for number, held in enumerate(instance.held)
    )
    return running or before != (instance.firing, instance.clearing, instance.held)


def _expiries(rule: Rule, state: State, time: int) -> list[Transition]:
    """The instances that are missed at `time`."""
    said: list[Transition] = []
    while state.agenda and state.agenda[0][:2] == (time, _EXPIRY):
        key = heapq.heappop(state.agenda)[2]
        instance = state.instances[key]
        due = instance.last + (rule.missing or 0)
        if due > time:  # it has spoken since
            heapq.heappush(state.agenda, (due, _EXPIRY, key))
            continue
        instance.missing = time
        if instance.firing < 0:
            change = Change("raised", condition(instance), "firing", 0, None)
            instance.firing, instance.missed = 0, True
            said.append(_name(rule, state, key, change, time, "missing"))
    return said


def _name(
    rule: Rule,
    state: State,
    key: str,
    change: Change,
    due: int,
    reason: Any,
    value: float | None = None,
    window: tuple[int, int] | None = None,
    positions: list[tuple[int, int]] | None = None,
) -> Transition:
    """A change with its number, its ordinal, and all that its alert carries."""
    instance = state.instances[key]
    if instance.said == due:
        instance.ordinal += 1
    else:  # what was primed at the clock comes before what is due at that moment, but was said before it
        instance.said, instance.ordinal = due, int(instance.primed == due)
    state.number = max(state.number + 1, due * 1000)
    severity = rule.levels[change.level].severity if rule.levels else "critical"
    return Transition(
        what=change.what, rule=rule.name, version=rule.version, fingerprint=rule.fingerprint,
        stream=state.stream, epoch=state.epoch, instance=instance_of(key, rule.by),
        was=change.was, now=change.now, severity=severity, reason=reason, due=due,
        value=value, threshold=change.threshold, window=window, positions=positions or [],
        ordinal=instance.ordinal, number=state.number,
    )  # fmt: skip
