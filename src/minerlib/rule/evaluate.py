"""`evaluate`: the one implementation of what a rule means. Backtests, hosts and views all fold it.

It knows no clock, no socket, no file: the events carry the stream's clock, and all that is remembered is in the state.
Events wait until the clock is past `time + lateness`; then everything due is done in order, one instant after another:
events by (time, offset, part), then windows, then expiries.
"""

import heapq
import math
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec

from minerlib.event.body import field
from minerlib.event.event import Event
from minerlib.rule.observe import Change, condition, observe, reset
from minerlib.rule.rule import Rule
from minerlib.rule.state import FAULTS, Fault, Instance, State, Waiting, instance_of
from minerlib.rule.transition import Transition
from minerlib.rule.windows import first_due, forget, take, value_of

_WINDOW, _EXPIRY = 0, 1
_COLUMNS = frozenset({"source", "kind", "company", "system", "environment"})
_EXACT = 2**53
_encode = msgspec.json.Encoder(order="deterministic").encode


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
            _select(rule, state, event)
    if clock is not None and clock > state.clock:
        state.clock = clock
    return state, _advance(rule, state)


def begin(rule: Rule, state: State, clock: int) -> list[Transition]:
    """What fires already when a primed rule begins: raised, reason `primed`, due at `clock`."""
    firing = sorted(key for key, instance in state.instances.items() if instance.firing >= 0)
    return [
        _name(rule, state, key, Change("raised", "ok", "firing", state.instances[key].firing, None), clock, "primed")
        for key in firing
    ]


def withdraw(rule: Rule, state: State, clock: int) -> list[Transition]:
    """What fires when a rule is replaced or withdrawn: cleared, reason `replaced`, due at `clock`."""
    said: list[Transition] = []
    for key in sorted(key for key, instance in state.instances.items() if instance.firing >= 0):
        instance = state.instances[key]
        change = Change("cleared", condition(instance), "ok", instance.firing, None)
        reset(instance)
        said.append(_name(rule, state, key, change, clock, "replaced"))
    return said


def _select(rule: Rule, state: State, event: Event) -> None:
    """Count a selected event, and let it wait for its time, unless it is late, said before, or cannot be read."""
    counts = state.counts
    if event.repeat:
        counts["repeat"] += 1
        return
    if event.time < event.seen - rule.lateness:
        counts["late"] += 1
        state.late[event.source] = state.late.get(event.source, 0) + 1
        return
    time = event.time
    try:
        key = _encode([_key(rule, event, name) for name in rule.by]).decode()
        value = _value(rule, event)
    except _Unreadable as fault:
        counts["fault"] += 1
        state.faults = [*state.faults, Fault(event.offset, event.part, fault.field, fault.said)][-FAULTS:]
        return
    if time > event.seen + rule.ahead:
        counts["future"] += 1
        time = event.seen
    counts["selected"] += 1
    if value is None and rule.measure is not None and rule.measure.of is not None:
        counts["null"] += 1
    state.waiting.append(Waiting(time, event.offset, event.part, key, value))


class _Unreadable(Exception):
    def __init__(self, field: str, said: str) -> None:
        self.field, self.said = field, said


def _key(rule: Rule, event: Event, name: str) -> Any:
    value = getattr(event, name) if name in _COLUMNS else field(event.body, name)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)  # archived numbers are Float64: 22 and 22.0 are one port
    if value is not None and not isinstance(value, (str, int, float)):
        raise _Unreadable(name, f"{type(value).__name__} cannot name an instance")
    return value


def _value(rule: Rule, event: Event) -> float | None:
    if rule.measure is None or rule.measure.of is None:
        return None
    if event.raw is not None:
        raise _Unreadable(rule.measure.of, "the body could not be read")
    value = field(event.body, rule.measure.of)
    if value is None:
        return None
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, (int, float)):
        raise _Unreadable(rule.measure.of, f"{type(value).__name__}, a number was wanted")
    try:
        number = float(value)
    except OverflowError:
        raise _Unreadable(rule.measure.of, "an integer too large for a number") from None
    return number if math.isfinite(number) else None


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
        before = (instance.firing, instance.clearing, list(instance.held))
        if value is not None:
            positions = [panes[0].first, panes[-1].last] if panes else []
            for change in observe(rule, instance, time, value):
                found.append((change.what != "cleared", positions, key, change, value))
        if _goes_on(rule, instance, before):
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
    """Whether the next window can matter before the next event comes.

    With events in it, it does. An empty one observes nothing, or a count of 0, which changes nothing any more once
    seeing it has changed nothing and no timer runs.
    """
    if instance.panes:
        return True
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
    instance.ordinal = instance.ordinal + 1 if instance.said == due else 0
    instance.said = due
    state.number = max(state.number + 1, due * 1000)
    severity = rule.levels[change.level].severity if rule.levels else "critical"
    return Transition(
        what=change.what, rule=rule.name, version=rule.version, fingerprint=rule.fingerprint,
        stream=state.stream, epoch=state.epoch, instance=instance_of(key, rule.by),
        was=change.was, now=change.now, severity=severity, reason=reason, due=due,
        value=value, threshold=change.threshold, window=window, positions=positions or [],
        ordinal=instance.ordinal, number=state.number,
    )  # fmt: skip
