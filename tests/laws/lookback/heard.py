"""Which events a rule hears, and the lives of its instances: from a first event to being forgotten."""

import json
from typing import Any, NamedTuple

from minerlib.event import Event
from minerlib.rule import Rule

from .expressions import COLUMNS, Fault, field, finite, of_event

RETIRE = "rule.retire"


class Heard(NamedTuple):
    """An event as the rule takes it: `value` is what is measured, `below` what a ratio is measured by."""

    time: int
    offset: int
    part: int
    key: str
    value: Any = None
    below: float | None = None
    retires: bool = False


class Life(NamedTuple):
    """An instance from its first event to the moment that it is forgotten, by an event or unseen."""

    key: str
    heard: list[Heard]
    retired: list[Heard]  # at most one

    def end(self, rule: Rule) -> int:
        return self.retired[0].time if self.retired else self.heard[-1].time + rule.retire

    def lasts(self, rule: Rule, time: int) -> bool:
        """Whether it is there at `time`, behind the events of that time; unseen, it is there to the very last."""
        return time < self.end(rule) if self.retired else time <= self.end(rule)


def hear(rule: Rule, event: Event) -> Heard | None:
    """The event as the rule takes it; None where it is none of its own, a repeat, late, or a fault."""
    if event.repeat or event.time < event.seen - rule.lateness or event.kind not in (rule.kind, RETIRE):
        return None
    time = event.seen if event.time > event.seen + rule.ahead else event.time
    place = (time, event.offset, event.part)
    if event.kind == RETIRE:
        body = event.body if isinstance(event.body, dict) and event.raw is None else {}
        if body.get("rule") != rule.name or not isinstance(body.get("instance"), dict):
            return None
        return Heard(*place, named([body["instance"].get(name) for name in rule.by]), retires=True)
    names = [getattr(event, name) if name in COLUMNS else field(event.body, name) for name in rule.by]
    if any(isinstance(name, (list, dict)) for name in names) or (event.raw is not None and set(rule.by) - {*COLUMNS}):
        return None
    try:
        if rule.where and of_event(str(rule.where), event) is not True:
            return None
        return Heard(*place, named(names), *measured(rule, event))
    except Fault:
        return None


def measured(rule: Rule, event: Event) -> tuple[Any, float | None]:
    measure = rule.measure
    if measure and measure.ratio:
        below = finite(of_event(str(measure.ratio.to), event)) if measure.ratio.to else 1.0
        return finite(of_event(str(measure.ratio.of), event)), below
    if not measure or not measure.of:
        return None, None
    value = of_event(str(measure.of), event)
    if measure.agg != "distinct":
        return finite(value), None
    if not isinstance(value, str) and finite(value) is None:
        return None, None
    return (type(value).__name__ if isinstance(value, (str, bool)) else "number", value), None


def named(names: list[Any]) -> str:
    """The key of an instance; a whole float names the same as the integer."""
    plain = [int(name) if isinstance(name, float) and name == int(name) else name for name in names]
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)


def live(rule: Rule, events: list[Event], limit: int) -> tuple[list[Life], int]:
    """All lives, in the order of their first events, and how many events found no room."""
    heard = sorted(each for event in events if (each := hear(rule, event)) and each.time < limit)
    lives, left = list[Life](), 0
    for each in heard:
        known = [life for life in lives if not life.retired and life.lasts(rule, each.time)]
        mine = next((life for life in known if life.key == each.key), None)
        if each.retires:
            if mine:
                mine.retired.append(each)
        elif mine:
            mine.heard.append(each)
        elif has_room(rule, known):
            lives.append(Life(each.key, [each], []))
        else:
            left += 1
    return lives, left


def has_room(rule: Rule, known: list[Life]) -> bool:
    return len(known) < rule.instances


def beyond(rule: Rule, events: list[Event], clock: int) -> int:
    """How many events were of instances beyond the bound."""
    return live(rule, events, max([clock, *(event.seen for event in events)]) - rule.lateness)[1]
