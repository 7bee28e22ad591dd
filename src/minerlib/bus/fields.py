"""The fields that events turned out to have: nothing about them is declared in advance."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from minerlib.event.body import flatten
from minerlib.event.event import Event

MOST = 1000  # names kept apart; what comes after them is counted as more


class Field(NamedTuple):
    """A field by its dotted name: the JSON types it was seen with, in how many events it was, and its latest value."""

    name: str
    types: tuple[str, ...]
    events: int
    example: Any
    kinds: tuple[str, ...]


def fields_of(events: Iterable[Event], most: int = MOST) -> tuple[dict[str, Field], int]:
    """The fields of the events, by name, and how many further values had no room among the `most` names."""
    found: dict[str, Field] = {}
    more = 0
    for event in events:
        for name, value in flatten(event.body).items():
            before = found.get(name)
            if before is None:
                if len(found) >= most:
                    more += 1
                    continue
                before = Field(name, (), 0, None, ())
            said = _type(value)
            found[name] = Field(
                name,
                before.types if said in before.types else (*before.types, said),
                before.events + 1,
                value,
                before.kinds if event.kind in before.kinds or len(before.kinds) >= 20 else (*before.kinds, event.kind),
            )
    return found, more


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "object"
