"""Events that others say things of, folded through rules of ours up to a moment."""

from typing import Any

from msgspec.structs import replace

from minerlib.event import Event
from minerlib.event.moment import DAY
from minerlib.rule import Rule, State, Transition, evaluate

START = 20_000 * DAY
SCOPE = "local.lab.dev"
_ALL = "> -1e300"


def event(after: int, kind: str, body: Any, offset: int) -> Event:
    """An event so many microseconds after START, seen at once."""
    company, system, environment = SCOPE.split(".")
    return Event(
        time=START + after, seen=START + after, epoch="e", offset=offset, part=0, company=company, system=system,
        environment=environment, source="test", kind=kind, body=body,
    )  # fmt: skip


def merged(*series: list[Event]) -> list[Event]:
    """Several series as one stream: in the order of time, and each event's offset is its place."""
    found = sorted((event for each in series for event in each), key=lambda event: event.time)
    return [replace(event, offset=offset) for offset, event in enumerate(found)]


def fold(rule: Rule, events: list[Event], until: int) -> tuple[State, list[Transition]]:
    """What a rule says of all that happened until so long after START, that moment included."""
    some = [event for event in events if event.time <= START + until]
    return evaluate(rule, State.fresh(SCOPE, "e"), some, START + until + rule.lateness + 1)


def firing(transitions: list[Transition]) -> list[dict[str, Any]]:
    """The instances that fire behind these transitions, those first that have fired for longest."""
    found: list[dict[str, Any]] = []
    for each in transitions:
        if each.what == "raised":
            found.append(each.instance)
        elif each.what == "cleared":
            found.remove(each.instance)
    return found


def observed(rule: Rule, events: list[Event], until: int) -> list[Transition]:
    """Every observation as a transition: the rule's own levels give way to one that clears and raises at each."""
    document = rule.to_dict() | {"levels": [{"severity": "info", "when": _ALL}], "clear": {"when": _ALL}}
    said = fold(Rule.from_dict(document), events, until)[1]
    return [each for each in said if each.what == "raised"]
