"""Expressions: what they are for an event, what they read, and what makes an event unreadable to them."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.event import Event
from minerlib.rule.expression import COLUMNS, RESERVED, Expression, Unreadable

BODY = {
    "status": 503, "method": "GET", "used": 30, "total": 40.0, "up": True, "down": False, "gone": None, "disk %": 7,
    "cpu": {"user": 3, "load.1m": 0.5}, "a.b": 1, "a": {"b": 2, "c": 5}, "source": "said", "offset": 9, "end": 4,
    "tags": ["x"], "code": "42", "word": "abc", "huge": 10**400, "long": 2**60 + 1, "nan": float("nan"),
    "inf": float("inf"), "line": "GET /api/v1 503", "half": 2.5, "minus": -7, "zero": 0, "größe": 1,
}  # fmt: skip
VALUES: list[tuple[str, Any]] = [
    # literals and fields
    ("5", 5.0), ("-5", -5.0), ("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("'it''s'", "it's"), ("true", True),
    ("NULL", None), ("status", 503), ("missing", None), ("gone", None), ("cpu.user", 3), ("cpu . user", 3),
    ('cpu."load.1m"', 0.5), ('"cpu"."user"', 3), ("a.b", 1), ("a.c", 5), ('"disk %"', 7), ("tags", ["x"]),
    ("Status", None), ("größe + 1", 2.0), ("offset + a.c", 14.0), ('"end"', 4), ("nan", None), ("inf", None),
    ("source", "web-1"), ("body.source", "said"), ("kind || '@' || system", "disk.usage@web"), ("body.kind", None),
    ("cpu.user.deep", None), ("(status)", 503), ("status -- a comment", 503), ("true = up /* always */", True),
    # comparisons
    ("status >= 500 and method = 'GET'", True), ("status = 503.0", True), ("status == 503", True),
    ("status <> 503", False), ("status != 503", False), ("500 < status", True), ("503 <= status", True),
    ("504 <= status", False), ("gone = 1", None), ("1 = gone", None), ("gone <> gone", None), ("up = 1", True),
    ("down = 0", True), ("up > down", True), ("up = true", True), ("nan = 1", None), ("inf > 1", None),
    ("method < 'H'", True), ("method = 'get'", False), ("huge > 1", True), ("huge > half", True),
    ("huge = huge", True), ("long = 1152921504606846977", True), ("long = 1152921504606846976", False),
    ("long > 1152921504606846976", True), ("used < total", True),
    # three values
    ("gone and true", None), ("gone and false", False), ("false and gone", False), ("true and gone", None),
    ("gone or true", True), ("gone or false", None), ("not gone", None), ("not up", False), ("not not up", True),
    ("gone = 1 or status = 503 and down", None), ("not down and up", True), ("not (down or up)", False),
    ("status and up", True), ("zero or down", False), ("not zero", True), ("gone is null", True),
    ("status is null", False), ("status is not null", True), ("tags is not null", True), ("up is true", True),
    ("gone is true", False), ("gone is not true", True), ("down is false", True), ("zero is false", True),
    ("gone is distinct from null", False), ("gone is distinct from 1", True),
    ("status is not distinct from 503", True), ("gone is not distinct from missing", True), ("null = null", None),
    # membership and ranges
    ("status in (502, 503)", True), ("status in (502)", False), ("status not in (502)", True),
    ("status in (1, null)", None), ("status in (503, null)", True), ("status not in (1, null)", None),
    ("gone in (1)", None), ("method in ('GET', 'PUT')", True), ("status in (used, 500 + 3)", True),
    ("up in (1)", True), ("method in ('a', method)", True), ("long in (1152921504606846977)", True),
    ("status between 500 and 599", True), ("status not between 500 and 599", False),
    ("503 between status and status", True), ("status between 504 and gone", False),
    ("status between 1 and gone", None), ("method between 'A' and 'H'", True),
    # like
    ("line like 'GET %'", True), ("line like '%503'", True), ("line like '%api%'", True), ("line like 'get%'", False),
    ("line ilike 'get%'", True), ("line not like '%404'", True), ("line like '___ /api%'", True),
    ("line like '%a_i%'", True), ("word like '_b_'", True), ("word like '_b'", False), ("word like ''", False),
    ("gone like '%'", None), ("word like gone", None), ("word like '%'", True), ("word like method", False),
    ("word not ilike 'ABC'", False), ("word like 'a\\%'", False), ("word like '%b_%'", True),
    ("word like '%c_%'", False), ("word like null", None),
    # arithmetic
    ("used / total * 100", 75.0), ("used / zero", None), ("used % zero", None), ("minus % 4", -3.0), ("7 % -4", 3.0),
    ("-half", -2.5), ("- -half", 2.5), ("used - total - 1", -11.0), ("2 + 3 * 4", 14.0), ("(2 + 3) * 4", 20.0),
    ("up + up", 2.0), ("gone + 1", None), ("huge * 2", None), ("huge - huge", None), ("1e308 * 10", None),
    ("1e308 * 10 > 5", None), ("-huge", None), ("3 / 2", 1.5), ("nan + 1", None), ("long - 1152921504606846976", 0.0),
    # choices
    ("case when status >= 500 then 'bad' else 'good' end", "bad"), ("case when gone then 1 end", None),
    ("case method when 'PUT' then 1 when 'GET' then 2 end", 2.0), ("case gone when null then 1 else 2 end", 2.0),
    ("case when up then 1 else word + 1 end", 1.0), ("coalesce(gone, missing, 3)", 3.0), ("coalesce(up, tags)", True),
    ("coalesce(gone)", None), ("nullif(status, 503)", None), ("nullif(status, gone)", 503),
    ("nullif(method, 'PUT')", "GET"), ("if(up, 1, 2)", 1.0), ("if(down, 1)", None), ("if(gone, 1, 2)", 2.0),
    ("least(4, gone, 3)", 3.0), ("greatest(gone)", None), ("greatest('a', word)", "abc"),
    ("greatest(status, 504)", 504.0), ("IF(up, 1, 2)", 1.0),
    # functions of numbers
    ("abs(minus)", 7.0), ("round(half)", 3.0), ("round(-half)", -3.0), ("round(1234.5678, 2)", 1234.57),
    ("round(1250, -2)", 1300.0), ("round(half, 400)", 2.5), ("round(half, -400)", 0.0), ("floor(-half)", -3.0),
    ("ceil(half)", 3.0), ("sqrt(16)", 4.0), ("sqrt(minus)", None), ("ln(zero)", None), ("ln(exp(1))", 1.0),
    ("log10(1000)", 3.0), ("exp(1000)", None), ("abs(gone)", None), ("abs(huge)", None), ("round(1e308, 5)", 1e308),
    # functions of texts
    ("lower(method)", "get"), ("upper(word)", "ABC"), ("length(word)", 3.0), ("trim('  a ')", "a"),
    ("starts_with(word, 'ab')", True), ("ends_with(word, 'ab')", False), ("contains(word, 'b')", True),
    ("contains(gone, 'b')", None), ("split_part('a-b-c', '-', 2)", "b"), ("split_part('a-b-c', '-', -1)", "c"),
    ("split_part('a-b', '-', 3)", ""), ("split_part('a-b', '-', 0)", ""), ("split_part('abc', '', 2)", "b"),
    ("split_part(word, 'b', 1e300)", ""),
    ("split_part('1,2,3,4,5,6,7,8,9,x,y', ',', 11)", "y"), ("word || '/' || used", "abc/30"), ("word || up", "abctrue"),
    ("word || gone", None), ("1 || 2", "12"), ("'' || half", "2.5"),
    # casts
    ("cast(code as double)", 42.0), ("cast(' 1e2 ' as double)", 100.0), ("cast('2.5' as integer)", 2.0),
    ("cast(3.5 as int)", 4.0), ("try_cast(word as double)", None), ("try_cast(tags as text)", None),
    ("cast(gone as double)", None), ("cast(used as text)", "30"), ("cast(total as varchar)", "40"),
    ("cast(long as text)", str(2**60 + 1)), ("cast(huge as text)", None), ("cast(huge as double)", None),
    ("cast(half as text)", "2.5"), ("cast(up as text)", "true"), ("cast('Yes' as boolean)", True),
    ("cast(zero as boolean)", False), ("try_cast('maybe' as boolean)", None), ("cast('1e999' as double)", None),
    ("cast(up as double)", 1.0), ("try_cast('1_0' as double)", None), ("try_cast('nan' as double)", None),
    ("try_cast('' as integer)", None),
]  # fmt: skip
FAULTS = [
    ("method > 5", "method", "a text cannot be compared with a number"),
    ("status = 'x'", "status", "a number cannot be compared with a text"),
    ("'x' = status", "status", "a number cannot be compared with a text"),
    ("status > method", "status", "a number cannot be compared with a text"),
    ("tags = 1", "tags", "a list cannot be compared with a number"),
    ("cpu = cpu", "cpu", "an object cannot be compared with an object"),
    ("method + 1", "method", "a text is no number"),
    ("1 + cpu.user * word", "word", "a text is no number"),
    ("-tags", "tags", "a list is no number"),
    ("abs(cpu)", "cpu", "an object is no number"),
    ("lower(status)", "status", "a number is no text"),
    ("status like '5%'", "status", "a number is no text"),
    ("method and up", "method", "a text is neither true nor false"),
    ("not method", "method", "a text is neither true nor false"),
    ("if(method, 1)", "method", "a text is neither true nor false"),
    ("method in (1, 2)", "method", "a text cannot be compared with a number"),
    ("1 in (method)", "method", "a number cannot be compared with a text"),
    ("method between 1 and 2", "method", "a text cannot be compared with a number"),
    ("1 between 0 and method", "method", "a number cannot be compared with a text"),
    ("least(status, method)", "method", "a text cannot be compared with a number"),
    ("greatest(tags)", "tags", "a list is neither a number nor a text"),
    ("nullif(status, method)", "status", "a number cannot be compared with a text"),
    ("case status when 'x' then 1 end", "status", "a number cannot be compared with a text"),
    ("status is distinct from method", "status", "a number cannot be compared with a text"),
    ("cast(word as double)", "word", "a text cannot be cast; try_cast makes null of it"),
    ("cast(tags as text)", "tags", "a list cannot be cast; try_cast makes null of it"),
    ("word || tags", "tags", "a list cannot be cast; try_cast makes null of it"),
    ("up and method > 5", "method", "a text cannot be compared with a number"),
    ("down or method > 5", "method", "a text cannot be compared with a number"),
    ("gone or method > 5", "method", "a text cannot be compared with a number"),
]
HIDDEN = [
    ("down and method > 5", False), ("method > 5 and down", False), ("method > 5 and gone", None),
    ("method > 5 or up", True), ("up or method > 5", True), ("method > 5 and source = 'other'", False),
    ("coalesce(status, method + 1)", 503),
]  # fmt: skip


def event(body: Any = None, raw: bytes | None = None) -> Event:
    return Event(
        time=0, seen=0, epoch="e", offset=0, part=0, company="acme", system="web", environment="prod",
        source="web-1", kind="disk.usage", body=body, raw=raw,
    )  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES, ids=[text for text, _ in VALUES])
def test_values(text: str, value: Any) -> None:
    """An expression is what SQL says, to the type: true is not 1, and what is worked out is a float."""
    found = Expression.read(text).value(event(BODY))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("text", "field", "said"), FAULTS, ids=[text for text, _, _ in FAULTS])
def test_a_value_of_another_type_is_a_fault(text: str, field: str, said: str) -> None:
    """It names the field, and says what is there instead."""
    with pytest.raises(Unreadable) as caught:
        Expression.read(text).value(event(BODY))
    assert (caught.value.field, caught.value.said) == (field, said)


@pytest.mark.parametrize(("text", "value"), HIDDEN, ids=[text for text, _ in HIDDEN])
def test_a_fault_counts_only_where_it_decides(text: str, value: Any) -> None:
    """`false and fault` is false and `true or fault` is true, in either order."""
    assert Expression.read(text).value(event(BODY)) == value


@pytest.mark.parametrize("body", [None, 5, "text", [1, 2], {}])
def test_a_body_that_is_no_object_has_no_fields(body: Any) -> None:
    """Its fields are null; the event's own are there."""
    assert Expression.read("status").value(event(body)) is None
    assert Expression.read("status > 5 or a.b = 1").value(event(body)) is None
    assert Expression.read("source = 'web-1' and status is null").value(event(body)) is True


