"""Casts between numbers, texts and truths, and `||`, which casts what it joins."""

import math
import re
from collections.abc import Callable
from typing import Any

from minerlib.rule.expression import Unreadable
from minerlib.rule.sql.parts import NUMBERS, Part, as_text, made, said

LONGEST = 10_000  # characters of a text that `||` makes
_FAILED = object()
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}


def joined(left: Part, right: Part) -> Part:
    """`||`: numbers and truths are written as `cast(... as text)` does."""
    field = left.field or right.field
    get, other = (as_text(part if part.gives == "text" else cast(part, "text", False)) for part in (left, right))

    def run(event: Any) -> str | None:
        one, two = get(event), other(event)
        if one is None or two is None:
            return None
        if len(one) + len(two) > LONGEST:
            raise Unreadable(field, f"`||` makes a text of more than {LONGEST:,} characters")
        return one + two

    return made(run, "text", left, right)


def cast(part: Part, kind: str, lenient: bool) -> Part:
    """CAST to `number`, `integer`, `text` or `truth`; where that fails it is null if `lenient`, else a fault."""
    get, do, field = part.run, _CASTS[kind], part.field

    def run(event: Any) -> Any:
        value = get(event)
        if value is None:
            return None
        found = do(value) if type(value) is str or type(value) in NUMBERS else _FAILED
        if found is not _FAILED:
            return found
        if lenient:
            return None
        raise Unreadable(field, f"{said(value)} cannot be cast; try_cast makes null of it")

    return made(run, "number" if kind == "integer" else kind, part)


def _to_number(value: Any) -> Any:
    if type(value) is str:
        value = value.strip(" ")
        if len(value) > 400 or not _NUMBER.fullmatch(value):
            return _FAILED
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _to_integer(value: Any) -> Any:
    found = _to_number(value)
    return float(round(found)) if type(found) is float else found


def _to_text(value: Any) -> Any:
    """Whole floats up to 2**53 as integers: an archive keeps numbers as floats."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is float:
        return str(int(value)) if value.is_integer() and abs(value) <= 2**53 else repr(value)
    if type(value) is int:
        return str(value) if value.bit_length() <= 1024 else None
    return value


def _to_truth(value: Any) -> Any:
    return _TRUTHS.get(value.lower(), _FAILED) if type(value) is str else value != 0


_CASTS: dict[str, Callable[[Any], Any]] = {
    "number": _to_number, "integer": _to_integer, "text": _to_text, "truth": _to_truth,
}  # fmt: skip
