"""The oracle: what a list of events means under a rule, told slowly.

It keeps no state. For each instance it lists what happens (events, windows, expiries) in order, and at each of them
looks at the whole past again. Written from docs/rules.md, not from the engine; only the document's texts are shared.
"""

import json
import math
import operator
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from minerlib.event import Event, kind_matches
from minerlib.event.body import field
from minerlib.event.moment import duration

SEVERITIES = ["info", "warning", "critical"]
SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne}
NOT = {">": "<=", ">=": "<", "<": ">=", "<=": ">", "==": "!=", "!=": "=="}
EVENT, WINDOW, EXPIRY = 0, 1, 2


class Seen(NamedTuple):
    """An event that counts: when, where it stands, and what it says (None: no observation)."""

    time: int
    offset: int
    part: int
    value: float | None


class Said(NamedTuple):
    """A transition before it has a number; `order` is its place among those of its instant."""

    due: int
    phase: int
    order: tuple[Any, ...]
    key: str
    fields: dict[str, Any]


def oracle(
    document: dict[str, Any], events: Sequence[Event], clock: int, begun: int | None = None, watch: str = "a.b.c"
) -> list[dict[str, Any]]:
    """All transitions up to the clock; with `begun`, a clock, those from there on and what fired there."""
    lateness = duration(document.get("lateness", "5s"))
    found: list[Said] = []
    for key, seen in accepted(document, events).items():
        found += tell(document, key, sorted(seen), clock - lateness)
    found.sort(key=lambda said: said[:4])
    if begun is not None:
        silent = [said for said in found if said.due < begun - lateness]
        last = {said.key: said.fields for said in silent}
        primed = [
            Said(begun, 0, (), key, entry("raised", "ok", "firing", fields["severity"], "primed", begun))
            for key, fields in sorted(last.items())
            if fields["what"] != "cleared"
        ]
        found = primed + found[len(silent) :]
    ordinals: Counter[tuple[str, int]] = Counter()
    number, out = 0 if begun is None else begun * 1000 - 1, []
    for said in found:
        number = max(number + 1, said.due * 1000)
        at = (said.key, said.due)
        instance = dict(zip(document.get("by", ["source"]), json.loads(said.key), strict=True))
        out.append({**said.fields, "instance": instance, "ordinal": ordinals[at], "number": number})
        ordinals[at] += 1
    return out


def accepted(document: dict[str, Any], events: Sequence[Event]) -> dict[str, list[Seen]]:
    """The events that are evaluated, by instance."""
    found: dict[str, list[Seen]] = {}
    for event in events:
        if event.repeat or not kind_matches(document["kind"], event.kind):
            continue
        if event.time < event.seen - duration(document.get("lateness", "5s")):
            continue
        future = event.time > event.seen + duration(document.get("ahead", "1m"))
        try:
            key, value = key_of(document, event), value_of(document, event)
        except (TypeError, OverflowError):
            continue
        time = event.seen if future else event.time
        found.setdefault(key, []).append(Seen(time, event.offset, event.part, value))
    return found


def key_of(document: dict[str, Any], event: Event) -> str:
    words = []
    for name in document.get("by", ["source"]):
        word = getattr(event, name) if name in ("source", "kind") else field(event.body, name)
        if isinstance(word, (list, dict)):
            raise TypeError
        words.append(int(word) if isinstance(word, float) and word == int(word) and abs(word) <= 2**53 else word)
    return json.dumps(words, separators=(",", ":"))


def value_of(document: dict[str, Any], event: Event) -> float | None:
    of = document.get("measure", {}).get("of")
    value = field(event.body, of) if of else None
    if value is None:
        return None
    if not isinstance(value, (bool, int, float)):
        raise TypeError
    return float(value) if math.isfinite(float(value)) else None


