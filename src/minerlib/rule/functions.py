"""What expressions compute with: numbers, texts and truth; null, or Unreadable, for what cannot be."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from minerlib.rule.expression import Unreadable

Value = None | bool | float | str
_TEXT = 65_536  # characters of a text that is searched
_RESULT = 10_000  # characters of a text that is made


def plain(value: Any, about: str) -> Any:
    """A body's value as expressions know it. Lists and objects stay, for `is null`; integers become floats."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    try:
        number = float(value)
    except OverflowError:
        raise Unreadable(about, "an integer too large for a number") from None
    return number if math.isfinite(number) else None


def _is_number(value: object) -> bool:
    return isinstance(value, (bool, float))


def _type(value: object) -> str:
    names: dict[type, str] = {str: "text", list: "a list", dict: "an object", bool: "true or false"}
    return names.get(type(value), "a number")


def truth(value: Any, about: str) -> bool | None:
    """A value where true or false is wanted; a number is true unless it is 0."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return bool(value)
    raise Unreadable(about, f"{_type(value)} is neither true nor false")


def negation(value: Any, about: str) -> bool | None:
    found = truth(value, about)
    return None if found is None else not found


def compare(how: Callable[[Any, Any], bool], a: Any, b: Any, about: str) -> bool | None:
    for side in (a, b):
        if isinstance(side, (list, dict)):
            raise Unreadable(about, f"{_type(side)} cannot be compared")
    if a is None or b is None:
        return None
    if (_is_number(a) and _is_number(b)) or (isinstance(a, str) and isinstance(b, str)):
        return how(a, b)
    raise Unreadable(about, f"{_type(a)} cannot be compared with {_type(b)}")


def same(a: Any, b: Any) -> bool:
    """`is not distinct from`: nulls are the same, and what is of different types is not."""
    return a == b and (type(a) is type(b) or (_is_number(a) and _is_number(b)))


def among(value: Any, some: Sequence[Any], about: str) -> bool | None:
    if value is None:
        return None
    if any(each is not None and compare(lambda a, b: a == b, value, each, about) for each in some):
        return True
    return None if any(each is None for each in some) else False


def between(value: Any, low: Any, high: Any, about: str) -> bool | None:
    if value is None or low is None or high is None:
        return None
    return compare(lambda a, b: a >= b, value, low, about) and compare(lambda a, b: a <= b, value, high, about)


def arithmetic(how: Callable[[float, float], float], a: Any, b: Any, about: str) -> float | None:
    left, right = (None if value is None else number(value, about) for value in (a, b))
    if left is None or right is None:
        return None
    try:
        found = how(left, right)
    except (ZeroDivisionError, OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None


def minus(value: Any, about: str) -> float | None:
    return None if value is None else -number(value, about)


def remainder(a: float, b: float) -> float:
    """What a division leaves, with the sign of what is divided, as in SQL."""
    return math.fmod(a, b)


def number(value: Any, about: str) -> float:
    if not _is_number(value):
        raise Unreadable(about, f"{_type(value)} is no number")
    return float(value)


def text(value: Any, about: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(about, f"{_type(value)} is no text")
    if len(value) > _TEXT:
        raise Unreadable(about, f"a text of {len(value):,} characters is too long for an expression")
    return value


def like(pattern: str, folded: bool) -> Callable[[str], bool]:
    """A matcher for % (anything) and _ (one character): a stretch is looked for behind the last, never going back."""
    parts = [re.compile("".join("." if c == "_" else re.escape(c) for c in part), re.DOTALL)
             for part in (pattern.lower() if folded else pattern).split("%")]  # fmt: skip

    def matches(said: str) -> bool:
        said = said.lower() if folded else said
        if len(parts) == 1:
            return parts[0].fullmatch(said) is not None
        first, last = parts[0].match(said), parts[-1].pattern
        if not first:
            return False
        at = first.end()
        for part in parts[1:-1]:
            found = part.search(said, at)
            if not found:
                return False
            at = found.end()
        end = len(said) - _length(last)
        return end >= at and parts[-1].fullmatch(said, end) is not None

    return matches


def _length(pattern: str) -> int:
    """How many characters a stretch stands for."""
    return len(re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL))


def liked(value: Any, matches: Callable[[str], bool], negated: bool, about: str) -> bool | None:
    return None if value is None else matches(text(value, about)) is not negated


def _to_number(value: Any) -> float:
    found = float(value)
    if not math.isfinite(found):
        raise ValueError
    return found


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return value


def _to_truth(value: Any) -> bool:
    if isinstance(value, str):
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[value.lower()]
    return bool(value)


def _to_whole(value: Any) -> float:
    return float(round(_to_number(value)))


CASTS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("double", "float", "decimal"), _to_number), **dict.fromkeys(("int", "bigint"), _to_whole),
    **dict.fromkeys(("text", "varchar"), _to_text), "boolean": _to_truth,
}  # fmt: skip


def converted(value: Any, to: Callable[[Any], Any], trying: bool, about: str) -> Any:
    if value is None:
        return None
    try:
        if isinstance(value, (list, dict)):
            raise ValueError
        return to(value)
    except (ValueError, KeyError, OverflowError):
        if trying:
            return None
        raise Unreadable(about, f"{_type(value)} that cannot be converted") from None


Function = Callable[[list[Any], str], Any]


def _of_numbers(how: Callable[..., float]) -> Function:
    def run(values: list[Any], about: str) -> float | None:
        if any(value is None for value in values):
            return None
        try:
            found = float(how(*(number(value, about) for value in values)))
        except (ValueError, OverflowError, ZeroDivisionError):
            return None
        return found if math.isfinite(found) else None

    return run


def _of_texts(how: Callable[..., Any]) -> Function:
    def run(values: list[Any], about: str) -> Any:
        if any(value is None for value in values):
            return None
        return how(*(value if isinstance(value, float) else text(value, about) for value in values))

    return run


def _best(how: Callable[[Any, Any], bool]) -> Function:
    def run(values: list[Any], about: str) -> Any:
        found: Any = None
        for value in values:
            if value is not None and (found is None or compare(how, value, found, about)):
                found = value
        return found

    return run


def _round(value: float, digits: float = 0) -> float:
    """Half away from zero, as in SQL."""
    scale = 10.0 ** int(max(-15, min(15, digits)))
    return math.copysign(math.floor(abs(value) * scale + 0.5) / scale, value)


def _join(a: str, b: str) -> str:
    return (a + b)[:_RESULT]


def _log(base: float, value: float) -> float:
    return math.log10(value) if base == 10 else math.log(value, base)


def _length_of(said: str) -> float:
    return float(len(said))


def _contains(said: str, part: str) -> bool:
    return part in said


def _first(values: list[Any], about: str) -> Any:
    return next((value for value in values if value is not None), None)


def _split(said: str, by: str, number: float) -> str:
    parts = said.split(by) if by else [said]
    at = int(number)
    return parts[at - 1] if 1 <= at <= len(parts) else ""


def _nullif(values: list[Any], about: str) -> Any:
    return None if values[0] is not None and same(values[0], values[1]) else values[0]


FUNCTIONS: dict[str, Function] = {
    "coalesce": _first, "nullif": _nullif,
    "abs": _of_numbers(math.fabs), "round": _of_numbers(_round), "floor": _of_numbers(math.floor),
    "ceil": _of_numbers(math.ceil), "sqrt": _of_numbers(math.sqrt), "ln": _of_numbers(math.log),
    "log": _of_numbers(_log),
    "exp": _of_numbers(math.exp), "least": _best(lambda a, b: a < b), "greatest": _best(lambda a, b: a > b),
    "lower": _of_texts(str.lower), "upper": _of_texts(str.upper), "length": _of_texts(_length_of),
    "trim": _of_texts(str.strip), "startswith": _of_texts(str.startswith), "endswith": _of_texts(str.endswith),
    "contains": _of_texts(_contains), "splitpart": _of_texts(_split), "dpipe": _of_texts(_join),
}  # fmt: skip
