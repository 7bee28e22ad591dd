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
    except OverflowError:  # an integer too large for a float: it can be compared, and that is all
        return None


def finite(value: Any) -> float | None:
    """What is observed. Raises Fault, also for an integer too large for a float."""
    found = number(value)
    if found is None and isinstance(value, int):
        raise Fault(value)
    return found


def walk(node: ast.expr, look: Callable[[str], Any]) -> Any:
    """The value, by SQL's three-valued logic; what decides an `and` or an `or` does so beside a fault, too."""
    match node:
        case ast.Name() | ast.Attribute():
            return look(ast.unparse(node))
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            held = walk(inner, look)
            return None if held is None else not held
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value = number(walk(inner, look))
            return None if value is None else -value
        case ast.BoolOp(op=op, values=values):
            strong = isinstance(op, ast.Or)
            held, fault = list[bool | None](), None
            for value in values:
                try:
                    held.append(walk(value, look))
                except Fault as problem:
                    fault = problem
            if strong in held:  # what decides does so, whatever the other side is
                return strong
            if fault:
                raise fault
            return None if None in held else not strong
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            one, other = walk(left, look), walk(right, look)
            if isinstance(op, (ast.Is, ast.IsNot)):
                missing = one is None or (isinstance(one, float) and not math.isfinite(one))
                return missing == isinstance(op, ast.Is)
            return compare(COMPARE[type(op)], one, other)
        case ast.BinOp(left=left, op=op, right=right):
            return compute(COMPUTE[type(op)], number(walk(left, look)), number(walk(right, look)))
        case _:
            raise NotImplementedError(ast.unparse(node))


def compare(sign: Callable[[Any, Any], bool], one: Any, other: Any) -> bool | None:
    if isinstance(one, str) and isinstance(other, str):
        return sign(one, other)
    if (isinstance(one, str) and other is None) or (isinstance(other, str) and one is None):
        return None
    left, right = (each if isinstance(each, int) else number(each) for each in (one, other))
    return None if left is None or right is None else sign(left, right)


def compute(sign: Callable[[Any, Any], float], one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return None
    try:
        found = sign(one, other)
    except ZeroDivisionError:
        return None
    return found if math.isfinite(found) else None
