"""Other meanings that a rule might have had, each one step beside the reference: the laws must tell them apart.

They are put into the second opinion, which says each thing in one place. Grouped by the streams that show them soonest.
"""

from collections.abc import Callable
from typing import Any

from .lookback import conditions, expressions, flap, heard, life, numbers, silence, whole, windows

Other = tuple[Any, str, Callable[..., Any]]  # whose, which function, and what in its place: a function of it

MEANINGS: dict[str, list[Other]] = {
    "a level fires only behind its `for`": [
        (life.Machine, "ripe", lambda do: lambda it, line, *at: do(it, line._replace(wait=line.wait + 1), *at)),
    ],
    "windows go on while unknown": [
        (life, "observations", lambda do: lambda rule, one, away, limit: do(rule, one, [], limit)),
    ],
    "nothing usual in an instance's own table falls back to the shared one": [
        (conditions, "threshold", lambda do: lambda rule, key, line, time: fallback(do, rule, key, line, time)),
    ],
    "hours are counted in UTC": [(conditions, "ZoneInfo", lambda do: lambda zone: do("UTC"))],
    "one instance is a stream": [(silence, "FEWEST", lambda do: 1)],
    "three instances are a stream": [(silence, "FEWEST", lambda do: 3)],
    "no stream is ever silent": [(whole, "silent", lambda do: lambda *at: [])],
    "a stream is alive for all of `after`": [
        (silence, "lively", lambda do: lambda those, due, after: do(those, due, 2 * after)),
    ],
    "a stream is alive for a quarter of `after`": [
        (silence, "lively", lambda do: lambda those, due, after: do(those, due, after / 2)),
    ],
    "who is quiet is never due again": [
        (life, "turns", lambda do: lambda *at: do(*at)[:1]),
        (silence, "turns", lambda do: lambda *at: do(*at)[:1]),
    ],
    "who is quiet is not known again": [
        (silence, "is_known", lambda do: lambda turns, time: not any(turn.time < time for turn in turns)),
    ],
    "a begun rule says the return of what it never called unknown": [
        (life, "taken_back", lambda do: lambda *at: False),
        (silence, "taken_back", lambda do: lambda *at: False),
    ],
    "one more instance than the bound": [
        (heard, "has_room", lambda do: lambda rule, known: len(known) <= rule.instances),
    ],
    "unseen is forgotten before the event of that moment": [
        (heard.Life, "lasts", lambda do: lambda it, rule, time: time < it.end(rule)),
    ],
    "null selects": [
        (heard, "of_event", lambda do: lambda text, event: (found := do(text, event)) is None or found),
    ],
    "text is the number 0": [
        (expressions, "number", lambda do: lambda value: 0.0 if isinstance(value, str) else do(value)),
        (heard, "number", lambda do: lambda value: 0.0 if isinstance(value, str) else do(value)),
    ],
    "a division by zero is zero": [
        (expressions, "compute", lambda do: lambda *at: 0.0 if at[2] == 0 else do(*at)),
    ],
    "who comes back from being quiet says so": [(life.Machine, "returns", lambda do: telling(do))],
    "a quiet instance is forgotten with a word": [(flap, "is_missed", lambda do: lambda at: True)],
    "an unknown instance is forgotten without a word": [(flap, "is_missed", lambda do: lambda at: at.level >= 0)],
    "no event retires": [(heard, "RETIRE", lambda do: "rule.retired")],
    "an event at the moment it is due comes too late": [
        (silence.Gap, "lasts", lambda do: lambda it, rule, time: do(it, rule, time - 1)),
    ],
}  # fmt: skip

TIMERS: dict[str, list[Other]] = {
    "a latch hides what is worse": [(flap, "is_worse", lambda do: lambda *at: False)],
    "timers do not shift by the time away": [(life.Machine, "known", lambda do: lambda it, time: time)],
    "what cleared begins its timers behind this observation": [
        (life.Machine, "sees", lambda do: lambda it, number, place: behind(do, it, number, place)),
    ],
    "nothing usual ends a timer": [(life, "holds", lambda do: lambda *at: bool(do(*at)))],
    "missing clear keeps the timers": [
        (life.Machine, "goes", lambda do: lambda it, turn, place: keeping(do, it, turn, place)),
    ],
    "it flaps at `most`": [(flap, "counted", lambda do: lambda near: do(near) + 1)],
    "escalations count as flapping": [(flap, "counted", lambda do: len)],
    "flapping looks back to `per` inclusive": [
        (flap, "is_near", lambda do: lambda per, then, time: time - per <= then <= time),
    ],
    "flapping is at the level of now": [(flap, "highest", lambda do: lambda near: near[-1].level)],
}  # fmt: skip

NUMBERS: dict[str, list[Other]] = {
    "a line that never reaches is no observation": [
        (windows, "forecast", lambda do: lambda *at: found if (found := do(*at)) < float("inf") else float("nan")),
    ],
    "stddev of all": [(windows, "moments", lambda do: lambda panes: (n := do(panes)) and (n[0] + 1, *n[1:]))],
    "sums take no notice of panes": [(windows, "total", lambda do: lambda panes: do({0: one(panes)}))],
    "lines take no notice of panes": [(windows, "line", lambda do: lambda panes, end: do({end: one(panes)}, end))],
    "moments take no notice of panes": [(windows, "moments", lambda do: lambda panes: do({0: one(panes)}))],
    "a percentile is of the rank below": [
        (windows, "rank", lambda do: lambda share, of, count: max(0, share * count // of - 1)),
    ],
    "the newest pane comes first": [
        (windows, "panes", lambda do: lambda *at: dict(reversed(do(*at).items()))),
    ],
}  # fmt: skip


def behind(do: Any, machine: life.Machine, number: int, place: Any) -> None:
    before = machine.anew
    do(machine, number, place)
    if machine.anew != before:
        machine.anew = number + 1


def telling(do: Any) -> Any:
    def returns(machine: life.Machine, *at: Any) -> None:
        machine.told = True
        do(machine, *at)

    return returns


def keeping(do: Any, machine: life.Machine, turn: Any, place: Any) -> None:
    before = machine.anew
    do(machine, turn, place)
    machine.anew = before


def fallback(do: Any, rule: Any, key: str, line: Any, time: int) -> float | None:
    found = do(rule, key, line, time)
    return do(rule, "", line, time) if found is None and rule.usual and rule.usual.shared else found


def one(panes: numbers.Panes) -> list[tuple[int, float]]:
    return [each for pane in panes.values() for each in pane]
