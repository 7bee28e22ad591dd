"""What an instance observes: every event's value, or every window's."""

import math
from typing import NamedTuple

from minerlib.rule import Rule

from .heard import Heard, Life
from .numbers import forecast, line, moments, total

COUNTS = ("count", "rate", "distinct")


class Seen(NamedTuple):
    """An observation: when, what, from where, and in which order among those of its instant."""

    time: int
    value: float
    window: tuple[int, int] | None
    positions: list[tuple[int, int]]


def observations(rule: Rule, life: Life, away: list[tuple[int, float]], limit: int) -> list[Seen]:
    """All that is observed in a life, in order; `away` is from when to when it is unknown."""
    measure, heard = rule.measure, life.heard
    if measure is None:
        return []
    if not measure.over:
        return [
            Seen(each.time, each.value, None, [(each.offset, each.part)]) for each in heard if each.value is not None
        ]
    found = list[Seen]()
    end = heard[0].time - heard[0].time % -measure.every
    while end < limit and life.lasts(rule, end):
        inside = [each for each in heard if end - measure.over < each.time <= end]
        value = observed(rule, inside, end)
        if value is not None and not any(begin < end < back for begin, back in away):
            places = [(each.offset, each.part) for each in inside]
            found.append(Seen(end, value, (end - measure.over, end), [places[0], places[-1]] if places else []))
        end += measure.every
    return found


def observed(rule: Rule, inside: list[Heard], end: int) -> float | None:
    """What a window observes, if anything."""
    measure = rule.measure
    assert measure
    length = math.gcd(measure.over, measure.every)
    if measure.ratio:
        above, below = total(panes(inside, length)), total(panes(inside, length, "below"))
        value = above / below if below else None
    else:
        value = aggregate(rule, inside, panes(inside, length), end)
    never = measure.agg == "forecast" and value == math.inf
    return value if value is not None and (never or math.isfinite(value)) else None


def panes(inside: list[Heard], length: int, what: str = "value") -> dict[int, list[tuple[int, float]]]:
    """The (time, value) of every observation in each pane that has one, by the pane's end, oldest first."""
    found = dict[int, list[tuple[int, float]]]()
    for each in inside:
        value = getattr(each, what)
        if value is not None:
            found.setdefault(each.time - each.time % -length, []).append((each.time, value))
    return found


def aggregate(rule: Rule, inside: list[Heard], parts: dict[int, list[tuple[int, float]]], end: int) -> float | None:
    measure = rule.measure
    assert measure
    agg = measure.agg or ""
    values = [value for pane in parts.values() for _, value in pane]
    count = len(values) if measure.of else len(inside)
    if agg == "count":
        return float(count)
    if agg == "rate":
        return count / (measure.over / 1e6)
    if agg == "distinct":
        return float(len(set(values)))
    if not values:
        return None
    if agg in ("min", "max", "first", "last"):
        return {"min": min(values), "max": max(values), "first": values[0], "last": values[-1]}[agg]
    if agg in ("sum", "mean"):
        return total(parts) / (len(values) if agg == "mean" else 1)
    if agg.startswith("p"):
        return sorted(values)[rank(int(agg[1:]), 10 ** len(agg[1:]), count)]
    if agg == "delta":
        return values[-1] - values[0] if count > 1 else None
    if agg == "stddev":
        n, _, m2 = moments(parts)
        return math.sqrt(m2 / (n - 1)) if n > 1 and m2 >= 0 else None
    fit = line(parts, end)
    if fit is None or agg == "slope":
        return fit and fit[0]
    assert agg == "forecast"
    assert measure.to is not None
    return forecast(*fit, float(measure.to))


def rank(share: int, of: int, count: int) -> int:
    """The index of the nearest rank, in whole numbers: 0.56 * 25 is more than 14 in floats."""
    return -(-share * count // of) - 1
