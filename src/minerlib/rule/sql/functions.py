"""The functions of expressions: what each takes and gives. Null makes null, and so does what leaves the numbers."""

import difflib
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from minerlib.rule.expression import Run, Unreadable
from minerlib.rule.sql.like import matcher
from minerlib.rule.sql.parts import Misfit, Part, as_number, as_text, made


class Function(NamedTuple):
    """`do` gets no null; `takes` is `number` or `text` for each value, the last `optional` of which may be left out."""

    takes: tuple[str, ...]
    gives: str
    do: Callable[..., Any]
    optional: int = 0


def _ceil(value: float) -> float:
    return float(math.ceil(value))


def _floor(value: float) -> float:
    return float(math.floor(value))


def _length(text: str) -> float:
    return float(len(text))


def _trim(text: str) -> str:
    return text.strip(" ")


def _round(value: float, digits: float = 0.0) -> float:
    """Halves away from zero, as in C and DuckDB."""
    if not -308 <= digits <= 308:
        return value if digits > 0 else 0.0
    scale = 10.0 ** abs(round(digits))
    large = value * scale if digits > 0 else value / scale
    if math.isinf(large):
        return value
    part, whole = math.modf(large)
    whole += math.copysign(1.0, large) if abs(part) >= 0.5 else 0.0
    return whole / scale if digits > 0 else whole * scale


def _split_part(text: str, separator: str, index: float) -> str:
    """The parts count from 1, or from -1 backwards; an empty text where there is none."""
    if not 1 <= abs(index) <= len(text) + 1:
        return ""
    n = round(index)
    parts: Sequence[str] = text if not separator else text.split(separator, n) if n > 0 else text.split(separator)
    return (parts[n - 1] if n > 0 else parts[n]) if abs(n) <= len(parts) else ""


_N, _T = ("number",), ("text",)
FUNCTIONS: dict[str, Function] = {
    "abs": Function(_N, "number", abs),
    "ceil": Function(_N, "number", _ceil),
    "contains": Function(_T * 2, "truth", operator.contains),
    "ends_with": Function(_T * 2, "truth", str.endswith),
    "exp": Function(_N, "number", math.exp),
    "floor": Function(_N, "number", _floor),
    "length": Function(_T, "number", _length),
    "ln": Function(_N, "number", math.log),
    "log10": Function(_N, "number", math.log10),
    "lower": Function(_T, "text", str.lower),
    "round": Function(_N * 2, "number", _round, 1),
    "split_part": Function((*_T, *_T, *_N), "text", _split_part),
    "sqrt": Function(_N, "number", math.sqrt),
    "starts_with": Function(_T * 2, "truth", str.startswith),
    "trim": Function(_T, "text", _trim),
    "upper": Function(_T, "text", str.upper),
}  # fmt: skip
FORMS = ("case", "cast", "coalesce", "greatest", "if", "least", "nullif", "try_cast")
_INSTEAD = {
    "concat": "||", "ifnull": "coalesce", "iff": "if", "instr": "contains", "left": "starts_with", "len": "length",
    "log": "log10", "mod": "%", "nvl": "coalesce", "position": "contains", "pow": "exp", "power": "exp",
    "prefix": "starts_with", "regexp_extract": "split_part", "regexp_matches": "like", "replace": "split_part",
    "right": "ends_with", "similar": "like", "strlen": "length", "strpos": "contains", "substr": "split_part",
    "substring": "split_part", "suffix": "ends_with", "trunc": "floor",
}  # fmt: skip
_GATHER = frozenset(
    {
        "any_value", "approx_count_distinct", "arg_max", "arg_min", "array_agg", "avg", "count", "count_if",
        "first", "lag", "last", "lead", "list", "max", "mean", "median", "min", "mode", "over", "quantile",
        "row_number", "stddev", "stddev_samp", "string_agg", "sum", "var_samp", "variance",
    }
)  # fmt: skip


def unknown(name: str) -> str:
    """Why there is no function of this name, and what to write instead."""
    if name in _GATHER:
        least = {"min": ", or `least` of several values", "max": ", or `greatest` of several values"}.get(name, "")
        return f"`{name}` is of many events, and an expression is of one: give the measure an `agg`{least}."
    close = [_INSTEAD[name]] if name in _INSTEAD else difflib.get_close_matches(name, [*FUNCTIONS, *FORMS], 1, 0.6)
    if close:
        return f"there is no function `{name}`: the nearest is `{close[0]}`."
    return f"there is no function `{name}`; there are {', '.join(sorted([*FUNCTIONS, *FORMS]))}."


def call(name: str, parts: Sequence[Part]) -> Part:
    """A function of the table. Raises Misfit where it takes other values."""
    function = FUNCTIONS[name]
    most = len(function.takes)
    if not most - function.optional <= len(parts) <= most:
        number = f"{most - function.optional} or {most}" if function.optional else f"{most}"
        raise Misfit(f"`{name}` takes {number} value{'s' if most > 1 else ''}, not {len(parts)}.")
    gets = [
        as_number(part) if kind == "number" else as_text(part)
        for part, kind in zip(parts, function.takes, strict=False)
    ]
    return made(_strict(function.do, gets), function.gives, *parts)


def arithmetic(do: Callable[[float, float], float], left: Part, right: Part) -> Part:
    """An operator of two numbers."""
    get, other = as_number(left), as_number(right)

    def run(event: Any) -> float | None:
        one, two = get(event), other(event)
        if one is None or two is None:
            return None
        try:
            found = do(one, two)
        except (ArithmeticError, ValueError):
            return None
        return found if found - found == 0.0 else None

    return made(run, "number", left, right)


def like(part: Part, pattern: Part, fold: bool) -> Part:
    """LIKE, or ILIKE where `fold`."""
    get, of = as_text(part), as_text(pattern)
    lower: Callable[[str], str] = str.lower if fold else str
    if not pattern.field:
        fixed = of(None)
        try:
            found = matcher(lower(fixed or ""))
        except ValueError as error:
            raise Misfit(f"{error}; `contains` and `starts_with` take longer texts.") from None

        def run_fixed(event: Any) -> bool | None:
            text = get(event)
            return None if text is None or fixed is None else found(lower(text))

        return made(run_fixed, "truth", part)

    def run(event: Any) -> bool | None:
        text, said = get(event), of(event)
        if text is None or said is None:
            return None
        try:
            return matcher(lower(said))(lower(text))
        except ValueError as error:
            raise Unreadable(pattern.field, str(error)) from None

    return made(run, "truth", part, pattern)


def _strict(do: Callable[..., Any], gets: Sequence[Run]) -> Run:
    """The function of values that are not null; what it cannot work out, or what is not finite, is null."""

    def run(event: Any) -> Any:
        values = [get(event) for get in gets]
        if None in values:
            return None
        try:
            found = do(*values)
        except (ArithmeticError, ValueError):
            return None
        return None if type(found) is float and found - found != 0.0 else found

    return run
