"""Events in, transitions out, in short words.

`70 70 90x4 _x3` is an event a minute: 70 twice, 90 four times, then three minutes of nothing; `~` is null.
"""

import re
from collections.abc import Iterable
from typing import Any

from minerlib.event import Event
from minerlib.event.moment import DAY, MINUTE, SECOND, duration, words
from minerlib.rule import Rule, State, Transition, evaluate

START = 20_000 * DAY
_WORD = re.compile(r"(~|_|-?\d+(?:\.\d+)?)(?:x(\d+))?")


def event(at: str | int, body: Any, offset: int, seen: str | int | None = None, **other: Any) -> Event:
    """An event so long after START, seen then too where nothing else is said."""
    time = START + duration(at)
    shape = {
        "time": time, "seen": time if seen is None else START + duration(seen),
        "epoch": "e", "offset": offset, "part": 0,
        "company": "acme", "system": "web", "environment": "prod", "source": "a", "kind": "k", "body": body,
    }  # fmt: skip
    return Event(**(shape | other))


def series(text: str, step: int = MINUTE, **other: Any) -> list[Event]:
    """The events that a series stands for."""
    found: list[Event] = []
    at = 0
    for word in text.split():
        shape = _WORD.fullmatch(word)
        assert shape, word
        for _ in range(int(shape[2] or 1)):
            if shape[1] != "_":
                body = {"v": None if shape[1] == "~" else float(shape[1])}
                found.append(event(at // SECOND, body, len(found), **other))
            at += step
    return found


def rule(**said: Any) -> Rule:
    """A rule about `v` of each event, `> 80`, where nothing else is said; `levels=None` leaves a key out."""
    shape = {
        "rule": "r", "scope": "acme.web.prod", "kind": "k", "measure": {"of": "v"},
        "levels": [{"severity": "warning", "when": "> 80"}],
    }  # fmt: skip
    return Rule.from_dict({key: value for key, value in (shape | said).items() if value is not None})


def level(when: str, wait: str = "0s", severity: str = "warning") -> dict[str, str]:
    return {"severity": severity, "when": when, "for": wait}


def fold(rule: Rule, events: Iterable[Event], until: str = "1d") -> tuple[State, list[Transition]]:
    """Everything a rule says of events, with the clock moved on to `until` at the end."""
    return evaluate(rule, State.fresh("acme.web.prod", "e"), list(events), START + duration(until))


def told(transitions: Iterable[Transition]) -> list[str]:
    """`3m raised warning`, with the reason where it is another than the value."""
    return [
        f"{words(each.due - START)} {each.what} {each.severity}" + ("" if each.reason == "value" else f" {each.reason}")
        for each in transitions
    ]


def tell(rule: Rule, text: str | Iterable[Event], until: str = "1d") -> list[str]:
    """What a rule says of a series."""
    return told(fold(rule, series(text) if isinstance(text, str) else text, until)[1])
