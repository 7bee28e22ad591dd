"""`evaluate`: the one implementation of what a rule means. Backtests, hosts and views all fold it.

It knows no clock, no socket, no file: the events carry the stream's clock, and all that is remembered is in the state.
Events wait until the clock is past `time + lateness`; then everything due is done in order, one instant after another:
events by (time, offset, part), then windows, then those that are missed, forgotten, let go.
"""

from collections.abc import Sequence

import numpy as np

from minerlib.event.event import Event
from minerlib.rule.batch import Batch
from minerlib.rule.bound import forgets, refused
from minerlib.rule.flap import shown
from minerlib.rule.instance import Taken
from minerlib.rule.instants import Instants
from minerlib.rule.naming import Cause, named
from minerlib.rule.observe import Change, reset
from minerlib.rule.rows import NO_INTS
from minerlib.rule.rule import Rule
from minerlib.rule.select import Selection
from minerlib.rule.silence import STREAM, forget_instance
from minerlib.rule.state import SOURCES, State
from minerlib.rule.stored import pruned
from minerlib.rule.transition import Transition
from minerlib.rule.watch import Watch


def evaluate(
    rule: Rule, state: State, events: Sequence[Event] | Batch, clock: int | None = None, watch: Watch | None = None
) -> tuple[State, list[Transition]]:
    """Fold events of one stream, in its order, into the state; returns it with the transitions they made due.

    `clock` (microseconds) is the stream's clock behind them, where events that the rule does not select moved it on.
    `watch` hears what is observed. The state passed in is used up: keep `to_bytes` of it, should you need it again.
    """
    if events.size if isinstance(events, Batch) else events:
        batch = events if isinstance(events, Batch) else Batch(events)
        state.clock = max(state.clock, batch.seen)
        if not len(state.intake.slots):
            state.intake = batch.fresh(rule)
        selection = batch.select(rule)
        _count(state, selection)
        state.intake = state.intake.take(selection.keys, selection.rows)
        if len(state.intake.slots) > 2 * len(state.instances) + _STRANGERS:
            state.intake, state.marks = pruned(state.intake, state.instances), None
    if clock is not None and clock > state.clock:
        state.clock = clock
    return state, _advance(rule, state, watch)


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
    state.marks = None
    return said


def _count(state: State, selection: Selection) -> None:
    """Remember how many events were what."""
    for name, count in selection.counts.items():
        state.counts[name] += count
    for source in selection.late:
        known = source if source in state.late or len(state.late) < SOURCES else "*"
        state.late[known] = state.late.get(known, 0) + 1
    for fault in selection.faults:
        state.fault(fault.offset, fault.part, fault.field, fault.said)


def _advance(rule: Rule, state: State, watch: Watch | None) -> list[Transition]:
    """Do all that the clock has passed; cut where an instance is forgotten, so that what comes behind begins anew."""
    limit = state.clock - rule.lateness
    said: list[Transition] = []
    while True:
        count = state.intake.due(limit)
        retire = state.intake.waiting.retire
        retires = np.flatnonzero(retire[:count]) if retire is not None else NO_INTS
        first = int(retires[0]) if len(retires) else None
        upto = limit if first is None else int(state.intake.waiting.time[first])
        if (cut := forgets(rule, state, count)) is not None and cut < upto:
            first, upto = None, cut + 1
        said += _through(rule, state, state.intake.due(upto) if first is None else first, upto, watch)
        if first is not None:
            said += _retire(rule, state, watch)
        elif upto == limit:
            return said


def _through(rule: Rule, state: State, count: int, upto: int, watch: Watch | None) -> list[Transition]:
    """Take the next `count` events, and all that is due strictly before `upto`."""
    if len(state.instances) + count > rule.instances:
        left_out = refused(rule, state, count)
        if left_out is not None:
            state.intake = state.intake.refusing(left_out)
            count -= int(left_out.sum())
    state.intake, chunk = state.intake.through(rule.measure, count, upto)
    for place, first in chunk.refused:
        state.counts["beyond"] += 1
        if first:
            offset, part = int(chunk.rows.offset[place]), int(chunk.rows.part[place])
            state.fault(offset, part, str(rule.measure.of if rule.measure else ""), _MANY)
    return Instants(rule, state, chunk, upto, watch).run()


def _retire(rule: Rule, state: State, watch: Watch | None) -> list[Transition]:
    """The first waiting event makes the rule forget its instance."""
    waiting = state.intake.waiting
    slot, time = int(waiting.slot[0]), int(waiting.time[0])
    key = state.intake.slots.keys[slot]
    event = Taken(time, int(waiting.offset[0]), int(waiting.part[0]), key)
    only = np.zeros(waiting.size, np.bool_)
    only[0] = True
    state.intake = state.intake.refusing(only)
    return forget_instance(rule, state, key, time, event, watch)


_STRANGERS = 50_000  # instances that are remembered without being watched, at most
_PRIMED = Cause("primed")
_MANY = "an instance has 100,000 values in its window, the most that are kept"
