"""SQL read: sqlglot makes a tree of the words, and the tree becomes parts."""

import math
import operator
from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ParseError

from minerlib.rule.expression import LONGEST, RESERVED
from minerlib.rule.sql import choices
from minerlib.rule.sql.casts import cast, joined
from minerlib.rule.sql.functions import arithmetic, call, like
from minerlib.rule.sql.logic import both, either, is_null, is_truth, opposite
from minerlib.rule.sql.parts import Misfit, Part, as_number, compared, constant, made, the_field
from minerlib.rule.sql.words import DEPTH, Words, words

Node = Any  # of a tree of sqlglot, whose classes differ between its versions
MOST = 200  # parts of an expression
_COMPARED = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_ARITHMETIC: dict[type[Any], Callable[[float, float], float]] = {
    exp.Add: operator.add, exp.Sub: operator.sub, exp.Mul: operator.mul, exp.Div: operator.truediv, exp.Mod: math.fmod,
}  # fmt: skip
_CASTS = {"DOUBLE": "number", "INT": "integer", "TEXT": "text", "BOOLEAN": "truth"}
_INSTEAD: dict[type[Any], str] = {
    exp.In: "`in` is followed by values in parentheses",
    exp.Is: "`is` is followed by null, true, false or `distinct from`",
    exp.Star: "`*` stands between two numbers",
    exp.Tuple: "one value stands in parentheses, but for `in` and functions",
}
_EXAMPLE = "status >= 500 and method = 'GET'"


def compiled(text: str) -> tuple[Part, tuple[str, ...]]:
    """The part that a text says, and the fields it reads. Raises ValueError, one sentence."""
    if not text:
        raise ValueError(f"an expression is empty: write one, for example {_EXAMPLE}.")
    said = words(text)
    try:
        found = DuckDB().parser(error_message_context=LONGEST).parse_into(exp.Condition, said.tokens, text)
    except ParseError as error:
        raise _refused(error) from None
    except RecursionError:
        raise ValueError(f"more than {DEPTH} things lie inside of each other; say it in a simpler way.") from None
    if len(found) != 1 or found[0] is None:
        raise ValueError(f"there is no expression: write one, for example {_EXAMPLE}.")
    return _Tree(said).part(found[0], 1), tuple(dict.fromkeys(field.name for field in said.fields))


def _refused(error: ParseError) -> ValueError:
    first: dict[str, Any] = error.errors[0] if error.errors else {}
    sign, before = first.get("highlight") or "", first.get("start_context") or ""
    if not sign:
        return ValueError(f"the expression cannot be read: write it like {_EXAMPLE}.")
    if before[-1:].isdigit() and sign.isidentifier():
        return ValueError(f"at character {len(before) + 1}: put a name that begins with a digit in double quotes.")
    return ValueError(
        f"at character {len(before) + 1}: `{sign[:20]}` cannot stand there, or something before it is missing; "
        f"write it like {_EXAMPLE}."
    )


