"""One instance: what its machine would say, were nothing filtered.

It holds the level it fires at, and which observation began what; all else is looked up.
"""

import operator
from typing import Any, NamedTuple

from minerlib.rule import Rule

from .conditions import Line, holds, line_of, lines_of, threshold
from .heard import Heard, Life
from .said import EVENTS, EXPIRIES, WINDOWS, Place
from .silence import Silence, Turn, gaps, taken_back, turns
from .windows import Seen, observations


class Would(NamedTuple):
    """What a machine would say."""

    place: Place
    what: str
    was: str
    now: str
    level: int
    reason: str
    value: float | None = None
    threshold: float | None = None
    window: tuple[int, int] | None = None
    positions: list[tuple[int, int]] = []


class Moment(NamedTuple):
    """Where a machine stands behind a step; `told`: it is unknown, and that has been said."""

    place: Place
    state: str
    level: int
    told: bool


def lived(
    rule: Rule, life: Life, silences: list[Silence], limit: int, begun: int | None
) -> tuple[list[Would], list[Moment]]:
    """All that the machine would say in a life, and where it stands behind every step."""
    steps, away = list[tuple[Place, str, Any]](), list[tuple[int, float]]()
    for gap in gaps(life) if rule.missing else []:
        course = turns(rule, gap, silences, begun)
        if not course or course[0].time >= limit:
            continue
        away.append((course[0].time, gap.next.time if gap.next else float("inf")))
        steps += [((turn.time, EXPIRIES, (life.key,)), "goes", turn) for turn in course if turn.what != "again"]
        if gap.next:
            steps.append(((gap.next.time, EVENTS, (gap.next[1:3], 0)), "returns", gap.next))
        if begun is not None and any(taken_back(rule, gap, turn, begun) for turn in course):
            steps.append(((begun, -1, ()), "is begun", None))
    seen = observations(rule, life, away, limit)
    for number, each in enumerate(seen):
        turn = (WINDOWS, (life.key,)) if each.window else (EVENTS, (each.positions[0], 1))
        steps.append(((each.time, *turn), "sees", number))
    machine, moments = Machine(rule, life.key, seen, away), list[Moment]()
    for place, what, about in sorted(steps, key=operator.itemgetter(0)):
        if place[0] >= limit:
            break
        if what == "sees":
            machine.sees(about, place)
        elif what == "goes":
            machine.goes(about, place)
        elif what == "returns":
            machine.returns(about, place)
        else:
            machine.told = False
        moments.append(Moment(place, machine.state(), machine.level, machine.told))
    return machine.would, moments


class Machine:
    def __init__(self, rule: Rule, key: str, seen: list[Seen], away: list[tuple[int, float]]) -> None:
        self.rule, self.key, self.seen, self.away = rule, key, seen, away
        self.then = rule.missing.then if rule.missing else ""
        self.level, self.missed, self.gone, self.told = -1, False, False, False
        self.next = 0  # the observation that comes next
        self.anew = 0  # timers of levels look back to this observation at most
        self.fired = 0  # the timer of `clear` looks back to behind this one at most
        self.would: list[Would] = []
        self.lines = lines_of(rule)
        self.clear = line_of(rule.clear) if rule.clear else self.lines[0].opposite() if self.lines else None

    def known(self, time: int) -> float:
        """The time without what was unknown of it."""
        return time - sum(min(end, time) - begin for begin, end in self.away if begin < time)

    def run(self, line: Line, number: int, first: int) -> int | None:
        """How long a condition has held at observation `number`, looking back to `first`; None where it does not."""
        since = None
        for at in range(number, first - 1, -1):
            held = holds(self.rule, self.key, line, self.seen[at])
            if held is None:
                continue
            if not held:
                break
            since = at
        return None if since is None else int(self.known(self.seen[number].time) - self.known(self.seen[since].time))

    def ripe(self, line: Line, number: int, first: int) -> bool:
        """Whether a condition holds at an observation, and has held for long enough."""
        held = self.run(line, number, first) if holds(self.rule, self.key, line, self.seen[number]) else None
        return held is not None and held >= line.wait

    def state(self) -> str:
        last = self.next - 1
        if self.gone and self.then == "hold":
            return "unknown"
        if self.level >= 0:
            held = self.clear and last > self.fired and self.run(self.clear, last, self.fired + 1) is not None
            return "clearing" if held and not self.missed else "firing"
        return "pending" if any(self.run(line, last, self.anew) is not None for line in self.lines) else "ok"

    def sees(self, number: int, place: Place) -> None:
        it, was = self.seen[number], self.state()
        self.next = number + 1
        if self.level >= 0 and self.clear and number > self.fired and self.ripe(self.clear, number, self.fired + 1):
            self.say("cleared", was, "ok", place, "value", it, self.clear)
            self.level, self.anew, was = -1, number, "ok"
        ripe = [at for at, line in enumerate(self.lines) if self.ripe(line, number, self.anew)]
        if ripe and ripe[-1] > self.level:
            what = "raised" if self.level < 0 else "escalated"
            self.level, self.fired = ripe[-1], number
            self.say(what, was, "firing", place, "value", it, self.lines[self.level])

    def goes(self, turn: Turn, place: Place) -> None:
        """It goes unknown, with a word or quietly."""
        was, speaks = self.state(), turn.what == "word"
        self.gone, self.told = True, speaks
        if self.then == "hold" and speaks:
            self.say("unknown", was, "unknown", place, "missing")
        if self.then == "alert" and speaks and self.level < 0:
            self.level, self.missed = 0, True
            self.say("raised", was, "firing", place, "missing")
        if self.then == "clear":
            if self.level >= 0:
                self.say("cleared", was, "ok", place, "missing")
            self.level, self.anew = -1, self.next

    def returns(self, event: Heard, place: Place) -> None:
        told, self.gone, self.told = self.told, False, False
        it = Seen(event.time, 0.0, None, [(event.offset, event.part)])
        if self.then == "hold" and told:
            self.say("returned", "unknown", self.state(), place, "returned", it)
        if self.missed:
            self.say("cleared", "firing", "ok", place, "returned", it)
            self.level, self.missed = -1, False

    def say(
        self, what: str, was: str, now: str, place: Place, reason: str, it: Seen | None = None, line: Line | None = None
    ) -> None:
        """Say it, with its place: by position for events; what clears first for windows; by instance for expiries."""
        positions, value, bar = it.positions if it else [], None, None
        if it and line:
            value, bar = it.value, threshold(self.rule, self.key, line, it.time)
        if place[1] == WINDOWS:
            place = (*place[:2], (what != "cleared", positions, self.key))
        elif place[1] == EVENTS:
            place = (*place[:2], (place[2][0], len(self.would)))
        window = it.window if it else None
        self.would.append(Would(place, what, was, now, self.level, reason, value, bar, window, positions))
