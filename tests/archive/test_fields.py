"""Bodies taken into columns at once: what comes out is what one by one would give, whatever they are."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minerlib.archive import fields
from minerlib.archive.columns import ABSENT, Types
from minerlib.archive.fields import fields_of
from minerlib.archive.onebyone import Columns

from .test_columns import NAMES, VALUES

LIKELY = ["a", "b", "a.b", "c:d", "time", "größe"]
ALIKE = [
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-9, 9),
    st.integers(),
    st.booleans(),
    st.text(max_size=4),
    st.sampled_from(["a:b", ":", "\\", '"', "null", "\n", "é", "\0", ""]),
    VALUES,
]
WRITTEN: list[Callable[[Any], str]] = [
    json.dumps,
    lambda body: json.dumps(body, indent=1, ensure_ascii=False),
    lambda body: json.dumps(body).replace(":", "\\u003a"),
    lambda body: json.dumps(body).replace("0", "-0", 1),
    lambda body: json.dumps(body).replace("a", "\\u0061", 1),
    lambda body: json.dumps(body)[:-1] + ',"a": 1, "a": 2}',
    lambda body: json.dumps(body)[:-1] + ',"c": {}}',
    lambda body: json.dumps(body)[:-1],
    lambda body: json.dumps(body).replace("1", "NaN", 1),
    lambda body: 2 * json.dumps(body),
    lambda body: f"\ufeff {json.dumps(body)}",
]


def plain(body: Any) -> str:
    return msgspec.json.encode(body).decode()


@st.composite
def texts(draw: st.DrawFn) -> list[str | None]:
    """Bodies as JSON, most of them of one shape, a few like none, some written in another way."""
    values = st.sampled_from(ALIKE)
    names = st.sampled_from(LIKELY) | NAMES
    shape = draw(st.dictionaries(names, values | st.dictionaries(names, values, max_size=3), max_size=5))
    inside = {
        name: st.fixed_dictionaries(each) if isinstance(each, dict) else each
        for name, each in shape.items()
    }  # fmt: skip
    alike = st.fixed_dictionaries(inside)
    found: list[str | None] = [plain(body) for body in draw(st.lists(alike, min_size=4, max_size=30))]
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.integers(0, len(found) - 1))
        body = draw(st.one_of(alike, st.fixed_dictionaries({}, optional=inside), VALUES))
        written = draw(st.none() | st.just(plain) | st.sampled_from(WRITTEN))
        found[row] = None if written is None else written(body)
    return found


def one_by_one(bodies: Sequence[str | None], known: Types) -> pl.DataFrame:
    columns = Columns(known, len(bodies))
    for row, body in enumerate(bodies):
        columns.take(row, ABSENT if body is None else msgspec.json.decode(body))
    return columns.frame()


def said(frame: Callable[[Sequence[str | None], Types], pl.DataFrame], bodies: Any, known: Types) -> Any:
    """All of a frame: 0 is not -0 in it."""
    try:
        found = frame(bodies, known)
    except ValueError:
        return "no JSON"
    return list(found.schema.items()), repr(found.to_dict(as_series=False))


@given(texts(), st.dictionaries(st.sampled_from(LIKELY) | NAMES, VALUES))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_at_once_is_one_by_one(
    monkeypatch: pytest.MonkeyPatch, bodies: list[str | None], before: dict[str, Any]
) -> None:
    """The same columns in the same order, the same types, values and rest; and what is no JSON is none."""
    monkeypatch.setattr(fields, "FEW", 2)
    monkeypatch.setattr(fields, "SOME", 8)
    columns = Columns({}, 1)
    columns.take(0, before)
    known = columns.types
    assert said(fields_of, bodies, known) == said(one_by_one, bodies, known)


@pytest.mark.parametrize(
    "odd",
    [
        '{"n": -0, "s": "x"}',
        '{"n": -0.0, "s": "x"}',
        '{"n": 9007199254740993}',
        '{"n": 1' + 400 * "0" + "}",
        '{"n": 0.1' + 400 * "1" + "}",
        '{"n": null}',
        '{"n": 1, "n": 2}',
        '{"n": 1, "n": null}',
        '{"new": 1, "new": null}',
        '{"s": "\\u003a", "note": null}',
        '{"s": "\\u003A", "note": [1]}',
        '{"s": "::::", "t:": 1}',
        '{"s": "a\\u0000b", "n\\u0000": 1}',
        '{"s": 1, "n": "x"}',
        '{"o": {}}',
        '{"o": {"p": {}}}',
        '{"o": {"p": {"q": 1}, "r": {}}}',
        '{"o": null}',
        '{"o": 1}',
        '{"o.r": 1}',
        '{"o": {"r": true}, "o.r": false}',
        '{"time": "late", "Time": 1, "body": {"time": 2}, "body.time": 3}',
        '{"body": {"time": "late"}}',
        '{"N": 1}',
        '{"new": {"field": 1}, "n": 5}',
        "{}",
        "{ }",
        '{\n "n": 1\n}',
        ' {"n": 1} ',
        "[1, 2]",
        "null",
        '"n"',
        None,
        f'{{"n": {40 * "["}1{40 * "]"}}}',
        "{}{}",
        '{"n": NaN}',
        '{"n": 1e400}',
        '{"n": 01}',
        '{"n": 1,}',
        '{"s": "\\ud800"}',
        '{"s": "\t"}',
        '\ufeff{"n": 1}',
        "",
    ],
    ids=repr,
)
def test_one_odd_body_among_many(odd: str | None) -> None:
    """It is what it would have been alone, or no JSON; the others stay what they are."""
    alike = [plain({"n": n, "s": f"a:{n}", "o": {"p": {"q": n / 3}, "r": n > 5}, "time": "now"}) for n in range(700)]
    assert said(fields_of, alike, {}) == said(one_by_one, alike, {})
    bodies = [*alike[:500], odd, *alike[500:]]
    assert said(fields_of, bodies, {}) == said(one_by_one, bodies, {})


def test_what_only_together_would_be_json() -> None:
    """Bodies broken so that they are as many objects as bodies once they are joined are no JSON."""
    good = ['{"n": {"m": 1}}'] * 300
    assert said(fields_of, [*good, '{"n":', "{}}", "{}{}"], {}) == "no JSON"
    assert said(fields_of, [*good, "{}{}", ""], {}) == "no JSON"


def test_a_name_deeper_than_objects_are_followed() -> None:
    """A column whose name has forty dots is not what an object forty deep goes into."""
    name, deep = ".".join("d" * 41), '{"d":' * 41 + "1" + "}" * 41
    bodies = [f'{{"{name}": 1}}', *[deep] * 600]
    assert said(fields_of, bodies, {}) == said(one_by_one, bodies, {})


@pytest.mark.parametrize(
    ("bodies", "alone"),
    [
        ([{"n": n, "o": {"s": str(n)}} for n in range(3000)], 256),
        ([{"n": n} if n % 2 else {"o": {"s": ":"}} for n in range(3000)], 256),
        ([{"n": n} if n < 1000 else {"n": n, "late": n} for n in range(5000)], 256 + 1304),
        ([{"n": "x" if n == 2000 else n} for n in range(3000)], 256 + 256),
        ([{"n": n, "tags": []} for n in range(3000)], 3000),
    ],
    ids=["alike", "two shapes", "a field that comes late", "another type once", "a list in each"],
)
def test_how_many_are_taken_one_by_one(monkeypatch: pytest.MonkeyPatch, bodies: list[Any], alone: int) -> None:
    """The first 256, and those that do not fit; not those beside them."""
    taken: list[int] = []
    take = Columns.take
    monkeypatch.setattr(Columns, "take", lambda *said: (taken.append(said[1]), take(*said))[1])
    fields_of([plain(body) for body in bodies], {})
    assert len(taken) <= alone
