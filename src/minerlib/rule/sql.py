"""From SQL to closures: the tree that sqlglot makes of an expression, compiled node by node.

A closure takes `get(name)` and gives None, a bool, a float or a text: SQL's logic of three values, null for what cannot
be computed (a division by zero, an overflow), Unreadable for what is of another type.
"""

import difflib
import operator
from collections.abc import Callable
from typing import Any, cast

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from minerlib.rule import functions
from minerlib.rule.expression import Get

Run = Callable[[Get], Any]
_NODES, _DEPTH = 200, 64
_COMPARE: dict[type[exp.Expr], Callable[[Any, Any], bool]] = {
    exp.EQ: operator.eq, exp.NEQ: operator.ne, exp.LT: operator.lt, exp.LTE: operator.le,
    exp.GT: operator.gt, exp.GTE: operator.ge,
}  # fmt: skip
_ARITHMETIC = {exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul, exp.Div: operator.truediv,
               exp.Mod: functions.remainder}  # fmt: skip


def compiled(text: str) -> tuple[tuple[str, ...], Run, tuple[tuple[str, str | float | bool], ...]]:
    """The fields of an expression, its closure, its conjuncts `field = literal`. Raises ValueError."""
    try:
        trees = parse(text, dialect="duckdb")
    except SqlglotError as error:
        raise ValueError(_faulty(text, error)) from None
    except RecursionError:
        raise ValueError("the expression is nested too deeply.") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Expr):
        raise ValueError(f"`{text[:60]}` is not one expression: write for example used_pct > 5 and mount <> '/boot'.")
    nodes = list(tree.walk())
    if len(nodes) > _NODES or max(_depth(node) for node in nodes) > _DEPTH:
        raise ValueError(f"the expression is too large: at most {_NODES} parts, {_DEPTH} deep.")
    fields = tuple(dict.fromkeys(_name(node) for node in nodes if isinstance(node, exp.Column)))
    return fields, _compile(tree), tuple(_equalities(tree))


def _faulty(text: str, error: SqlglotError) -> str:
    found = getattr(error, "errors", None) or [{}]
    column = found[0].get("col")
    place = f" at character {column}" if column else ""
    return f"`{text[:60]}` is no SQL expression{place}: write for example used_pct > 5 and mount <> '/boot'."


def _depth(node: exp.Expr) -> int:
    depth = 0
    while node.parent is not None:
        depth, node = depth + 1, node.parent
    return depth


def _name(column: exp.Expr) -> str:
    return ".".join(part.name for part in cast("exp.Column", column).parts)


def _equalities(tree: exp.Expr) -> list[tuple[str, str | float | bool]]:
    if isinstance(tree, exp.Paren):
        return _equalities(tree.this)
    if isinstance(tree, exp.And):
        return [*_equalities(tree.this), *_equalities(tree.expression)]
    sides = [tree.this, tree.expression] if isinstance(tree, exp.EQ) else []
    column = next((side for side in sides if isinstance(side, exp.Column)), None)
    constant = next((side for side in sides if isinstance(side, (exp.Literal, exp.Boolean))), None)
    return [(_name(column), _constant(constant))] if column and constant else []


def _constant(node: exp.Expr) -> str | float | bool:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return str(node.this) if node.args.get("is_string") else float(node.this)


def _compile(node: exp.Expr) -> Run:
    """The closure of a node."""
    kind = type(node)
    about = next((_name(column) for column in node.find_all(exp.Column)), node.sql()[:60])
    if isinstance(node, exp.Column):
        if isinstance(node.this, exp.Star):
            raise ValueError("`*` is not supported: name the field.")
        name = _name(node)
        return lambda get: functions.plain(get(name), name)
    if isinstance(node, (exp.Literal, exp.Boolean)):
        constant = functions.plain(_constant(node), about)
        return lambda get: constant
    if isinstance(node, exp.Null):
        return lambda get: None
    if isinstance(node, exp.Paren):
        return _compile(node.this)
    if kind in _COMPARE:
        return _two(node, lambda a, b: functions.compare(_COMPARE[kind], a, b, about))
    if kind in _ARITHMETIC:
        return _two(node, lambda a, b: functions.arithmetic(_ARITHMETIC[kind], a, b, about))
    if isinstance(node, (exp.And, exp.Or)):
        return _logic(_compile(node.this), _compile(node.expression), isinstance(node, exp.Or), about)
    if isinstance(node, exp.Not):
        inner = _compile(node.this)
        return lambda get: functions.negation(inner(get), about)
    return _other(node, about)


