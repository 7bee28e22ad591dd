"""Changes become transitions here: held back where an instance flaps, then numbered and named."""

from typing import NamedTuple

from minerlib.rule.flap import filtered
from minerlib.rule.instance import Instance, Position, Voice, instance_of
from minerlib.rule.observe import Change
from minerlib.rule.rule import Rule
from minerlib.rule.state import State
from minerlib.rule.transition import Reason, Transition

SETTLES = 3


class Cause(NamedTuple):
    """Why something is said: the reason, what was observed in which window, and the positions that decided it."""

    reason: Reason
    value: float | None = None
    window: tuple[int, int] | None = None
    positions: list[Position] = []


def say(
    rule: Rule, state: State, key: str, instance: Instance, change: Change, due: int, cause: Cause
) -> list[Transition]:
    """What is said of a change of an instance; nothing while it is latched."""
    said = filtered(rule, instance, change, due)
    if rule.flap and instance.latched >= 0 and instance.settles is None:
        state.wake(instance.turned + rule.flap.per, SETTLES, key)
    return [named(rule, state, key, instance.voice, said, due, cause)] if said else []


def named(rule: Rule, state: State, key: str, voice: Voice, change: Change, due: int, cause: Cause) -> Transition:
    """A change with its number, its ordinal, and all that its alert carries."""
    if voice.said == due:
        voice.ordinal += 1
    else:  # what was primed at the clock comes before what is due at that moment, but was said before it
        voice.said, voice.ordinal = due, int(voice.primed == due)
    state.number = max(state.number + 1, due * 1000)
    severity = rule.levels[max(0, change.level)].severity if rule.levels else "critical"
    return Transition(
        what=change.what, rule=rule.name, version=rule.version, fingerprint=rule.fingerprint,
        stream=state.stream, epoch=state.epoch, instance=instance_of(key, rule.by),
        was=change.was, now=change.now, severity=severity, reason=cause.reason, due=due,
        value=cause.value, threshold=change.threshold, window=cause.window, positions=cause.positions,
        ordinal=voice.ordinal, number=state.number,
    )  # fmt: skip
