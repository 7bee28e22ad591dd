"""`evaluate`: the one implementation of what a rule means. Backtests, hosts and views all fold it.

It knows no clock, no socket, no file: the events carry the stream's clock, and all that is remembered is in the state.
Events wait until the clock is past `time + lateness`; then everything due is done in order, one instant after another:
events by (time, offset, part), then windows, then those that are missed, forgotten, let go.
"""

import heapq
from collections.abc import Sequence
from operator import attrgetter

from minerlib.event.event import Event
from minerlib.rule.flap import settle, shown
from minerlib.rule.naming import SETTLES, Cause, named, say
from minerlib.rule.observe import Change, observe, reset
from minerlib.rule.rule import Rule
from minerlib.rule.select import select
from minerlib.rule.silence import EXPIRES, RETIRES, STREAM, come_back, end_silence, expire, forget_instance
from minerlib.rule.state import WAKES, Instance, State, Waiting
from minerlib.rule.transition import Transition
from minerlib.rule.windowing import WINDOW, windows
from minerlib.rule.windows import first_due, take


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
    holds = rule.missing is not None and rule.missing.then == "hold"
    if state.silence and holds:
        state.silence.said = False
    elif state.silence:
        said.append(named(rule, state, STREAM, state.voice, Change("raised", "ok", "firing", 0), clock, _PRIMED))
        state.voice.primed = clock
    for key in sorted(state.instances):
        instance = state.instances[key]
        if holds and instance.missing is not None:
            instance.quiet = True
        level = max(instance.firing, instance.latched)
        if level >= 0:
            change = Change("raised", "ok", "firing", level)
            said.append(named(rule, state, key, instance.voice, change, clock, _PRIMED))
            instance.voice.primed = clock
    return said


def withdraw(rule: Rule, state: State, clock: int) -> list[Transition]:
    """What fires when a rule is replaced or withdrawn: cleared, reason `replaced`, due at `clock`."""
    said: list[Transition] = []
    cause = Cause("replaced")
    if state.silence and rule.missing and rule.missing.then == "alert":
        said.append(named(rule, state, STREAM, state.voice, Change("cleared", "firing", "ok", 0), clock, cause))
    state.silence = None
    for key in sorted(state.instances):
        instance = state.instances[key]
        level = instance.latched if instance.latched >= 0 else instance.firing
        if level >= 0:
            change = Change("cleared", shown(rule, instance), "ok", level)
            reset(instance)
            instance.missed, instance.latched = False, -1
            said.append(named(rule, state, key, instance.voice, change, clock, cause))
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
        while agenda and agenda[0][0] == time:
            said += _due(rule, state, time, agenda[0][1])
    del waiting[:at]
    return said


def _due(rule: Rule, state: State, time: int, what: int) -> list[Transition]:
    """All instances for which the same is due at a time: windows, then those missed, forgotten, let go, by instance."""
    keys: list[str] = []
    while state.agenda and state.agenda[0][:2] == (time, what):
        key = heapq.heappop(state.agenda)[2]
        instance = state.instances.get(key)
        if instance and getattr(instance, WAKES[what]) == time and key not in keys[-1:]:  # else put off, or forgotten
            keys.append(key)
    if what == WINDOW:
        return windows(rule, state, time, keys)
    said: list[Transition] = []
    for key in keys:
        instance = state.instances[key]
        setattr(instance, WAKES[what], None)
        later = _later(rule, instance, time, what)
        if later is not None:
            state.wake(later, what, key)
        elif what == EXPIRES:
            said += expire(rule, state, key, instance, time)
        elif what == RETIRES:
            said += forget_instance(rule, state, key, time, None)
        elif instance.latched >= 0:
            cause = Cause("settled")
            said.append(named(rule, state, key, instance.voice, settle(rule, instance), time, cause))
    return said


def _later(rule: Rule, instance: Instance, time: int, what: int) -> int | None:
    """When an instance is due instead, where it has spoken, or would have, since it was put on the agenda."""
    if what == SETTLES:
        due = instance.turned + (rule.flap.per if rule.flap else 0)
    elif what == RETIRES:
        due = instance.last + rule.retire
    else:
        due = instance.last + (rule.missing.after if rule.missing else 0)
    return due if due > time else None


def _event(rule: Rule, state: State, event: Waiting) -> list[Transition]:
    """An event of its instance: it lives; what it says is observed, or goes into its pane."""
    if event.retire:
        return forget_instance(rule, state, event.key, event.time, event)
    instance = state.instances.get(event.key)
    if instance is None and len(state.instances) >= rule.instances:
        _beyond(
            state, event, "instances", f"the rule watches {rule.instances:,} instances, its bound: others are left out"
        )
        return []
    said = end_silence(rule, state, event)
    state.latest = event.time
    if instance is None:
        instance = state.instances[event.key] = Instance([None] * len(rule.levels), event.time)
        voice = state.gone.pop(event.key, None)
        if voice and voice.counts_at(event.time):
            instance.voice = voice
        state.wake(event.time + rule.retire, RETIRES, event.key)
        if rule.missing:
            state.wake(event.time + rule.missing.after, EXPIRES, event.key)
    elif instance.missing is not None:
        said += come_back(rule, state, event.key, instance, event)
        state.wake(event.time + (rule.missing.after if rule.missing else 0), EXPIRES, event.key)
    instance.last = event.time
    measure = rule.measure
    if measure is None:
        return said
    if measure.agg is None:
        if isinstance(event.value, float):
            cause = Cause("value", event.value, None, [(event.offset, event.part)])
            for change in observe(rule, instance, event.key, event.time, event.value):
                said += say(rule, state, event.key, instance, change, event.time, cause)
        return said
    if not take(measure, instance, event):
        if not instance.full:
            instance.full = True
            _beyond(
                state, event, str(measure.of), "an instance has 100,000 values in its window, the most that are kept"
            )
        else:
            state.counts["beyond"] += 1
    if instance.due is None:
        state.wake(first_due(measure, event.time), WINDOW, event.key)
    return said


def _beyond(state: State, event: Waiting, field: str, said: str) -> None:
    """Count what is beyond a bound, and say so once."""
    state.counts["beyond"] += 1
    if field != "instances" or not state.full:
        state.full = state.full or field == "instances"
        state.fault(event.offset, event.part, field, said)


_PRIMED = Cause("primed")
