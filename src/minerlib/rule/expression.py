"""Expressions: SQL over the body of one event, for `where`, for what is measured, and for thresholds.

Read once, into small functions of an event that are put together (`rule/sql`); nothing is parsed while events
flow. What a text may hold is bounded where it is read, and what it does to an event is bounded by that.
"""

from collections.abc import Callable, Mapping
from typing import Any

from minerlib.event.body import field
from minerlib.event.event import Event

Run = Callable[[Any], Any]
Value = None | bool | int | float | str | list[Any] | dict[str, Any]

LONGEST = 2_000
COLUMNS = frozenset({"source", "kind", "company", "system", "environment"})
RESERVED = frozenset(
    {
        "and", "or", "not", "is", "null", "true", "false", "in", "between", "like", "ilike",
        "case", "when", "then", "else", "end", "select", "exists",
    }
)  # fmt: skip


class Unreadable(Exception):
    """An event of which an expression has no value: which field, and what is wrong with it. No state may change."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(field, said)
        self.field, self.said = field, said

    def __str__(self) -> str:
        return f"{self.field}: {self.said}"


class Expression:
    """An SQL expression. Two are equal when their texts are.

    `fields` are the dotted names of all it reads, in the order of the text; `name` is the one it consists of, or None.
    `gives` is `number`, `text`, `truth` or `null`, or None where only an event tells.

    `equalities` are the `field = literal` that must hold for it to be true. Where one of them is false or null, it is
    not true and no fault either, so that rules can be indexed by them; a value of another type than the literal's
    may be a fault, and so may a body that could not be read: these must be asked about.

    >>> Expression.read("status >= 500 and method = 'GET'").equalities
    (('method', 'GET'),)
    """

    __slots__ = ("_run", "equalities", "fields", "gives", "name", "text")

    def __init__(
        self,
        text: str,
        run: Run,
        fields: tuple[str, ...],
        name: str | None,
        gives: str | None,
        equalities: tuple[tuple[str, str | float | bool], ...],
    ) -> None:
        self.text, self.fields, self.name, self.gives, self.equalities = text, fields, name, gives, equalities
        self._run = run

    @staticmethod
    def read(text: str) -> "Expression":
        """The expression that a text says. Raises ValueError, one sentence: what is wrong, where, what to write."""
        text = text.strip()
        if len(text) > LONGEST:
            raise ValueError(f"an expression has at most {LONGEST:,} characters, and this one has {len(text):,}.")
        words = text.split(".")
        if words[0].lower() not in RESERVED and all(word.isidentifier() for word in words):
            return Expression(text, reader(text), (text,), text, "text" if text in COLUMNS else None, ())
        from minerlib.rule.sql import compiled  # sqlglot takes a tenth of a second to import

        part, fields = compiled(text)
        return Expression(text, part.run, fields, part.name, part.gives, part.equalities)

    def value(self, event: Event) -> Value:
        """What it is for an event. A number worked out is a finite float; a field comes as it is.

        Raises Unreadable where a value is of a type that the expression has no use for, and where the body of the
        event could not be read but is asked for.
        """
        return self._run(event)

    def of(self, names: Mapping[str, float | None]) -> float | None:
        """What it is where its fields are these numbers: for thresholds such as `usual + 5 * spread`.

        Raises Unreadable where it is no number.
        """
        value = self._run(_Names(names))
        if value is not None and not isinstance(value, (bool, int, float)):
            raise Unreadable(self.text, "a threshold must be a number")
        return None if value is None else float(value)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def quoted(name: str) -> str:
    """The expression that is a field of this name.

    >>> quoted("disk.used_pct"), quoted("1m")
    ('disk.used_pct', '"1m"')
    """
    words = name.split(".")
    if words[0].lower() not in RESERVED and all(word.isidentifier() for word in words):
        return name
    return '"' + name.replace('"', '""') + '"'


def reader(name: str) -> Run:
    """The function that reads a field, or a column, from an event. NaN and infinity are null."""
    if name in COLUMNS:
        return lambda event: getattr(event, name)
    inside = name.removeprefix("body.")
    plain, path = "." not in name, inside if inside in COLUMNS else name

    def read(event: Any) -> Any:
        body = event.body
        if isinstance(body, dict):
            value = body.get(path) if plain else field(body, path)
            return None if type(value) is float and value - value != 0.0 else value
        if event.raw is not None:
            raise Unreadable(name, "the body could not be read")
        return None

    return read


class _Names:
    """Numbers by name, where expressions look for an event."""

    raw = source = kind = company = system = environment = None

    def __init__(self, names: Mapping[str, float | None]) -> None:
        self.body = dict(names)