@pytest.mark.parametrize(
    ("text", "field"), [("status", "status"), ("a.b + 1", "a.b"), ("body.source = 'x'", "body.source")]
)
def test_a_body_that_could_not_be_read_is_a_fault_where_it_is_asked_for(text: str, field: str) -> None:
    """Not where the event's own columns are enough."""
    with pytest.raises(Unreadable, match="could not be read") as caught:
        Expression.read(text).value(event(raw=b"\xff"))
    assert caught.value.field == field
    assert Expression.read("source = 'web-1'").value(event(raw=b"\xff")) is True
    assert Expression.read("status > 5 and source = 'web-2'").value(event(raw=b"\xff")) is False


@pytest.mark.parametrize(
    ("text", "fields", "name", "gives"),
    [
        ("used_pct", ("used_pct",), "used_pct", None),
        (" cpu.user ", ("cpu.user",), "cpu.user", None),
        ('("disk %")', ("disk %",), "disk %", None),
        ("source", ("source",), "source", "text"),
        ("body.source", ("body.source",), "body.source", None),
        ("b + a * b", ("b", "a"), None, "number"),
        ("x = 1", ("x",), None, "truth"),
        ("x || 'a'", ("x",), None, "text"),
        ("if(x, 1, y)", ("x", "y"), None, None),
        ("if(x, 1)", ("x",), None, "number"),
        ("null", (), None, "null"),
        ("user", ("user",), "user", None),
        ("index + values + \"order\"", ("index", "values", "order"), None, "number"),
    ],
)  # fmt: skip
def test_what_it_reads_and_gives(text: str, fields: tuple[str, ...], name: str | None, gives: str | None) -> None:
    """Fields in the order of the text, each once; words of SQL that mean nothing here are fields."""
    found = Expression.read(text)
    assert (found.fields, found.name, found.gives) == (fields, name, gives)
    assert str(found) == text.strip()


