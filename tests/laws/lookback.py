"""A second opinion: what a rule says of a whole list of events, computed slowly, from the reference and nothing else.

Nothing is carried along. Every timer is found by looking back over the observations, every window by looking at all
events; unknown time is taken out of the time axis instead of shifting timers.
"""

import json
import math
import operator
from typing import Any, NamedTuple

from minerlib.event import Event
from minerlib.rule import Rule

SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}


class Said(NamedTuple):
    """What a transition says, without its names."""

    what: str
    instance: str
    was: str
    now: str
    due: int
    severity: str
    reason: str
    value: float | None
    threshold: float | None
    window: tuple[int, int] | None
    positions: list[tuple[int, int]]


class Heard(NamedTuple):
    time: int
    offset: int
    part: int
    key: str
    value: float | None


class Seen(NamedTuple):
    """An observation: when, what, from where, and in which order among those of its instant."""

    time: int
    value: float
    window: tuple[int, int] | None
    positions: list[tuple[int, int]]


def expected(rule: Rule, events: list[Event], clock: int) -> list[Said]:
    """Everything the rule says of these events once the stream's clock has come to `clock`."""
    limit = max([clock, *(event.seen for event in events)]) - rule.lateness
    heard = sorted(each for event in events if (each := hear(rule, event)) and each.time < limit)
    found: list[tuple[Any, Said]] = []
    for key in sorted({each.key for each in heard}):
        found += instance(rule, key, [each for each in heard if each.key == key], limit)
    return [said for _, said in sorted(found, key=operator.itemgetter(0))]


def hear(rule: Rule, event: Event) -> Heard | None:
    """The event as the rule takes it; None where it is none of its own, a repeat, late, or a fault."""
    if event.kind != rule.kind or event.repeat or event.time < event.seen - rule.lateness:
        return None
    fields: dict[str, Any] = event.body if isinstance(event.body, dict) else {}
    names = [event.source if name == "source" else fields.get(name) for name in rule.by]
    if event.raw is not None and (set(rule.by) - {"source"} or (rule.measure and rule.measure.of)):
        return None
    names = [int(name) if isinstance(name, float) and name == int(name) else name for name in names]
    if any(isinstance(name, (list, dict)) for name in names):
        return None
    value: Any = None
    if rule.measure and rule.measure.of:
        value = fields.get(rule.measure.of)
        if isinstance(value, (str, list, dict)) or value == 10**400:
            return None
        value = None if value is None or not math.isfinite(value) else value
    time = event.seen if event.time > event.seen + rule.ahead else event.time
    key = json.dumps(names, separators=(",", ":"), ensure_ascii=False)
    return Heard(time, event.offset, event.part, key, None if value is None else float(value))


def absences(rule: Rule, heard: list[Heard], limit: int) -> list[tuple[int, float]]:
    """From when to when the instance is unknown."""
    if rule.missing is None:
        return []
    ends = [*(each.time for each in heard[1:]), math.inf]
    found = [(each.time + rule.missing, end) for each, end in zip(heard, ends, strict=True)]
    return [(begin, end) for begin, end in found if begin < end and begin < limit]


def observations(rule: Rule, heard: list[Heard], away: list[tuple[int, float]], limit: int) -> list[Seen]:
    """All that the instance observes, in order."""
    measure = rule.measure
    if measure is None:
        return []
    if measure.agg is None:
        return [
            Seen(each.time, each.value, None, [(each.offset, each.part)]) for each in heard if each.value is not None
        ]
    found: list[Seen] = []
    end = heard[0].time - heard[0].time % -measure.every
    while end < limit:
        inside = [each for each in heard if end - measure.over < each.time <= end]
        value = aggregate(rule, inside)
        if value is not None and math.isfinite(value) and not any(begin < end < back for begin, back in away):
            places = [(each.offset, each.part) for each in inside]
            found.append(Seen(end, value, (end - measure.over, end), [places[0], places[-1]] if places else []))
        end += measure.every
    return found


