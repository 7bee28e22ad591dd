"""Expressions nobody meant well with: one sentence, or an answer soon."""

import sys
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minerlib.event.event import Event
from minerlib.rule.expression import Expression, Unreadable
from minerlib.rule.sql.like import matcher

REFUSED = {
    "": "empty",
    "  ": "empty",
    "-- nothing": "no expression",
    "a; b": "at character 2: `;`",
    "a; drop table x": "at character 2: `;`",
    "select 1": "at character 1: `select`: an expression sees one event",
    "(select max(x) from t) > 5": "at character 2: `select`",
    "exists (select 1)": "at character 1: `exists`",
    "x in (select y from t)": "at character 7: `select`",
    "count(*)": "`count` is of many events, and an expression is of one: give the measure an `agg`",
    "status > avg(status)": "at character 10: `avg` is of many events",
    "max(a, b)": "`greatest` of several values",
    "row_number() over ()": "`row_number` is of many events",
    "abs(x) over ()": "at character 8: `over`",
    "*": "`*` stands between two numbers",
    "a.*": "at character 2: `.`",
    "abs(*)": "`*` stands between",
    "foor(x)": "there is no function `foor`: the nearest is `floor`",
    "regexp_matches(x, 'a')": "the nearest is `like`",
    "substring(x, 1, 2)": "the nearest is `split_part`",
    "read_csv('/etc/passwd')": "at character 1: there is no function `read_csv`",
    "getenv('HOME')": "at character 1: there is no function `getenv`",
    "qqq(1)": "there are abs, case, cast",
    "x::int": "write cast",
    "x[1]": "lists are not looked into",
    "x ~ 'a'": "write `like`",
    "a // b": "write floor",
    "a ^ b": "write x * x",
    "a -> 'b'": "a field is written a.b",
    "{a: 1}": "`{` is not part",
    "$1": "`$` is not part",
    "?": "`?` is not part",
    "@x": "`@` is not part",
    "{{ x }}": "is not part",
    "e'abc'": "is not part",
    "$$abc$$": "is not part",
    "€": "is not part",
    "a\0b": "is not part",
    "'abc": "is not closed",
    '"abc': "is not closed",
    "/* abc": "is not closed",
    "x +": "at character 3: `+` cannot stand there",
    "1m > 3": "at character 2: put a name that begins with a digit in double quotes",
    "x y": "at character 3: `y` cannot stand there",
    "(x": "cannot stand there",
    "x)": "at character 2: `)`",
    "and": "at character 1: `and`",
    "end > 1": "`end` is a word of SQL; a field of that name stands in double quotes",
    "()": "one value stands in parentheses",
    "(1, 2)": "one value stands in parentheses",
    "x in ()": "`in` is followed by values in parentheses",
    "x in y": "`in` is followed by values in parentheses",
    "x is 5": "`is` is followed by",
    "x is y": "`is` is followed by",
    "case end": "at character 6: `end`",
    "abs(x -> 1)": "a field is written",
    "abs(distinct x)": "cannot stand there",
    "abs()": "`abs` takes 1 value, not 0",
    "round(1, 2, 3)": "`round` takes 1 or 2 values, not 3",
    "nullif(x)": "`nullif` takes 2 values, not 1",
    "coalesce()": "`coalesce` takes 1 or more values",
    "if(x)": "`if` takes 2 or 3 values",
    '"abs"(x)': "a field is no function",
    "a.b(x)": "a field is no function",
    "cast(x as decimal(3, 2))": "at character 11: there is no type `decimal`: write double",
    "cast(x as double[])": "`[` is not part",
    "x as y": "there is no type `y`",
    "cast('a' as double)": "cannot be cast",
    "x like 'a' escape 'b'": "at character 12: `escape`",
    "x like any ('a')": "there is no function `any`",
    "x collate nocase": "`collate` cannot stand there",
    "interval '5 minutes'": "cannot stand there",
    "'a' + 1": "a text stands where a number is wanted",
    "1 + lower(x)": "at character 5: a text stands where a number is wanted",
    "lower(x + 1)": "at character 1: a number stands where a text is wanted",
    "lower(x) > 5": "a text is compared with what is none",
    "x in (1, 'a')": "a text is compared with what is none",
    "lower(x) and y": "at character 1: a text stands where true or false is wanted",
    "1e400": "too large for a number",
    "9" * 400: "too large for a number",
    "x like '" + "a" * 201 + "'": "a pattern has at most 200 characters",
    "'" + "a" * 2000 + "'": "at most 2,000 characters",
    "x || " + "'" + "a" * 1990 + "'" * 10: "",
    "(" * 900 + "x" + ")" * 900: "more than 32 things lie inside of each other",
    "(" * 33 + "x" + ")" * 33: "more than 32 things",
    "(" * 1900: "more than 32 things",
    "not " * 480 + "x": "more than 32 things",
    "- " * 900 + "x": "more than 32 things",
    "not (" * 20 + "x" + ")" * 20: "more than 32 things",
    "1 = not " * 240 + "x": "more than 32 things",
    "case when " * 150 + "x" + " then 1 end" * 40: "more than 32 things",
    "abs(" * 300 + "x" + ")" * 300: "more than 32 things",
    "x" + " + 1" * 40: "more than 32 things",
    "x in (" + "1, " * 250 + "2)": "at most 200 fields, literals and operators",
    "x = 1" + " or x = 1" * 80: "at most 200 fields, literals and operators",
    "x " + "-> x " * 300: "is not part",
    "x" + " is null" * 200: "more than 32 things",
    "x" + "[1]" * 500: "is not part",
}  # fmt: skip


