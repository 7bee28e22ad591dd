"""A small reader of SQL expressions: written as Python, which has the same precedences, and walked."""

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from minerlib.event import Event

COLUMNS = ("source", "kind", "company", "system", "environment")
COMPARE = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
           ast.Gt: operator.gt, ast.GtE: operator.ge}  # fmt: skip
COMPUTE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


class Fault(Exception):
    """The event has a type that the expression cannot take."""


def of_event(text: str, event: Event) -> Any:
    """The expression's value for an event. Raises Fault."""

    def look(name: str) -> Any:
        if name in COLUMNS:
            return getattr(event, name)
        if event.raw is not None:
            raise Fault(name)
        return field(event.body, name.removeprefix("body."))

    return walk(ast.parse(python(text), mode="eval").body, look)


def of_names(text: str, names: dict[str, float | None]) -> float | None:
    """The value of arithmetic over `usual` and `spread`."""
    return number(walk(ast.parse(python(text), mode="eval").body, names.__getitem__))


def field(body: Any, name: str) -> Any:
    for part in name.split("."):
        body = body.get(part) if isinstance(body, dict) else None
    return body


def python(text: str) -> str:
    text = re.sub(r"(?<![<>!=])=(?!=)", "==", text.replace("<>", "!="))
    return re.sub(r"\bnull\b", "None", re.sub(r"\b(is not|is|not|and|or)\b", lambda it: it[0].lower(), text))


def number(value: Any) -> float | None:
    """As a float; what is no number of this world is null. Raises Fault for what is of another type."""
    if isinstance(value, (str, list, dict)):
        raise Fault(value)
    try:
        return None if value is None or not math.isfinite(value) else float(value)
    except OverflowError as problem:
        raise Fault(value) from problem


def walk(node: ast.expr, look: Callable[[str], Any]) -> Any:
    """The value, by SQL's three-valued logic, from left to right: what is decided looks no further."""
    match node:
        case ast.Name() | ast.Attribute():
            value = look(ast.unparse(node))
            return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            held = walk(inner, look)
            return None if held is None else not held
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value = walk(inner, look)
            return None if value is None else 0.0 - to_number(value)
        case ast.BoolOp(op=op, values=values):
            held = list[Any]()
            for value in values:
                held.append(walk(value, look))
                if held[-1] is isinstance(op, ast.Or):
                    return held[-1]
            return None if None in held else isinstance(op, ast.And)
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op]):
            return (walk(left, look) is None) == isinstance(op, ast.Is)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return both(compare, COMPARE[type(op)], walk(left, look), lambda: walk(right, look))
        case ast.BinOp(left=left, op=op, right=right):
            return both(compute, COMPUTE[type(op)], walk(left, look), lambda: walk(right, look))
        case _:
            raise NotImplementedError(ast.unparse(node))


def both(do: Callable[..., Any], sign: Callable[..., Any], one: Any, right: Callable[[], Any]) -> Any:
    """Null, where either side is, whatever the other is."""
    other = None if one is None else right()
    return None if other is None else do(sign, one, other)


def compare(sign: Callable[[Any, Any], bool], one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return sign(one, other)
    return sign(to_number(one), to_number(other))


def to_number(value: Any) -> float:
    found = number(value)
    assert found is not None
    return found


def compute(sign: Callable[[Any, Any], float], one: Any, other: Any) -> float | None:
    try:
        found = sign(to_number(one), to_number(other))
    except ZeroDivisionError:
        return None
    return found if math.isfinite(found) else None
