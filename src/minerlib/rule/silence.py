"""Silence: instances that are missed, that come back, that are forgotten; and the silence of a whole stream.

Where two instances or more are due to be missed and none has spoken lately, one transition speaks for the stream.
"""

from minerlib.rule.flap import shown
from minerlib.rule.instance import Instance, Silence, Taken
from minerlib.rule.naming import Cause, named, say
from minerlib.rule.observe import Change, condition, reset
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Condition, Reason, Transition, What
from minerlib.rule.watch import Watch

EXPIRES, RETIRES = 1, 2
STREAM = ""  # the key of the whole stream


def expire(rule: Rule, state: State, key: str, instance: Instance, time: int, latest: int) -> list[Transition]:
    """An instance is missed at `time`, its last event (or the end of the stream's silence) + `after`; `latest` is the
    time of the newest event of any instance."""
    missing = rule.missing
    if missing is None:
        return []
    said: list[Transition] = []
    speaks = missing.then != "clear" and state.silence is None and 2 * (time - latest) >= missing.after
    if speaks and _others(state):
        state.silence = Silence(time)
        said = [_stream(rule, state, time, "raised" if missing.then == "alert" else "unknown", "missing", [])]
    was = condition(rule, instance)
    if instance.missing is None:
        instance.missing = time
    if state.silence is not None:
        instance.quiet = True
        return said
    instance.quiet = False
    cause = Cause("missing")
    if missing.then == "hold":
        return say(rule, state, key, instance, Change("unknown", was, "unknown", max(0, instance.firing)), time, cause)
    if missing.then == "alert" and instance.firing < 0:
        change = Change("raised", condition(rule, instance), "firing", 0)
        instance.firing, instance.missed = 0, True
        return say(rule, state, key, instance, change, time, cause)
    if missing.then == "clear":
        change = Change("cleared", condition(rule, instance), "ok", instance.firing)
        reset(instance)
        return say(rule, state, key, instance, change, time, cause) if change.level >= 0 else []
    return []


def come_back(rule: Rule, state: State, key: str, instance: Instance, event: Taken) -> list[Transition]:
    """The next event of an unknown instance: timers go on where they stood, and what its silence raised is cleared."""
    away = event.time - (instance.missing or 0)
    instance.held = [None if held is None else held + away for held in instance.held]
    instance.clearing = None if instance.clearing is None else instance.clearing + away
    instance.missing = None
    quiet, instance.quiet = instance.quiet, False
    cause = Cause("returned", positions=[(event.offset, event.part)])
    if instance.missed:
        change = Change("cleared", "firing", "ok", instance.firing)
        instance.firing, instance.clearing, instance.missed = -1, None, False
        return say(rule, state, key, instance, change, event.time, cause)
    if quiet or (rule.missing and rule.missing.then != "hold"):
        return []
    change = Change("returned", "unknown", condition(rule, instance), max(0, instance.firing))
    return say(rule, state, key, instance, change, event.time, cause)


def end_silence(rule: Rule, state: State, event: Taken) -> list[Transition]:
    """The stream speaks again: those that went unknown without a word are due anew."""
    silence, state.silence = state.silence, None
    if silence is None or rule.missing is None:
        return []
    for key, instance in state.instances.items():
        if instance.missing is not None and instance.quiet:
            state.wake(event.time + rule.missing.after, EXPIRES, key)
    if not silence.said:
        return []
    what = "cleared" if rule.missing.then == "alert" else "returned"
    return [_stream(rule, state, event.time, what, "returned", [(event.offset, event.part)])]


def forget_instance(
    rule: Rule, state: State, key: str, time: int, event: Taken | None, watch: Watch | None
) -> list[Transition]:
    """An instance is retired, by an event or unseen for long; quiet ones without a word."""
    instance = state.instances.pop(key, None)
    if instance is None:
        return []
    slot = state.intake.slots.at[key]
    if state.marks is not None:
        state.marks.note(slot, None)
    if event is not None or (rule.measure and rule.measure.over >= rule.retire):  # else no window reaches back to it
        state.intake = state.intake.without(slot)
        if watch:
            watch.dropped(key)
    state.full = False
    if state.gone_at != time:
        state.gone = {name: voice for name, voice in state.gone.items() if voice.counts_at(time)}
        state.gone_at = time
    state.gone[key] = instance.voice
    unknown = instance.missing is not None and not instance.quiet and rule.missing and rule.missing.then == "hold"
    if instance.firing < 0 and instance.latched < 0 and not unknown:
        return []
    cause = Cause("event", positions=[(event.offset, event.part)]) if event else Cause("unseen")
    level = instance.latched if instance.latched >= 0 else max(0, instance.firing)
    change = Change("retired", shown(rule, instance), "ok", level)
    return [named(rule, state, key, instance.voice, change, time, cause)]


def _others(state: State) -> bool:
    """Whether another instance than the one that is missed now is due to be missed, too."""
    return any(instance.expires is not None for instance in state.instances.values())


def _stream(
    rule: Rule, state: State, due: int, what: What, reason: Reason, positions: list[tuple[int, int]]
) -> Transition:
    """What is said of the whole stream."""
    quiet: Condition = "firing" if what in ("raised", "cleared") else "unknown"
    was, now = ("ok", quiet) if what in ("raised", "unknown") else (quiet, "ok")
    return named(rule, state, STREAM, state.voice, Change(what, was, now, 0), due, Cause(reason, positions=positions))
