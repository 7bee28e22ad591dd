"""Labelled incidents: what really happened, and which of it a rule would have caught."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from minerlib.errors import SettingError
from minerlib.event.moment import from_datetime, rfc3339
from minerlib.rule.firing import Firing, Spans
from minerlib.rule.transition import Transition, whole


class Incident(NamedTuple):
    """Something that went wrong from `begin` to `end` (microseconds since 1970), at `instance`; at any where empty."""

    begin: int
    end: int
    instance: Mapping[str, Any] = {}

    def to_dict(self) -> dict[str, Any]:
        return {"begin": rfc3339(self.begin), "end": rfc3339(self.end), "instance": dict(self.instance)}


class Caught(NamedTuple):
    """An incident, the first alert that fired during it, and the time from its begin to that alert (microseconds)."""

    incident: Incident
    alert: Transition
    lead: int


@dataclass(frozen=True)
class Graded:
    """A rule against labelled incidents: `caught` and `missed` ones, `false` alerts; `outside` lie not in the range."""

    caught: list[Caught] = field(default_factory=list[Caught])
    missed: list[Incident] = field(default_factory=list[Incident])
    false: list[Transition] = field(default_factory=list[Transition])
    outside: int = 0

    @property
    def lead(self) -> float | None:
        """From the begin of an incident to its first alert, the median in microseconds; below 0 it came before."""
        return statistics.median(each.lead for each in self.caught) if self.caught else None

    def to_dict(self) -> dict[str, Any]:
        return {
            "caught": [
                {**each.incident.to_dict(), "alert": each.alert.id, "lead_seconds": each.lead / 1e6}
                for each in self.caught
            ],
            "missed": [each.to_dict() for each in self.missed],
            "false": [each.id for each in self.false],
            "outside": self.outside,
            "lead_seconds": None if self.lead is None else self.lead / 1e6,
        }


def grade(found: Sequence[Firing], incidents: Iterable[Incident], since: int, until: int) -> Graded:
    """Compare firings with incidents of `[since, until)`: one is caught where something fired at a moment of it, and
    an alert is false where it fired during none. An alert about a whole stream is about all its instances."""
    spans = Spans(found)
    graded, true = Graded(), set[str]()
    outside = 0
    for incident in sorted(incidents, key=lambda each: each[:2]):
        over = [each for each in spans.over(incident.begin, incident.end) if _is_of(incident, each.instance)]
        true |= {each.alert.id for each in over}
        if incident.end < since or incident.begin >= until:
            outside += 1
        elif over:
            graded.caught.append(Caught(incident, over[0].alert, over[0].begin - incident.begin))
        else:
            graded.missed.append(incident)
    false = [each.alert for each in found if each.alert.id not in true]
    return Graded(graded.caught, graded.missed, false, outside)


def read_incidents(labels: Any, by: Sequence[str] = ()) -> list[Incident]:
    """Incidents out of what an analyst has: a list of (begin, end) or (instance, begin, end), of Incident, or of dicts;
    or a Polars or pandas frame with the columns `begin`, `end` and those of `by` that it knows.

    Moments are microseconds since 1970, datetimes, or RFC 3339; without a zone they are UTC. Raises SettingError with
    the number of the label where one cannot be meant.
    """
    return [_incident(number, said, by) for number, said in enumerate(_rows(labels), 1)]


def _rows(labels: Any) -> list[Any]:
    if hasattr(labels, "collect"):
        labels = labels.collect()
    if hasattr(labels, "to_dicts"):
        return labels.to_dicts()
    if hasattr(labels, "columns"):
        return labels.to_dict("records")
    if not hasattr(labels, "__iter__"):
        raise SettingError(f"A {type(labels).__name__} is no list of labels: write [(begin, end), ...].")
    return list(labels)


def _incident(number: int, said: Any, by: Sequence[str]) -> Incident:
    if isinstance(said, Incident):
        begin, end, instance = said
    elif isinstance(said, Mapping):
        row = cast("Mapping[str, Any]", said)
        if not {"begin", "end"} <= set(row):
            raise SettingError(f"Label {number} has no `begin` or no `end`: it has {', '.join(row)}.")
        begin, end = row["begin"], row["end"]
        instance = {name: value for name, value in row.items() if name not in ("begin", "end") and _is_there(value)}
    elif isinstance(said, Sequence) and not isinstance(said, str) and len(said) in (2, 3):
        parts = tuple(cast("Sequence[Any]", said))
        instance, begin, end = parts if len(parts) == 3 else ({}, *parts)
    else:
        raise SettingError(f"Label {number} is {said!r}: write (begin, end) or (instance, begin, end).")
    unknown = [name for name in instance if name not in by]
    if unknown:
        raise SettingError(f"Label {number} names {unknown[0]!r}, but the rule is by {', '.join(by) or 'nothing'}.")
    found = Incident(_moment(number, begin), _moment(number, end), instance)
    if found.end < found.begin:
        raise SettingError(f"Label {number} ends before it begins: {rfc3339(found.begin)}, {rfc3339(found.end)}.")
    return found


def _moment(number: int, said: Any) -> int:
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said.strip())
        except ValueError:
            said = None
    if isinstance(said, datetime) and said == said:  # not pandas's NaT
        return from_datetime(said if said.tzinfo else said.replace(tzinfo=UTC))
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    raise SettingError(f"Label {number} needs a begin and an end: write them like 2026-11-23T04:00:00Z.")


def _is_there(value: Any) -> bool:
    return value is not None and value != "" and value == value


def _is_of(incident: Incident, instance: Mapping[str, Any]) -> bool:
    """Whether an alert of this instance is about the incident; a file's values are all texts."""
    return not instance or all(_text(instance.get(name)) == _text(value) for name, value in incident.instance.items())


def _text(value: Any) -> str:
    return str(whole(value))