@pytest.mark.parametrize(
    ("text", "equalities"),
    [
        ("mount = '/' and x > 1", (("mount", "/"),)),
        ("(a = 1 and ('b' = kind)) and c.d = true", (("a", 1.0), ("kind", "b"), ("c.d", True))),
        ("a = -1", (("a", -1.0),)),
        ("a = 1152921504606846977", (("a", 1152921504606846977),)),
        ("a = 1 or b = 2", ()),
        ("not a = 1", ()),
        ("not (a = 1 and b = 2) and c = 3", (("c", 3.0),)),
        ("a = b and a = null and lower(a) = 'x' and a <> 1", ()),
    ],
)
def test_equalities(text: str, equalities: tuple[tuple[str, Any], ...]) -> None:
    """The ones that must hold, from whichever side they are written."""
    assert Expression.read(text).equalities == equalities


SOME = st.sampled_from([None, True, False, 0, 1, 2, 1.0, "a", "b", [1], {}])


@given(
    SOME,
    SOME,
    SOME,
    st.sampled_from(["a = 1 and b > 0 and c < 'b'", "b > 0 and (c < 'b' and a = 'a')", "b and a = true"]),
)
def test_an_index_of_equalities_hides_nothing(a: Any, b: Any, c: Any, text: str) -> None:
    """Where the field is null, or of the literal's type and not equal, it is neither true nor a fault."""
    found = Expression.read(text)
    ((_, literal),) = found.equalities
    alike = isinstance(a, str) if isinstance(literal, str) else isinstance(a, (bool, int, float))
    if a is None or (alike and a != literal):
        assert found.value(event({"a": a, "b": b, "c": c})) is not True


