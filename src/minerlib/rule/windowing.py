"""The windows that end at one instant: what they observe, cleared before raised, lower positions first."""

from minerlib.rule.naming import Cause, say
from minerlib.rule.observe import Change, observe
from minerlib.rule.parts import Measure
from minerlib.rule.rule import Rule
from minerlib.rule.state import Instance, Position, State
from minerlib.rule.transition import Transition
from minerlib.rule.windows import forget, value_of

WINDOW = 0
_Before = tuple[int, int | None, list[int | None]]


def windows(rule: Rule, state: State, time: int, keys: list[str]) -> list[Transition]:
    """What the windows of these instances say that end at `time`."""
    measure = rule.measure
    if measure is None:
        return []
    found: list[tuple[bool, list[Position], str, Change, float]] = []
    for key in keys:
        instance = state.instances[key]
        instance.due = None
        if instance.missing is not None:  # its next event brings its windows back
            continue
        forget(measure, instance, time)
        panes = instance.panes
        value = value_of(measure, panes, time)
        before = None if panes else (instance.firing, instance.clearing, list(instance.held))
        if value is not None:
            positions = [panes[0].first, panes[-1].last] if panes else []
            for change in observe(rule, instance, key, time, value):
                found.append((change.what != "cleared", positions, key, change, value))
        if before is None or _goes_on(rule, measure, instance, before):
            state.wake(time + measure.every, WINDOW, key)
    found.sort(key=lambda each: each[:3])
    said: list[Transition] = []
    for _, positions, key, change, value in found:
        cause = Cause("value", value, (time - measure.over, time), positions)
        said += say(rule, state, key, state.instances[key], change, time, cause)
    return said


def _goes_on(rule: Rule, measure: Measure, instance: Instance, before: _Before) -> bool:
    """Whether after an empty window the next one can matter before the next event comes.

    It observes nothing, or a count of 0, which changes nothing any more once seeing it has changed nothing, no timer
    runs, and what it is compared with stays the same.
    """
    if measure.agg not in ("count", "rate", "distinct"):
        return False
    running = instance.clearing is not None or any(
        held is not None and number > instance.firing for number, held in enumerate(instance.held)
    )
    return running or rule.usual is not None or before != (instance.firing, instance.clearing, instance.held)
