"""Windows of panes: `(T - over, T]` at every multiple of `every`, from panes of gcd(over, every).

Within a pane events are taken one by one in order; a window merges its panes oldest first.
"""

import math

from minerlib.event.moment import SECOND
from minerlib.rule.aggregate import COUNTS, SUMS, Panes, line, nearest, until
from minerlib.rule.parts import Measure
from minerlib.rule.state import VALUES, Instance, Pane, Position, Waiting


def pane_length(measure: Measure) -> int:
    return math.gcd(measure.over, measure.every)


def keeps_values(agg: str | None) -> bool:
    """Whether an aggregate needs every value of its window."""
    return agg == "distinct" or (agg is not None and agg[0] == "p")


def take(measure: Measure, instance: Instance, event: Waiting) -> bool:
    """Put an event into its pane; False where its value had no room there.

    Events come in order of time, so the pane is the last one or a new one.
    """
    length = pane_length(measure)
    index = -(-event.time // length)
    at: Position = (event.offset, event.part)
    if not instance.panes or instance.panes[-1].index != index:
        start = SUMS[measure.agg].start if measure.agg in SUMS else ()
        instance.panes.append(Pane(index, 0, 0, at, at, list(start)))
    pane = instance.panes[-1]
    pane.events += 1
    pane.last = at
    if event.value is None:
        return True
    if measure.agg == "distinct":
        if event.value in pane.names:
            return True
        if instance.kept >= VALUES:
            return False
        pane.names[str(event.value)] = True
        instance.kept += 1
    elif isinstance(event.value, float):
        if keeps_values(measure.agg):
            if instance.kept >= VALUES:
                return False
            pane.values.append(event.value)
            instance.kept += 1
        elif measure.agg in SUMS:
            SUMS[measure.agg].add(pane.numbers, event.value, event.below, (event.time - index * length) / SECOND)
    pane.count += 1
    return True


def forget(measure: Measure, instance: Instance, due: int) -> None:
    """Let go of panes that lie before the window that ends at `due`."""
    oldest = (due - measure.over) // pane_length(measure)
    keep = 0
    while keep < len(instance.panes) and instance.panes[keep].index <= oldest:
        keep += 1
    if keep:
        instance.kept -= sum(len(pane.values) + len(pane.names) for pane in instance.panes[:keep])
        instance.full = instance.full and instance.kept >= VALUES
        del instance.panes[:keep]


def value_of(measure: Measure, panes: list[Pane], due: int) -> float | None:
    """What the window of these panes that ends at `due` observes; None where it observes nothing."""
    agg = measure.agg or ""
    if agg in COUNTS:
        return _count(measure, panes)
    if keeps_values(agg):
        values = sorted(value for pane in panes for value in pane.values)
        return nearest(values, agg) if values else None
    length = pane_length(measure)
    found: Panes = [(pane.numbers, (pane.index * length - due) / SECOND) for pane in panes if pane.count]
    if not found:
        return None
    if agg == "forecast":
        fitted = line(found)
        return until(fitted, measure.to or 0.0) if fitted and all(math.isfinite(each) for each in fitted) else None
    value = SUMS[agg].result(found)
    return value if value is not None and math.isfinite(value) else None


def _count(measure: Measure, panes: list[Pane]) -> float:
    if measure.agg == "distinct":
        return float(len({name for pane in panes for name in pane.names}))
    count = sum(pane.events if measure.of is None else pane.count for pane in panes)
    return count / (measure.over / SECOND) if measure.agg == "rate" else float(count)


def first_due(measure: Measure, time: int) -> int:
    """The first window that an event at `time` is in."""
    return -(-time // measure.every) * measure.every