def tell(document: dict[str, Any], key: str, events: list[Seen], limit: int) -> list[Said]:
    """Everything one instance does before `limit`."""
    measure = document.get("measure", {})
    over, every = (duration(measure.get(name, "0s")) for name in ("over", "every"))
    after = duration(document["missing"]["after"]) if "missing" in document else None
    happens: list[tuple[int, int, int, int, Seen | None]] = []
    for number, event in enumerate(events):
        happens.append((event.time, EVENT, event.offset, event.part, event))
        if after is not None and (number + 1 == len(events) or events[number + 1].time > event.time + after):
            happens.append((event.time + after, EXPIRY, 0, 0, None))
    if "agg" in measure:
        first = -(-events[0].time // every) * every
        happens += [(time, WINDOW, 0, 0, None) for time in range(first, limit, every)]
    machine = Machine(document, key)
    for time, phase, offset, part, event in sorted(happens, key=lambda each: each[:4]):
        if time >= limit:
            break
        if phase == EXPIRY:
            machine.expire(time)
        elif event is not None:
            machine.come_back(time, (offset, part))
            if measure and "agg" not in measure and event.value is not None:
                machine.observe(EVENT, time, event.value, [(offset, part)], None)
        elif not machine.gone:
            inside = [each for each in events if time - over < each.time <= time]
            value = aggregate(measure, inside, math.gcd(over, every))
            ends = [inside[0][1:3], inside[-1][1:3]] if inside else []
            if value is not None:
                machine.observe(WINDOW, time, value, ends, (time - over, time))
    return machine.said


def aggregate(measure: dict[str, Any], inside: list[Seen], pane: int) -> float | None:
    """What a window observes; sums are added within panes, and the panes oldest first."""
    values = [(each.time, each.value) for each in inside if each.value is not None]
    if measure["agg"] == "count":
        return float(len(values) if "of" in measure else len(inside))
    if not values:
        return None
    if measure["agg"] in ("min", "max"):
        return (min if measure["agg"] == "min" else max)(value for _, value in values)
    panes: dict[int, float] = {}
    for time, value in values:
        panes[-(-time // pane)] = panes.get(-(-time // pane), 0.0) + value
    total = 0.0
    for index in sorted(panes):
        total += panes[index]
    total = total / len(values) if measure["agg"] == "mean" else total
    return total if math.isfinite(total) else None


class Machine:
    """One instance: `seen` are its observations since it was last ok, `away` when it was unknown."""

    def __init__(self, document: dict[str, Any], key: str) -> None:
        self.key, self.said = key, list[Said]()
        self.levels = sorted(document.get("levels", []), key=lambda level: SEVERITIES.index(level["severity"]))
        sign, number = self.levels[0]["when"].split() if self.levels else (">", "0")
        self.clear: dict[str, Any] = {"when": f"{NOT[sign]} {number}", **document.get("clear", {})}
        self.seen: list[tuple[int, float]] = []
        self.away: list[tuple[int, int]] = []
        self.firing, self.fired_at = -1, 0  # the level that fires; how many observations there were when it began to
        self.gone: int | None = None
        self.missed = False

    def observe(self, phase: int, time: int, value: float, at: list[Any], window: tuple[int, int] | None) -> None:
        was = self.state()
        self.seen.append((time, value))
        shown = {"value": value, "positions": at, "window": window}
        order = (lambda what: (what != "cleared", at)) if phase == WINDOW else (lambda what: at[0])
        if self.firing >= 0 and self.held(self.clear, self.fired_at, time):
            self.say(phase, order("cleared"), "cleared", was, "ok", self.firing, "value", time, self.clear, shown)
            self.firing, self.seen, was = -1, [(time, value)], "ok"
        wanted = max((n for n, level in enumerate(self.levels) if self.held(level, 0, time)), default=-1)
        if wanted > self.firing:
            what = "raised" if self.firing < 0 else "escalated"
            self.say(phase, order(what), what, was, "firing", wanted, "value", time, self.levels[wanted], shown)
            self.firing, self.fired_at = wanted, len(self.seen)

    def expire(self, time: int) -> None:
        self.gone = time
        if self.firing < 0:
            self.say(EXPIRY, (), "raised", self.state(), "firing", 0, "missing", time)
            self.firing, self.fired_at, self.missed = 0, len(self.seen), True

    def come_back(self, time: int, at: tuple[int, int]) -> None:
        if self.gone is None:
            return
        self.away.append((self.gone, time))
        self.gone = None
        if self.missed:
            self.say(EVENT, at, "cleared", "firing", "ok", 0, "returned", time, shown={"positions": [at]})
            self.firing, self.missed = -1, False

    def run(self, condition: dict[str, Any], first: int) -> list[int]:
        """The times of the latest observations, from number `first` on, all of which meet the condition."""
        sign, number = condition["when"].split()
        times: list[int] = []
        for time, value in reversed(self.seen[first:]):
            if not SIGNS[sign](value, float(number)):
                break
            times.insert(0, time)
        return times

    def held(self, condition: dict[str, Any], first: int, time: int) -> bool:
        """Whether it has held for its `for`; time spent unknown does not count."""
        times = self.run(condition, first)
        if not times:
            return False
        away = sum(end - begin for begin, end in self.away if begin >= times[0])
        return time - times[0] - away >= duration(condition.get("for", "0s"))

    def state(self) -> str:
        if self.firing >= 0:
            return "clearing" if self.run(self.clear, self.fired_at) else "firing"
        return "pending" if any(self.run(level, 0) for level in self.levels) else "ok"

    def say(
        self, phase: int, order: tuple[Any, ...], what: str, was: str, now: str, level: int, reason: str, due: int,
        condition: dict[str, Any] | None = None, shown: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        severity = self.levels[level]["severity"] if self.levels else "critical"
        fields = entry(what, was, now, severity, reason, due) | (shown or {})
        fields["threshold"] = float(condition["when"].split()[1]) if condition else None
        self.said.append(Said(due, phase, order, self.key, fields))


def entry(what: str, was: str, now: str, severity: str, reason: str, due: int) -> dict[str, Any]:
    fields = {"what": what, "was": was, "now": now, "severity": severity, "reason": reason, "due": due}
    return fields | {"value": None, "threshold": None, "window": None, "positions": []}