def aggregate(rule: Rule, inside: list[Heard]) -> float | None:
    measure = rule.measure
    assert measure
    values = [each.value for each in inside if each.value is not None]
    if measure.agg == "count":
        return float(len(values) if measure.of else len(inside))
    if not values:
        return None
    if measure.agg in ("min", "max"):
        return min(values) if measure.agg == "min" else max(values)
    length, panes = math.gcd(measure.over, measure.every), dict[int, float]()
    for each in inside:
        if each.value is not None:
            number = -(-each.time // length)
            panes[number] = panes.get(number, 0.0) + each.value
    total = 0.0
    for number in sorted(panes):
        total += panes[number]
    return total / len(values) if measure.agg == "mean" else total


def instance(rule: Rule, key: str, heard: list[Heard], limit: int) -> list[tuple[Any, Said]]:
    """What is said of one instance, each with its place among all that is said."""
    away = absences(rule, heard, limit)
    seen = observations(rule, heard, away, limit)
    by_event = not (rule.measure and rule.measure.agg)
    steps: list[tuple[Any, str, Any]] = [
        ((each.time, 0, each.positions[0], 1) if by_event else (each.time, 1), "sees", number)
        for number, each in enumerate(seen)
    ]
    steps += [((begin, 2), "goes", None) for begin, _ in away]
    steps += [
        ((each.time, 0, (each.offset, each.part), 0), "returns", each)
        for _, end in away
        for each in [next((each for each in heard if each.time == end), None)]
        if each
    ]
    life = Life(rule, key, seen, away)
    for place, what, about in sorted(steps, key=operator.itemgetter(0)):
        if what == "sees":
            life.sees(about, place)
        elif what == "goes":
            life.goes(place)
        else:
            life.returns(about, place)
    return life.said


class Life:
    """One instance: the level it fires at, and which observation began what; all else is looked up."""

    def __init__(self, rule: Rule, key: str, seen: list[Seen], away: list[tuple[int, float]]) -> None:
        self.rule, self.key, self.seen, self.away = rule, key, seen, away
        self.level, self.missed = -1, False
        self.next = 0  # the observation that comes next
        self.anew = 0  # timers of levels look back to this observation at most
        self.fired = 0  # the timer of `clear` looks back to behind this one at most
        self.said: list[tuple[Any, Said]] = []
        self.lines = [(level.when.sign, level.when.number, level.wait) for level in rule.levels]
        lowest = self.lines[0] if self.lines else None
        self.clear = (rule.clear.when.sign, rule.clear.when.number, rule.clear.wait) if rule.clear else None
        if not self.clear and lowest:
            self.clear = (NOT[lowest[0]], lowest[1], 0)

    def known(self, time: int) -> float:
        """The time without what was unknown of it."""
        return time - sum(min(end, time) - begin for begin, end in self.away if begin < time)

    def run(self, line: tuple[str, float, int], number: int, first: int) -> int | None:
        """How long a condition has held at observation `number`, looking back to `first`; None where it does not."""
        since = number + 1
        while since > first and SIGNS[line[0]](self.seen[since - 1].value, line[1]):
            since -= 1
        return None if since > number else int(self.known(self.seen[number].time) - self.known(self.seen[since].time))

    def state(self) -> str:
        last = self.next - 1
        if self.level >= 0:
            held = self.clear and last > self.fired and self.run(self.clear, last, self.fired + 1) is not None
            return "clearing" if held and not self.missed else "firing"
        return "pending" if any(self.run(line, last, self.anew) is not None for line in self.lines) else "ok"

    def sees(self, number: int, place: Any) -> None:
        it, was = self.seen[number], self.state()
        self.next = number + 1
        if self.level >= 0 and self.clear:
            held = self.run(self.clear, number, self.fired + 1)
            if held is not None and held >= self.clear[2]:
                self.say("cleared", was, "ok", it.time, place, self.level, "value", it, self.clear[1])
                self.level, self.anew, was = -1, number, "ok"
        held = [self.run(line, number, self.anew) for line in self.lines]
        ripe = [at for at, for_ in enumerate(held) if for_ is not None and for_ >= self.lines[at][2]]
        if ripe and ripe[-1] > self.level:
            what = "raised" if self.level < 0 else "escalated"
            self.level, self.fired = ripe[-1], number
            self.say(what, was, "firing", it.time, place, self.level, "value", it, self.lines[self.level][1])

    def goes(self, place: Any) -> None:
        if self.level < 0:
            self.say("raised", self.state(), "firing", place[0], place, 0, "missing")
            self.level, self.missed = 0, True

    def returns(self, event: Heard, place: Any) -> None:
        if self.missed:
            it = Seen(event.time, 0.0, None, [(event.offset, event.part)])
            self.say("cleared", "firing", "ok", event.time, place, self.level, "returned", it)
            self.level, self.missed = -1, False

    def say(
        self, what: str, was: str, now: str, due: int, place: Any, level: int, reason: str,
        it: Seen | None = None, threshold: float | None = None,
    ) -> None:  # fmt: skip
        """Say it, with its place: by position for events; cleared first for windows; by instance for expiries."""
        severity = self.rule.levels[level].severity if self.rule.levels else "critical"
        value = it.value if it and reason == "value" else None
        positions = it.positions if it else []
        said = Said(
            what, self.key, was, now, due, severity, reason, value, threshold, it.window if it else None, positions
        )
        turn = (len(self.said),)
        order = {0: (place[2:], turn), 1: (what != "cleared", positions, self.key), 2: (self.key,)}[place[1]]
        self.said.append(((place[0], place[1], order), said))
