"""The words of an expression, before sqlglot sees them: what is not in the language is refused here, with its place.

Each field and function is given a name that means nothing to SQL (`f0`, `g0`), so that a field may be called
`offset` or `user`, and no function has a meaning that is not in our table.
"""

from typing import NamedTuple

from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType  # pyright: ignore[reportPrivateImportUsage]

from minerlib.rule.expression import RESERVED
from minerlib.rule.sql.functions import FORMS, FUNCTIONS, unknown

DEPTH = 32
TYPES = {
    "double": TokenType.DOUBLE, "integer": TokenType.INT, "int": TokenType.INT, "bigint": TokenType.INT,
    "text": TokenType.TEXT, "varchar": TokenType.TEXT, "boolean": TokenType.BOOLEAN, "bool": TokenType.BOOLEAN,
}  # fmt: skip
_OPENING = frozenset({TokenType.L_PAREN, TokenType.CASE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.END})
_PREFIX = frozenset({TokenType.NOT, TokenType.DASH, TokenType.PLUS})
_OPERAND = frozenset(
    {TokenType.VAR, TokenType.STRING, TokenType.NUMBER, TokenType.NULL, TokenType.TRUE, TokenType.FALSE, *_CLOSING}
)
_SIGNS = frozenset(
    {
        TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA, TokenType.PLUS, TokenType.DASH, TokenType.STAR,
        TokenType.SLASH, TokenType.MOD, TokenType.DPIPE, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE,
        TokenType.GT, TokenType.GTE, TokenType.STRING, TokenType.NUMBER,
    }
)  # fmt: skip
_INSTEAD = {
    "::": "write cast(... as double)", ";": "there is one expression, and no `;`", "[": "lists are not looked into",
    ".": "a field is written a.b", "->": "a field is written a.b", "->>": "a field is written a.b",
    "//": "write floor(a / b)", "^": "write x * x", "**": "write x * x", "~": "write `like`", "?": "write `case when`",
    "&": "write `and`", "&&": "write `and`", "|": "write `or`",
}  # fmt: skip


class Said(NamedTuple):
    """A field or function where it stands in the text; `place` counts from 1."""

    name: str
    place: int


class Words(NamedTuple):
    """The tokens for sqlglot, and what `f0`, `f1` ... and `g0`, `g1` ... stand for in them."""

    tokens: list[Token]
    fields: list[Said]
    functions: list[Said]


def words(text: str) -> Words:
    """The words of a text. Raises ValueError where one of them is not in the language, or they nest too deeply."""
    try:
        given = list(DuckDB().tokenize(text))
    except TokenError:
        raise ValueError(
            "a quote or comment is not closed: write texts in single quotes ('GET'), names in double ones (\"disk %\")."
        ) from None
    reading = _Reading(text, given)
    while reading.at < len(given):
        reading.next()
    return reading.found


class _Reading:
    def __init__(self, text: str, given: list[Token]) -> None:
        self.text, self.given, self.at = text, given, 0
        self.found = Words([], [], [])
        self.depths: list[int] = []
        self.run = 0  # prefix operators one after another

    def next(self) -> None:
        token = self.given[self.at]
        word = token.text.lower() if self.is_word(self.at) else ""
        before = [token.token_type for token in self.found.tokens[-2:]]
        if word in ("select", "exists"):
            raise refusal(token, f"`{word}`: an expression sees one event, and no tables.")
        if (
            word in RESERVED
            or token.token_type in _SIGNS
            or (token.token_type is TokenType.DOT and self.type_of(self.at + 1) is TokenType.NUMBER)
            or (word == "distinct" and TokenType.IS in before)
            or (word == "from" and before[-1:] == [TokenType.DISTINCT])
        ):
            self.keep(token)
        elif word == "as" and self.is_word(self.at + 1) and before and before[-1] in _OPERAND:
            self.keep(token)
            self.the_type()
        elif word and self.type_of(self.at + 1) is TokenType.L_PAREN:
            self.function(token, word)
        elif word or token.token_type is TokenType.IDENTIFIER:
            self.field(token)
        else:
            sign = self.text[token.start : token.end + 1]
            instead = _INSTEAD.get(sign, "put a name with other signs than letters, digits and _ in double quotes")
            raise refusal(token, f"`{sign[:20]}` is not part of an expression: {instead}.")

    def keep(self, token: Token) -> None:
        """Take a token over, and see to the depth."""
        kind, tokens = token.token_type, self.found.tokens
        depth = self.run + (self.depths[-1] if self.depths else 0)
        if kind in _OPENING:
            self.depths.append(depth + 1)
        elif kind in _CLOSING and self.depths:
            self.depths.pop()
        self.run = self.run + 1 if kind in _PREFIX and not (tokens and tokens[-1].token_type in _OPERAND) else 0
        if depth + 1 > DEPTH:
            raise refusal(token, f"more than {DEPTH} things lie inside of each other; say it with fewer parentheses.")
        tokens.append(token)
        self.at += 1

    def function(self, token: Token, word: str) -> None:
        if word in ("cast", "try_cast"):
            self.keep(token)
            return
        if word not in FUNCTIONS and word not in FORMS:
            raise refusal(token, unknown(word))
        self.found.functions.append(Said(word, token.start + 1))
        self.keep(_renamed(token, f"g{len(self.found.functions) - 1}"))

    def field(self, token: Token) -> None:
        """A name, and what follows it by dots."""
        name, last = token.text, self.at
        while self.type_of(last + 1) is TokenType.DOT and (
            self.type_of(last + 2) is TokenType.IDENTIFIER or self.is_word(last + 2)
        ):
            last += 2
            name += f".{self.given[last].text}"
        self.found.fields.append(Said(name, token.start + 1))
        self.keep(_renamed(token, f"f{len(self.found.fields) - 1}", self.given[last].end))
        self.at = last + 1

    def the_type(self) -> None:
        token = self.given[self.at]
        kind = TYPES.get(token.text.lower())
        if kind is None:
            raise refusal(token, f"there is no type `{token.text}`: write double, integer, text or boolean.")
        self.keep(Token(kind, kind.name, token.line, token.col, token.start, token.end))

    def type_of(self, at: int) -> TokenType | None:
        return self.given[at].token_type if at < len(self.given) else None

    def is_word(self, at: int) -> bool:
        if at >= len(self.given):
            return False
        token = self.given[at]
        return token.text.isidentifier() and self.text[token.start : token.end + 1] == token.text


def refusal(token: Token, said: str) -> ValueError:
    return ValueError(f"at character {token.start + 1}: {said}")


def _renamed(token: Token, name: str, end: int | None = None) -> Token:
    return Token(TokenType.VAR, name, token.line, token.col, token.start, token.end if end is None else end)