def test_a_threshold_is_worked_out_from_names() -> None:
    """Null where what is usual is not known."""
    line = Expression.read("usual + 5 * spread")
    assert line.fields == ("usual", "spread")
    assert line.of({"usual": 1.0, "spread": 2.0}) == 11.0
    assert line.of({"usual": None, "spread": 2.0}) is None
    assert line.of({}) is None
    for text, value in (("usual", 3.0), ("usual > 1", 1.0)):
        found = Expression.read(text).of({"usual": 3})
        assert (found, type(found)) == (value, float)
    with pytest.raises(Unreadable, match="must be a number"):
        Expression.read("'high'").of({})


def test_two_are_equal_when_their_texts_are() -> None:
    """As keys too."""
    assert Expression.read("a + b") == Expression.read(" a + b ")
    assert Expression.read("a + b") != Expression.read("b + a")
    assert len({Expression.read("a"), Expression.read("a"), Expression.read("(a)")}) == 2
    assert repr(Expression.read("a")) == "Expression('a')"


@given(st.from_regex(r"[A-Za-z_éß][A-Za-z0-9_éß]{0,9}(\.[a-z][a-z0-9_]{0,5})?", fullmatch=True))
def test_a_plain_name_means_the_same_among_others(name: str) -> None:
    """What is read without SQL is what SQL would have read; words of the language are refused by both."""
    if name.partition(".")[0].lower() in RESERVED:
        return
    plain, put = Expression.read(name), Expression.read(f"({name})")
    assert (plain.fields, plain.name, plain.gives) == (put.fields, put.name, put.gives)
    assert Expression.read(f"{name} + 1").fields == (name,)