def _two(node: exp.Expr, of: Callable[[Any, Any], Any]) -> Run:
    left, right = _compile(node.this), _compile(node.expression)
    return lambda get: of(left(get), right(get))


def _logic(left: Run, right: Run, absorbing: bool, about: str) -> Run:
    """And, or: the absorbing value decides, null otherwise where there is one."""

    def run(get: Get) -> bool | None:
        a = functions.truth(left(get), about)
        if a is absorbing:
            return absorbing
        b = functions.truth(right(get), about)
        if b is absorbing:
            return absorbing
        return None if a is None or b is None else not absorbing

    return run


def _other(node: exp.Expr, about: str) -> Run:
    if isinstance(node, exp.Is):
        inner, null = _compile(node.this), isinstance(node.expression, exp.Null)
        wanted = None if null else _constant(node.expression) if isinstance(node.expression, exp.Boolean) else ...
        if wanted is not ...:
            return lambda get: inner(get) is None if null else functions.truth(inner(get), about) is wanted
    if isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
        left, right, same = _compile(node.this), _compile(node.expression), isinstance(node, exp.NullSafeEQ)
        return lambda get: functions.same(left(get), right(get)) is same
    if isinstance(node, exp.In) and node.expressions:
        inner, some = _compile(node.this), [_compile(each) for each in node.expressions]
        return lambda get: functions.among(inner(get), [each(get) for each in some], about)
    if isinstance(node, exp.Between):
        inner, low, high = _compile(node.this), _compile(node.args["low"]), _compile(node.args["high"])
        return lambda get: functions.between(inner(get), low(get), high(get), about)
    if isinstance(node, (exp.Like, exp.ILike)) and isinstance(node.expression, exp.Literal):
        inner, matches = _compile(node.this), functions.like(str(node.expression.this), isinstance(node, exp.ILike))
        negated = bool(node.args.get("negate"))
        return lambda get: functions.liked(inner(get), matches, negated, about)
    if isinstance(node, exp.Neg):
        inner = _compile(node.this)
        return lambda get: functions.minus(inner(get), about)
    if isinstance(node, exp.Case) and node.this is None:
        arms = [(_compile(arm.this), _compile(arm.args["true"])) for arm in node.args["ifs"]]
        default = node.args.get("default")
        return _case(arms, _compile(default) if default is not None else None, about)
    if isinstance(node, exp.If):
        default = node.args.get("false")
        arms = [(_compile(node.this), _compile(node.args["true"]))]
        return _case(arms, _compile(default) if default is not None else None, about)
    if isinstance(node, (exp.Cast, exp.TryCast)):
        inner, to = _compile(node.this), str(node.args["to"].this.name).lower()
        cast_to = functions.CASTS.get(to)
        if cast_to:
            trying = isinstance(node, exp.TryCast)
            return lambda get: functions.converted(inner(get), cast_to, trying, about)
    return _function(node, about)


def _case(arms: list[tuple[Run, Run]], default: Run | None, about: str) -> Run:
    def run(get: Get) -> Any:
        for when, then in arms:
            if functions.truth(when(get), about):
                return then(get)
        return default(get) if default else None

    return run


def _function(node: exp.Expr, about: str) -> Run:
    name = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
    found = functions.FUNCTIONS.get(name)
    if not found:
        there = sorted(functions.FUNCTIONS)
        near = difflib.get_close_matches(name, there, 1)
        hint = f"did you mean {near[0]}?" if near else "see docs/rules.md for what is."
        raise ValueError(f"`{node.sql()[:60]}` is not supported: {hint}")
    arguments = [_compile(each) for each in _arguments(node)]
    return lambda get: found([each(get) for each in arguments], about)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a function, in the order in which they are written."""
    found: list[exp.Expr] = []
    for value in node.args.values():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, exp.Expr):
                found.append(each)
    return found
