"""When instances fired: spans of time, out of the transitions that say so."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from minerlib.rule.history import Stream
from minerlib.rule.transition import SEVERITIES, Transition


class Firing(NamedTuple):
    """An instance fired from `begin` to `end` (microseconds since 1970), at `severity` when it was worst.

    `alert` is the transition that began it, `last` the one that ended it; None where it still fires at the end.
    """

    stream: Stream
    instance: dict[str, Any]
    begin: int
    end: int
    severity: str
    alert: Transition
    last: Transition | None = None


def alerts(transition: Transition) -> bool:
    """Whether a transition tells somebody that something fires which did not: raised, or flapping out of quiet."""
    if transition.what == "flapping":
        return transition.was not in ("firing", "clearing")
    return transition.what == "raised"


def firings(transitions: Iterable[Transition], ends: Mapping[Stream, int]) -> list[Firing]:
    """The spans in which each instance fired, by their begins; what fires on ends where its stream does (`ends`).

    What flaps fires until it is cleared; what is unknown goes on as it was; what is retired fires no more.
    """
    open_: dict[tuple[Stream, str], Firing] = {}
    found: list[Firing] = []
    for each in transitions:
        stream = Stream(each.stream, each.epoch)
        key = stream, repr(each.instance)
        span = open_.get(key)
        if each.what in ("cleared", "retired"):
            if span:
                found.append(span._replace(end=max(span.begin, each.due), last=each))
                del open_[key]
        elif span is None and (alerts(each) or (each.what != "unknown" and each.now in ("firing", "clearing"))):
            open_[key] = Firing(stream, each.instance, each.due, each.due, each.severity, each)
        elif span and each.what != "unknown":
            open_[key] = span._replace(severity=max(span.severity, each.severity, key=SEVERITIES.index))
    found += [span._replace(end=max(span.begin, ends.get(span.stream, span.begin))) for span in open_.values()]
    return sorted(found, key=lambda span: (span.begin, span.alert.number))


class Spans:
    """Firings that can be asked which of them overlap a span; both ends belong to it."""

    def __init__(self, found: Iterable[Firing]) -> None:
        self._found = sorted(found, key=lambda each: each.begin)
        self._begins = [each.begin for each in self._found]
        self._latest = list(accumulate((each.end for each in self._found), max))

    def over(self, begin: int, end: int) -> list[Firing]:
        """Those that fired at some moment of `[begin, end]`, by their begins."""
        at = bisect_right(self._begins, end)
        found: list[Firing] = []
        while at and self._latest[at - 1] >= begin:
            at -= 1
            if self._found[at].end >= begin:
                found.append(self._found[at])
        return found[::-1]