def ask(text: str, **body: Any) -> Any:
    here = Event(
        time=0, seen=0, epoch="e", offset=0, part=0, company="a", system="b", environment="c", source="s", kind="k",
        body=body,
    )  # fmt: skip
    return Expression.read(text).value(here)


@pytest.mark.parametrize("text", REFUSED, ids=[text[:40] for text in REFUSED])
def test_refused_with_one_sentence(text: str) -> None:
    """Soon, saying what is wrong and where."""
    began = time.perf_counter()
    with pytest.raises(ValueError, match=r".") as caught:
        Expression.read(text)
    said = str(caught.value)
    assert type(caught.value) is ValueError
    assert REFUSED[text] in said
    assert said.endswith(".")
    assert len(said) < 400
    assert "\n" not in said
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "text",
    ["(" * 31 + "x" + ")" * 31, "x - (" * 31 + "x" + ")" * 31,
     "not " * 31 + "x", "abs(" * 31 + "x" + ")" * 31, "x" + " + 1" * 31,
     "x in (" + "1, " * 197 + "1)", " and ".join(["x = 1"] * 66), "case when x then " * 31 + "1" + " end" * 31],
)  # fmt: skip
def test_what_is_just_within_the_bounds_is_read(text: str) -> None:
    """And can be asked."""
    ask(text, x=True)


def test_depth_of_the_caller_ends_in_a_sentence() -> None:
    """No RecursionError comes out, however little is left of the stack."""

    def deep(left: int) -> str:
        if left:
            return deep(left - 1)
        try:
            Expression.read("(" * 31 + "x" + ")" * 31)
        except ValueError as error:
            return str(error)
        return ""

    frames, frame = 0, sys._getframe()
    while frame is not None:
        frames, frame = frames + 1, frame.f_back
    assert "inside of each other" in deep(sys.getrecursionlimit() - frames - 200)


WORDS = st.sampled_from(
    [
        "x", "y", "a.b", '"q %"', "source", "1", "2.5", "'a'", "'%a_'", "null", "true", "and", "or", "not", "=", "<>",
        "<", ">=", "+", "-", "*", "/", "%", "||", "(", ")", ",", "in", "between", "like", "ilike", "is", "distinct",
        "from", "case", "when", "then", "else", "end", "abs(", "round(", "coalesce(", "least(", "cast(", "as",
        "double", "try_cast(", "nullif(", "if(", "--", ";", ".", "::", "select", "sum(", '"', "'", "[", "]", "9e999",
        "_", "\\", "$", "over", "filter", "escape",
    ]
)  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(10**400),
    st.lists(st.integers(), max_size=2), st.just({"b": 1}),
)  # fmt: skip


def outcome(text: str, **body: Any) -> str:
    """What becomes of it: refused, at fault, or a value, which is never NaN or infinite."""
    try:
        found = Expression.read(text)
    except ValueError as error:
        return "refused" if str(error).endswith(".") else f"refused badly: {error}"
    try:
        value = ask(text, **body)
    except Unreadable as fault:
        return "fault" if fault.field in found.fields else f"a fault of {fault.field!r}"
    return "a value" if type(value) is not float or value - value == 0.0 else repr(value)


@given(st.lists(WORDS, max_size=12).map(" ".join), ODD, ODD)
@example("least(x, y)", float("nan"), 10**400)
def test_any_text_is_refused_or_read_and_any_body_valued_or_at_fault(text: str, x: Any, y: Any) -> None:
    """ValueError and Unreadable are all there is."""
    assert outcome(text, x=x, y=y, a={"b": y}) in ("refused", "fault", "a value")


