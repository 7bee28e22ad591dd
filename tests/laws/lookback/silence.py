"""When instances go unknown, and when the whole stream falls silent: found from the times of events alone."""

import math
from typing import NamedTuple

from minerlib.rule import Rule

from .heard import Heard, Life

FEWEST = 2  # instances that a stream has at least


class Silence(NamedTuple):
    """The stream is silent from a due time on, up to the next event of any instance."""

    begin: int
    end: float
    ended_by: Heard | None

    def covers(self, time: int) -> bool:
        return self.begin <= time < self.end


class Turn(NamedTuple):
    """What comes of an instance between two events: at a due time it has a `word` or is `quiet`, and is due `again`."""

    time: int
    what: str


class Gap(NamedTuple):
    """From the last event of an instance to its next; `next` is None where it is forgotten first, or nothing comes."""

    life: Life
    last: Heard
    next: Heard | None

    def lasts(self, rule: Rule, time: int) -> bool:
        """Whether, behind the events and windows of `time`, it goes on."""
        return self.last.time <= time and (time < self.next.time if self.next else self.life.lasts(rule, time))


def gaps(life: Life) -> list[Gap]:
    return [Gap(life, last, then) for last, then in zip(life.heard, [*life.heard[1:], None], strict=True)]


def turns(rule: Rule, gap: Gap, silences: list[Silence], begun: int | None) -> list[Turn]:
    """All turns of a gap, given the silences known so far.

    A rule that is begun, at `begun`, takes the word of a `hold` back: it was said where nobody heard it.
    """
    assert rule.missing
    found, due = list[Turn](), gap.last.time + rule.missing.after
    while gap.lasts(rule, due):
        over = next((each for each in silences if each.covers(due)), None)
        found.append(Turn(due, "quiet" if over else "word"))
        if not over:
            if not taken_back(rule, gap, found[-1], begun):
                break
            over = next((each for each in silences if begun is not None and each.end >= begun), None)
        if over is None or over.ended_by is None or not gap.lasts(rule, over.ended_by.time):
            break
        found.append(Turn(over.ended_by.time, "again"))
        due = over.ended_by.time + rule.missing.after
    return found


def taken_back(rule: Rule, gap: Gap, turn: Turn, begun: int | None) -> bool:
    """Whether the word was said before the rule was begun, and the instance was unknown then."""
    assert rule.missing
    if begun is None or rule.missing.then != "hold" or turn.what != "word":
        return False
    return turn.time < begun and gap.lasts(rule, begun - 1)


def silent(rule: Rule, lives: list[Life], limit: int, begun: int | None) -> list[Silence]:
    """Every silence of the stream, oldest first."""
    found = list[Silence]()
    if not rule.missing or rule.missing.then == "clear":
        return found
    heard = sorted(each for life in lives for each in life.heard)
    open_gaps = [gap for life in lives for gap in gaps(life)]
    while True:
        since = found[-1].end if found else -math.inf
        course = [(gap, turns(rule, gap, found, begun)) for gap in open_gaps]
        dues = sorted({turn.time for _, all_ in course for turn in all_ if turn.what == "word"})
        for due in dues:
            known = [gap for gap, all_ in course if gap.lasts(rule, due) and is_known(all_, due)]
            if since <= due < limit and len(known) >= FEWEST and not lively(heard, due, rule.missing.after):
                ended_by = next((each for each in heard if each.time > due), None)
                found.append(Silence(due, ended_by.time if ended_by else math.inf, ended_by))
                break
        else:
            return found


def lively(heard: list[Heard], due: int, after: int) -> bool:
    """Whether any instance had an event shortly before."""
    return any(due - after / 2 < each.time <= due for each in heard)


def is_known(turns: list[Turn], time: int) -> bool:
    """Whether, as the expiries of `time` begin, nobody has spoken for the instance."""
    before = [turn for turn in turns if turn.time < time]
    return not before or before[-1].what == "again"