@pytest.mark.parametrize("name", sorted(RESERVED - {"null", "true", "false"}))
def test_a_word_of_the_language_is_a_field_in_quotes(name: str) -> None:
    """And behind a dot; bare it is refused."""
    assert Expression.read(f'"{name}" + a.{name}').fields == (name, f"a.{name}")
    with pytest.raises(ValueError, match=r"\.$"):
        Expression.read(name)


@pytest.mark.parametrize("value", [3, 2.5, -7, 0, 2**53, 10**15 + 1, True])
def test_an_archived_number_makes_the_same(value: float) -> None:
    """An archive gives 22 back as 22.0; whatever is worked out of it is equal to the bit."""
    for text in (
        "x * 3 + 0.1",
        "x || 'a'",
        "cast(x as text)",
        "x % 7",
        "x = 3",
        "x in (3, -7)",
        "round(x / 3, 2)",
        "-x",
        "x",
    ):
        live, old = (
            Expression.read(text).value(event({"x": x})) for x in (value, value if value is True else float(value))
        )
        assert live == old


def test_a_plain_field_needs_no_sqlglot() -> None:
    """Importing it takes a tenth of a second, which a rule of plain fields does not pay."""
    code = "import sys, minerlib.rule.expression as e; e.Expression.read('a.b'); print('sqlglot' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "False"


def test_the_columns_are_those_of_the_event() -> None:
    """Each is read from the event, and its namesake from the body."""
    here = event({name: f"body {name}" for name in COLUMNS})
    for name in COLUMNS:
        assert Expression.read(name).value(here) == getattr(here, name)
        assert Expression.read(f"body.{name} || ''").value(here) == f"body {name}"
