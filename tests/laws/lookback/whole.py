"""All that a rule says of a list of events."""

import operator
from typing import Any

from minerlib.event import Event
from minerlib.rule import Rule

from .flap import shown
from .heard import live
from .life import lived
from .said import EVENTS, EXPIRIES, Place, Said, severity
from .silence import Silence, silent


def expected(
    rule: Rule, events: list[Event], clock: int, begun: int | None = None, ended: int | None = None
) -> list[Said]:
    """What the rule says of these events once the stream's clock has come to `clock`.

    Begun at the clock `begun`, it says what it shows then, and what is due from there on; withdrawn at the clock
    `ended`, it says in the end what it takes back.
    """
    limit = max([clock, *(event.seen for event in events)]) - rule.lateness
    start = None if begun is None else (begun - rule.lateness, begun)
    lives, _ = live(rule, events, limit)
    silences = silent(rule, lives, limit, start and start[0])
    found: list[tuple[Any, Said]] = []
    for each in silences:
        found += of_stream(rule, each, limit, start, ended)
    for life in lives:
        would, moments = lived(rule, life, silences, limit, start and start[0])
        found += shown(rule, life, would, moments, limit, start, ended)
    found.sort(key=operator.itemgetter(0))
    return [said for place, said in found if start is None or place >= (start[0], -1)]


def of_stream(
    rule: Rule, silence: Silence, limit: int, begun: tuple[int, int] | None, ended: int | None
) -> list[tuple[Place, Said]]:
    """What is said of one silence of the whole stream."""
    assert rule.missing
    alerts, lowest, by = rule.missing.then == "alert", severity(rule, -1), silence.ended_by
    over = begun is not None and silence.begin < begun[0] <= silence.end
    said = (
        Said("raised", "", "ok", "firing", silence.begin, lowest, "missing")
        if alerts
        else Said("unknown", "", "ok", "unknown", silence.begin, lowest, "missing")
    )
    found: list[tuple[Place, Said]] = [((silence.begin, EXPIRIES, ("",)), said)]
    if begun and over and alerts:
        found.append(((begun[0], -1, ("",)), Said("raised", "", "ok", "firing", begun[1], lowest, "primed")))
    if by:
        place, where = (by.time, EVENTS, (by[1:3], -1)), [(by.offset, by.part)]
        if alerts:
            said = Said("cleared", "", "firing", "ok", by.time, lowest, "returned", positions=where)
            found.append((place, said))
        elif not over:
            said = Said("returned", "", "unknown", "ok", by.time, lowest, "returned", positions=where)
            found.append((place, said))
    elif alerts and ended is not None:
        found.append(((limit, -1, ("",)), Said("cleared", "", "firing", "ok", ended, lowest, "replaced")))
    return found
