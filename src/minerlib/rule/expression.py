"""Expressions over an event's body."""

from collections.abc import Mapping
from typing import Any

from minerlib.event.body import field
from minerlib.event.event import Event


class Unreadable(Exception):
    """A field of an event that is not what a rule wants of it."""

    def __init__(self, field: str, said: str) -> None:
        self.field, self.said = field, said


class Expression:
    def __init__(self, text: str) -> None:
        self.text = self.name = text
        self.fields = (text,)

    @staticmethod
    def read(text: str) -> "Expression":
        return Expression(text)

    def value(self, event: Event) -> Any:
        if event.raw is not None:
            raise Unreadable(self.text, "the body could not be read")
        return field(event.body, self.text)

    def of(self, names: Mapping[str, float | None]) -> float | None:
        raise NotImplementedError

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)
