"""What is said of what a machine would say: flapping latches; and what is said at the ends of a run and of a life."""

from typing import NamedTuple

from minerlib.rule import Rule

from .heard import Life
from .life import Moment, Would
from .said import EVENTS, RETIREMENTS, SETTLED, Place, Said, severity

START: Place = (float("-inf"), 0, ())
FIRES = ("raised", "escalated", "cleared")


class Latch(NamedTuple):
    """From one would-be transition to the moment that it lets go; `levels` are those it stood at, and since when."""

    begin: Place
    over: Place
    levels: list[tuple[Place, int]]

    def level(self, place: Place) -> int:
        return max(level for since, level in self.levels if since <= place)


def latches(rule: Rule, life: Life, would: list[Would]) -> list[Latch]:
    """All latches of a life."""
    found, changes = list[Latch](), [each for each in would if each.what in FIRES]
    for at, each in enumerate(changes if rule.flap else []):
        assert rule.flap
        last = changes[at + 1 :]
        over = (each.place[0] + rule.flap.per, SETTLED, (life.key,))
        lets_go = not last or last[0].place > over
        near = [one for one in changes[: at + 1] if is_near(rule.flap.per, one.place[0], each.place[0])]
        if found and each.place < found[-1].over:
            levels = found[-1].levels
            if is_worse(found[-1], each):
                levels.append((each.place, each.level))
        elif each.what != "escalated" and counted(near) > rule.flap.most:
            levels = [(each.place, highest(near))]
            found.append(Latch(each.place, (float("inf"),), levels))
        else:
            continue
        if lets_go:
            found[-1] = found[-1]._replace(over=over)
    return found


def is_near(per: int, then: int, time: int) -> bool:
    return time - per < then <= time


def counted(near: list[Would]) -> int:
    return sum(one.what != "escalated" for one in near)


def is_worse(latch: Latch, would: Would) -> bool:
    return would.what != "cleared" and would.level > latch.level(would.place)


def is_missed(at: Moment) -> bool:
    """Whether somebody was told of an instance what is not over yet."""
    return at.level >= 0 or (at.state == "unknown" and at.told)


def highest(near: list[Would]) -> int:
    return max(one.level for one in near)


def shown(
    rule: Rule,
    life: Life,
    would: list[Would],
    moments: list[Moment],
    limit: int,
    begun: tuple[int, int] | None,
    ended: int | None,
) -> list[tuple[Place, Said]]:
    """All that is said of one life, with its place; `begun` is where a run begins and what its clock says then."""
    latched = latches(rule, life, would)
    found = list[tuple[Place, Said]]()

    def standing(place: Place) -> Moment:
        return next((each for each in reversed(moments) if each.place < place), Moment(START, "ok", -1, False))

    def latch(place: Place) -> Latch | None:
        return next((each for each in latched if each.begin <= place < each.over), None)

    def say(
        place: Place, what: str, was: str, now: str, due: int, level: int, reason: str,
        positions: list[tuple[int, int]] | None = None,
    ) -> None:  # fmt: skip
        said = Said(what, life.key, was, now, due, severity(rule, level), reason)
        found.append((place, said._replace(positions=positions or [])))

    def firing(place: Place) -> int:
        """The level that is shown as firing; -1 for none."""
        held, at = latch(place), standing(place)
        return held.level(place) if held else at.level

    for each in would:
        held = latch(each.place) if each.what in FIRES else None
        level = held.level(each.place) if held else each.level
        name = severity(rule, level)
        if held is None:
            what, was, now = each.what, each.was, each.now
        elif held.begin == each.place:
            what, was, now = "flapping", each.was, "firing"
        elif any(since == each.place for since, _ in held.levels):
            what, was, now = "escalated", "firing", "firing"
        else:
            continue
        said = Said(what, life.key, was, now, each.place[0], name, *each[5:])
        found.append((each.place, said))
    for each in latched:
        if each.over[0] < min(limit, life.end(rule)):
            at, due = standing(each.over), each.over[0]
            was = "unknown" if at.state == "unknown" else "firing"
            if at.level >= 0:
                say(each.over, "returned", was, "firing", due, at.level, "settled")
            else:
                say(each.over, "cleared", was, at.state, due, each.level(each.over), "settled")
    if begun and life.heard[0].time < begun[0] and life.lasts(rule, begun[0] - 1):
        start = (begun[0], -1, (life.key,))
        if firing(start) >= 0:
            say(start, "raised", "ok", "firing", begun[1], firing(start), "primed")
    end, retired = life.end(rule), life.retired
    if end < limit:
        place = (end, EVENTS, (retired[0][1:3], 0)) if retired else (end, RETIREMENTS, (life.key,))
        at, held = standing(place), latch(place)
        if held or is_missed(at):
            was = "firing" if held and at.state != "unknown" else at.state
            level, reason = held.level(place) if held else at.level, "event" if retired else "unseen"
            say(place, "retired", was, "ok", end, level, reason, [retired[0][1:3]] if retired else [])
    elif ended is not None:
        place = (limit, -1, (life.key,))
        if firing(place) >= 0:
            at = standing(place)
            was = "firing" if latch(place) and at.state != "unknown" else at.state
            say(place, "cleared", was, "ok", ended, firing(place), "replaced")
    return found