OPERATORS = [
    "{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} % {}", "{} = {}", "{} < {}", "{} || {}", "{} and {}", "{} or {}",
    "nullif({}, {})", "least({}, {})", "{} like {}", "{} ilike {}", "round({}, {})", "{} in ({}, 1)",
    "coalesce({}, {})", "split_part(x, {}, {})", "contains({}, {})", "if({}, {})", "cast({} as text) || {}",
    "try_cast({} as double) + {}",
    "case {} when {} then 1 end", "exp({}) * {}", "{} between 1 and {}", "{} is distinct from {}",
    "cast({} as integer) = {}",
]  # fmt: skip


@given(st.sampled_from(OPERATORS), st.sampled_from(OPERATORS), ODD, ODD)
@example("round({}, {})", "{} + {}", 1.5, 10**400)
@example("split_part(x, {}, {})", "{} + {}", "a", 1e300)
def test_any_value_is_taken_by_every_operator_or_is_a_fault(outer: str, inner: str, x: Any, y: Any) -> None:
    """No exception of another kind, whatever stands in the body."""
    assert outcome(outer.format(f"({inner.format('x', 'y')})", "y"), x=x, y=y) in ("refused", "fault", "a value")


def test_a_value_is_asked_for_once() -> None:
    """Ranges inside of ranges take no longer for being nested."""
    began = time.perf_counter()
    for text in ("between 0 and x", "in (0, x)", "is distinct from y"):
        nested = "x"
        for _ in range(30):
            nested = f"({nested} {text})"
        assert ask(nested, x=1, y=2) in (True, False)
    nested = "x"
    for _ in range(30):
        nested = f"nullif({nested}, 2)"
    assert ask(nested, x=1) == 1
    assert time.perf_counter() - began < 5


MEGA = 1_000_000
PATTERNS = [
    "%a%" * 60 + "b",
    "%a_b%",
    "%" + "a_" * 98 + "b%",
    "%" + "a" * 190 + "b%",
    "%a_a%" * 33 + "%b%",
    "a%" * 90 + "_b",
    "%_b_%",
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=[p[:12] for p in PATTERNS])
@pytest.mark.parametrize("text", ["a", "ab", "aé", "aα"])
def test_like_on_a_megabyte_takes_milliseconds(pattern: str, text: str) -> None:
    """Whatever the pattern: the best of three, since others use the machine too."""
    like, long, taken = matcher(pattern), text * (MEGA // len(text)), []
    for _ in range(3):
        began = time.perf_counter()
        like(long)
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.5


def slowly_like(text: str, pattern: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(slowly_like(text[n:], pattern[1:]) for n in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and slowly_like(text[1:], pattern[1:])


@given(st.text("abα\U0001f600_%\xe9", max_size=12), st.text("abα\U0001f600_%\xe9", max_size=7))
@example("ab", "%_b%")
@example("aab", "%a_%")
@example("ba", "%a_%")
@example("a", "a%a")
@example("bxα", "%\u0162_α%")
@example("bx", "%\u0162_%")
@example("αbα", "%α_α%")
def test_like_is_what_its_definition_says(text: str, pattern: str) -> None:
    """Against the definition, sign by sign."""
    assert matcher(pattern)(text) is slowly_like(text, pattern)


def test_long_texts_are_bounded() -> None:
    """`||` makes at most 10,000 characters; a pattern out of a field has at most 200."""
    assert ask("length(x || 'a')", x="a" * 9_999) == 10_000
    with pytest.raises(Unreadable, match="more than 10,000 characters"):
        ask("x || 'a'", x="a" * 10_000)
    with pytest.raises(Unreadable, match="at most 200 characters") as caught:
        ask("'a' like x", x="a" * 201)
    assert caught.value.field == "x"


LONG = [
    "lower(x)", "trim(x)", "split_part(x, '-', 400000)", "split_part(x, '-', -3)", "try_cast(x as double)", "x = x",
    "try_cast(x as boolean)", "contains(x, '1-1--')", "x in ('a', 'b')", "upper(lower(x)) like '%1_1%'",
]  # fmt: skip


def test_a_megabyte_costs_every_function_little() -> None:
    """Texts that are long, or of digits, or all separators."""
    text = "1-" * (MEGA // 2)
    for do in LONG:
        began = time.perf_counter()
        ask(do, x=text)
        ask(do, x="1" * MEGA)
        ask(do, x="1" * MEGA + "x")
        assert time.perf_counter() - began < 1, do
