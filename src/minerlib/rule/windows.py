"""Windows of panes: `(T - over, T]` at every multiple of `every`, from sums that no cut of the input can change.

A pane is gcd(over, every) long. Within it events are added one by one in order; a window adds its panes oldest first.
"""

import math

from minerlib.rule.rule import Measure
from minerlib.rule.state import Instance, Pane, Position, Waiting


def pane_length(measure: Measure) -> int:
    return math.gcd(measure.over, measure.every)


def take(measure: Measure, instance: Instance, event: Waiting) -> None:
    """Put an event into its pane. Events come in order of time, so the pane is the last one or a new one."""
    index = -(-event.time // pane_length(measure))
    at: Position = (event.offset, event.part)
    if not instance.panes or instance.panes[-1].index != index:
        instance.panes.append(Pane(index, 0, 0, 0.0, math.inf, -math.inf, at, at))
    pane = instance.panes[-1]
    pane.events += 1
    pane.last = at
    if event.value is not None:
        pane.count += 1
        pane.sum += event.value
        pane.low, pane.high = min(pane.low, event.value), max(pane.high, event.value)


def forget(measure: Measure, instance: Instance, due: int) -> None:
    """Let go of panes that lie before the window that ends at `due`."""
    oldest = (due - measure.over) // pane_length(measure)
    keep = 0
    while keep < len(instance.panes) and instance.panes[keep].index <= oldest:
        keep += 1
    if keep:
        del instance.panes[:keep]


def value_of(measure: Measure, panes: list[Pane]) -> float | None:
    """What a window of these panes observes; None where it observes nothing."""
    if measure.agg == "count":
        return float(sum(pane.events if measure.of is None else pane.count for pane in panes))
    count = sum(pane.count for pane in panes)
    if not count:
        return None
    if measure.agg == "min":
        return min(pane.low for pane in panes)
    if measure.agg == "max":
        return max(pane.high for pane in panes)
    total = 0.0
    for pane in panes:
        if pane.count:
            total += pane.sum
    value = total / count if measure.agg == "mean" else total
    return value if math.isfinite(value) else None


def first_due(measure: Measure, time: int) -> int:
    """The first window that an event at `time` is in."""
    return -(-time // measure.every) * measure.every
