"""What expressions are put together from: functions of an event, one inside the other, by SQL's logic of three values.

A part that gives a number gives a finite float, or null; numbers that fields hold come as they are, and arithmetic is
done on floats, so that 22 and the 22.0 of an archive make the same. Comparisons are exact for integers of any size.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minerlib.rule.expression import COLUMNS, Run, Unreadable, reader

NUMBERS = frozenset({int, float, bool})
_TEXT = frozenset({str})
_SAID = {str: "a text", int: "a number", float: "a number", bool: "a truth", list: "a list", dict: "an object"}
_GIVEN = {str: "text", float: "number", bool: "truth", type(None): "null"}
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Misfit(Exception):
    """What cannot be put together, told while an expression is read."""


class Part(NamedTuple):
    """A piece of an expression. `gives`, `name` and `equalities` are as in Expression.

    `field` is the first field it reads, which is told where it is at fault; a part without one is constant.
    """

    run: Run
    gives: str | None = None
    field: str = ""
    name: str | None = None
    equalities: tuple[tuple[str, str | float | bool], ...] = ()


def the_field(name: str) -> Part:
    return Part(reader(name), "text" if name in COLUMNS else None, name, name)


def constant(value: bool | int | float | str | None) -> Part:
    """A literal. Of an integer that no float is exactly, nothing is said but that it can be compared."""
    if type(value) is int and float(value) == value:
        value = float(value)
    return Part(_kept(value), _GIVEN.get(type(value)))


def made(run: Run, gives: str | None, *parts: Part) -> Part:
    """A part made of others; its value, where all of them are constant."""
    field = next((part.field for part in parts if part.field), "")
    if field:
        return Part(run, gives, field)
    try:
        return constant(run(None))
    except Unreadable as fault:
        raise Misfit(f"{fault.said}.") from None


def common(parts: Sequence[Part]) -> str | None:
    """What all of them give, nulls aside; None where that differs or is not known."""
    given = {part.gives for part in parts} - {"null"}
    return given.pop() if len(given) == 1 else None if given else "null"


def as_number(part: Part) -> Run:
    """A finite float or None. A truth is 1 or 0, an integer beyond the floats is null."""
    if part.gives == "number":
        return part.run
    if part.gives == "text":
        raise Misfit("a text stands where a number is wanted; cast(... as double) makes one of it.")
    get, field = part.run, part.field

    def run(event: Any) -> float | None:
        value = get(event)
        if value is None:
            return None
        if type(value) not in NUMBERS:
            raise Unreadable(field, f"{said(value)} is no number")
        try:
            return float(value)
        except OverflowError:
            return None

    return run if field else _kept(run(None))


def as_text(part: Part) -> Run:
    """A text or None."""
    if part.gives == "text":
        return part.run
    if part.gives in ("number", "truth"):
        raise Misfit(f"a {part.gives} stands where a text is wanted; cast(... as text) makes one of it.")
    get, field = part.run, part.field

    def run(event: Any) -> str | None:
        value = get(event)
        if value is None or type(value) is str:
            return value
        raise Unreadable(field, f"{said(value)} is no text")

    return run if field else _kept(run(None))


def as_truth(part: Part) -> Run:
    """True, False or None. A number is true where it is not 0."""
    if part.gives == "truth":
        return part.run
    if part.gives == "text":
        raise Misfit("a text stands where true or false is wanted; compare it with something.")
    get, field = part.run, part.field

    def run(event: Any) -> bool | None:
        value = get(event)
        if value is None:
            return None
        if type(value) in NUMBERS:
            return value != 0
        raise Unreadable(field, f"{said(value)} is neither true nor false")

    return run if field else _kept(run(None))


def compared(sign: str, left: Part, right: Part) -> Part:
    """A comparison: of two numbers, truths being 1 and 0, or of two texts; null where one side is."""
    comparable(left, right)
    if right.field and not left.field:
        return compared(_MIRRORED[sign], right, left)
    compare, get, other, field = _SIGNS[sign], left.run, right.run, left.field
    kinds, fixed = (_TEXT if right.gives == "text" else NUMBERS), None if right.field else right.run(None)

    def run(event: Any) -> bool | None:
        return against(compare, get(event), other(event), field)

    def run_fixed(event: Any) -> bool | None:
        value = get(event)
        if type(value) in kinds:
            return compare(value, fixed)
        return against(compare, value, fixed, field)

    found = made(run if fixed is None else run_fixed, "truth", left, right)
    return (
        found._replace(equalities=((left.name, fixed),)) if sign == "=" and left.name and fixed is not None else found
    )


def against(compare: Callable[[Any, Any], bool], left: Any, right: Any, field: str) -> bool | None:
    """A comparison of two values, either of which may be anything."""
    if left is None or right is None:
        return None
    if (type(left) in NUMBERS and type(right) in NUMBERS) or (type(left) is str and type(right) is str):
        return compare(left, right)
    raise Unreadable(field, f"{said(left)} cannot be compared with {said(right)}")


def comparable(left: Part, *others: Part) -> None:
    """Refuses what is known to be a text and what is known to be none, side by side. Raises Misfit."""
    given = {part.gives for part in (left, *others)}
    if "text" in given and given & {"number", "truth"}:
        raise Misfit("a text is compared with what is none: write texts in single quotes, numbers and names without.")


def said(value: Any) -> str:
    return _SAID.get(type(value), type(value).__name__)


def _kept(value: Any) -> Run:
    return lambda event: value