class _Tree:
    """One tree becoming parts, from the leaves up."""

    def __init__(self, said: Words) -> None:
        self.said, self.count = said, 0

    def part(self, node: Node, depth: int) -> Part:
        while isinstance(node, exp.Paren):
            node = node.this
        self.count += 1
        if self.count > MOST:
            raise ValueError(f"an expression has at most {MOST} fields, literals and operators; say it with fewer.")
        if depth > DEPTH:
            raise ValueError(f"more than {DEPTH} things lie inside of each other; say it in a simpler way.")
        try:
            return self.made(node, depth + 1)
        except Misfit as error:
            raise ValueError(f"{self.place(node)}{error}") from None

    def made(self, node: Node, depth: int) -> Part:
        match node:
            case exp.Column() | exp.Literal() | exp.Boolean() | exp.Null():
                return self.leaf(node)
            case exp.And() | exp.Or():
                join = both if type(node) is exp.And else either
                return join([self.part(one, depth) for one in _chain(node, type(node))])
            case exp.Not():
                return opposite(self.part(node.this, depth))
            case exp.EQ() | exp.NEQ() | exp.LT() | exp.LTE() | exp.GT() | exp.GTE():
                return compared(_COMPARED[type(node)], *self.sides(node, depth))
            case exp.Add() | exp.Sub() | exp.Mul() | exp.Div() | exp.Mod():
                return arithmetic(_ARITHMETIC[type(node)], *self.sides(node, depth))
            case exp.Neg():
                return self.negative(self.part(node.this, depth))
            case exp.DPipe():
                return joined(*self.sides(node, depth))
            case exp.Like() | exp.ILike():
                found = like(*self.sides(node, depth), isinstance(node, exp.ILike))
                return opposite(found) if node.args.get("negate") else found
            case exp.Is():
                return self.tested(node, depth)
            case exp.NullSafeEQ() | exp.NullSafeNEQ():
                found = choices.same(*self.sides(node, depth))
                return opposite(found) if isinstance(node, exp.NullSafeNEQ) else found
            case exp.In() if node.expressions:
                return choices.one_of(self.part(node.this, depth), self.parts(node.expressions, depth))
            case exp.Between():
                low, high = self.parts([node.args["low"], node.args["high"]], depth)
                return choices.between(self.part(node.this, depth), low, high)
            case exp.Case():
                return self.case(node, depth)
            case exp.Cast() if node.to.this.name in _CASTS:  # TryCast is one too
                return cast(self.part(node.this, depth), _CASTS[node.to.this.name], isinstance(node, exp.TryCast))
            case exp.Anonymous():
                return self.call(node, depth)
            case _:
                raise self.refused(node)

    def parts(self, nodes: list[Node], depth: int) -> list[Part]:
        return [self.part(node, depth) for node in nodes]

    def sides(self, node: Node, depth: int) -> tuple[Part, Part]:
        return self.part(node.this, depth), self.part(node.expression, depth)

    def leaf(self, node: Node) -> Part:
        if isinstance(node, exp.Column):
            if node.name.lower() in RESERVED:
                raise Misfit(f"`{node.name}` is a word of SQL; a field of that name stands in double quotes.")
            return the_field(self.said.fields[int(node.name[1:])].name)
        if isinstance(node, exp.Null):
            return constant(None)
        if isinstance(node, exp.Boolean) or node.is_string:
            return constant(node.this)
        if math.isinf(float(node.this)):
            raise Misfit(f"{node.this[:20]} is too large for a number.")
        return constant(int(node.this) if node.this.isdecimal() else float(node.this))

    def negative(self, part: Part) -> Part:
        get = as_number(part)

        def run(event: Any) -> float | None:
            value = get(event)
            return None if value is None else -value

        return made(run, "number", part)

    def tested(self, node: Node, depth: int) -> Part:
        part, what = self.part(node.this, depth), node.expression
        if isinstance(what, exp.Null):
            return is_null(part)
        if isinstance(what, exp.Boolean):
            return is_truth(part, bool(what.this))
        raise self.refused(node)

    def case(self, node: Node, depth: int) -> Part:
        whens = [(self.part(one.this, depth), self.part(one.args["true"], depth)) for one in node.args["ifs"]]
        subject, default = node.this, node.args.get("default")
        return choices.case(
            self.part(subject, depth) if subject else None,
            whens,
            self.part(default, depth) if default else constant(None),
        )

    def call(self, node: Node, depth: int) -> Part:
        if not node.name.startswith("g"):
            raise Misfit("a field is no function.")
        name, parts = self.said.functions[int(node.name[1:])].name, self.parts(node.expressions, depth)
        match name, len(parts):
            case "coalesce", n if n:
                return choices.first_of(parts)
            case "greatest" | "least", n if n:
                return choices.extreme(operator.gt if name == "greatest" else operator.lt, parts)
            case "nullif", 2:
                return choices.null_if(*parts)
            case "if", 2 | 3:
                return choices.case(None, [(parts[0], parts[1])], parts[2] if len(parts) == 3 else constant(None))
            case "coalesce" | "greatest" | "least" | "nullif" | "if", _:
                wanted = {"nullif": "2", "if": "2 or 3"}.get(name, "1 or more")
                raise Misfit(f"`{name}` takes {wanted} values, not {len(parts)}.")
            case _:
                return call(name, parts)

    def place(self, node: Node) -> str:
        """Where the first field or function of a node stands, as the beginning of a sentence."""
        names = {leaf.name for leaf in node.find_all(exp.Column, exp.Anonymous)}
        places = [one.place for n, one in enumerate(self.said.fields) if f"f{n}" in names]
        places += [one.place for n, one in enumerate(self.said.functions) if f"g{n}" in names]
        return f"at character {min(places)}: " if places else ""

    def refused(self, node: Node) -> ValueError:
        return ValueError(
            f"{self.place(node)}{_INSTEAD.get(type(node), f'`{node.key}` is not part of an expression')}: there are "
            "comparisons, and or not, in, between, like, is null, + - * / %, ||, case, cast and functions."
        )


def _chain(node: Node, kind: type[Any]) -> list[Node]:
    """The operands of `a and b and c`, which sqlglot nests."""
    found: list[Node] = []
    left: Node = node
    while type(left) is kind:
        found.append(left.expression)
        left = left.this
    return [left, *reversed(found)]
