"""SQL expressions over an event's body: `where`, `of`, and the lines that are compared with what is usual.

Parsed by sqlglot (imported only where it is needed), compiled once into closures; every fault of a value is Unreadable.
"""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from minerlib.event.body import field
from minerlib.event.event import Event

COLUMNS = frozenset({"source", "kind", "company", "system", "environment"})
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_WORDS = {"true", "false", "null", "not", "case", "and", "or", "in", "is", "like", "between", "cast", "interval"}
_LENGTH = 2_000
Get = Callable[[str], Any]


class Unreadable(Exception):
    """A field of an event that is not what a rule wants of it: its name, and what it is instead."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(f"{field}: {said}")
        self.field, self.said = field, said


class Expression:
    """An expression, read. `fields` are the dotted names it reads; `name` is the one that it is, where it is only that;
    `equalities` are the conjuncts `field = literal`, all of which hold wherever it is true."""

    def __init__(
        self,
        text: str,
        fields: tuple[str, ...],
        run: Callable[[Get], Any] | None = None,
        equalities: tuple[tuple[str, str | float | bool], ...] = (),
    ) -> None:
        self.text, self.fields, self.equalities = text, fields, equalities
        self.name = fields[0] if run is None else None
        self._run = run

    @staticmethod
    @lru_cache(maxsize=4096)
    def read(text: str) -> "Expression":
        """The expression a text says. Raises ValueError with a sentence where it says none."""
        text = text.strip()
        if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
            return Expression(text, (text,))
        if len(text) > _LENGTH:
            raise ValueError(f"an expression has at most {_LENGTH:,} characters, not {len(text):,}.")
        from minerlib.rule.sql import compiled

        return Expression(text, *compiled(text))

    def value(self, event: Event) -> Any:
        """What it is for an event: any JSON value for a plain field, else None, a bool, a float or a text.

        Raises Unreadable where a field is not of the type that is wanted.
        """
        if self._run is None:
            return lookup(event, self.text)
        return self._run(lambda name: lookup(event, name))

    def of(self, names: Mapping[str, float | None]) -> float | None:
        """What it is for some numbers by name; None where one that it needs is not known."""
        try:
            found = names.get(self.text) if self._run is None else self._run(names.get)
        except Unreadable:
            return None
        return float(found) if isinstance(found, (bool, int, float)) and math.isfinite(found) else None

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def lookup(event: Event, name: str) -> Any:
    """A column of the event, or a field of its body; `body.source` is the body's own. Raises Unreadable."""
    if name in COLUMNS:
        return getattr(event, name)
    if event.raw is not None:
        raise Unreadable(name, "the body could not be read")
    inner = name.removeprefix("body.")
    return field(event.body, inner if inner in COLUMNS else name)
