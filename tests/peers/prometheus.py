"""Prometheus's test notation: series as `0+10x4 _ stale`, and the cases of a `.test` file."""

import re
from typing import Any, NamedTuple

from minerlib.event import Event
from minerlib.event.moment import duration

from .folding import event

STALE = "stale"
Sample = float | dict[str, str] | str | None  # a number, a histogram, STALE, or nothing at all
_HISTOGRAM = r"\{\{.*?\}\}"
_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|Inf)"
_STEP = rf"[-+]{_HISTOGRAM}|[-+](?:\d+(?:\.\d+)?)"
_WORD = re.compile(rf"(?P<start>{_HISTOGRAM}|{_NUMBER}|_|stale)(?P<step>{_STEP})?(?:x(?P<times>\d+))?")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_EVAL = re.compile(r"eval instant at (\S+) (.*)")


def samples(text: object) -> list[Sample]:
    """What a series says, one for each interval: `1x2` is three of 1, `1+2x2` is 1, 3, 5, and `_x2` two of nothing."""
    found: list[Sample] = []
    for word in re.findall(rf"(?:{_HISTOGRAM}|\S)+", str(text)):
        shape = _WORD.fullmatch(word)
        assert shape, word
        start, step, times = shape["start"], shape["step"], int(shape["times"] or 0)
        if start == "_":
            found += [None] * max(1, times)
        elif start == STALE:
            found.append(STALE)
        elif start.startswith("{{"):
            found += [{"histogram": start}] * (times + 1)
        else:
            found += [float(start) + (float(step) * n if step else 0.0) for n in range(times + 1)]
    return found


def named(text: str) -> tuple[str, dict[str, str]]:
    """A series' name and labels."""
    return text.partition("{")[0], dict(_LABEL.findall(text))


def events(series: str, values: object, interval: int) -> list[Event]:
    """A series as events of the kind that it is called by: `value` is its number, and null where it is stale or no
    number; its labels are the body's other fields."""
    name, labels = named(series)
    return [
        event(n * interval, name, labels | (said if isinstance(said, dict) else {"value": _plain(said)}), n)
        for n, said in enumerate(samples(values))
        if said is not None
    ]


def _plain(said: float | str | None) -> float | None:
    return said if isinstance(said, float) else None


class Case(NamedTuple):
    """`eval instant at 50m deriv(x[50m])` and the value expected: None for nothing; microseconds."""

    at: int
    expression: str
    value: float | None


def script(text: str) -> tuple[dict[str, list[Event]], list[Case]]:
    """The events of each series by its name, and the cases of a `.test` file of one `load`."""
    interval, series, cases = 0, dict[str, list[Event]](), list[Case]()
    for line in text.splitlines():
        case: Any = _EVAL.fullmatch(line)
        if line.startswith("load "):
            interval = duration(line.split()[1])
        elif case:
            cases.append(Case(duration(case[1]), case[2], None))
        elif line.startswith("\t") and cases and line.strip().startswith("{"):
            cases[-1] = cases[-1]._replace(value=float(line.split()[-1]))
        elif line.startswith("\t") and not cases:
            name, values = line.strip().split("\t", 1)
            series[named(name)[0]] = events(name, values.strip(), interval)
    return series, cases
