"""Bodies as columns: whatever a body holds, it can be had back."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minerlib.archive import Archive, seal
from minerlib.archive.bodies import bodies_of
from minerlib.archive.columns import MOST
from minerlib.archive.frames import events_of, frame_of
from minerlib.archive.onebyone import Columns

from .made import SCOPE, event, write

NAMES = st.one_of(
    st.sampled_from(["a", "b", "A", "a.b", "b.a", "", ".", "a.", "time", "Time", "body", "body.time", "rest", "date"]),
    st.text(max_size=4),
)
NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**64, 10**30]),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
BODIES = st.lists(st.one_of(st.dictionaries(NAMES, VALUES, max_size=6), VALUES), min_size=1, max_size=8)


def exact(value: Any) -> str:
    """A body as text in which 1 and 1.0 are the same, and 1 and true are not."""

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: told(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [told(inner) for inner in value]
        if isinstance(value, float) and value == int(value):
            return int(value)
        return value

    return json.dumps(told(value), sort_keys=True)


def columns_of(bodies: list[Any], known: dict[str, type] | None = None) -> Columns:
    found = Columns(known or {}, len(bodies))
    for row, body in enumerate(bodies):
        found.take(row, body)
    return found


@given(BODIES, st.lists(st.one_of(st.dictionaries(NAMES, VALUES, max_size=6)), max_size=2))
@settings(max_examples=400)
def test_every_body_comes_back(bodies: list[Any], before: list[Any]) -> None:
    """Whatever was in the columns before, a body is what its columns and its rest say, up to 1 and 1.0."""
    found = columns_of(bodies, columns_of(before).types)
    assert list(map(exact, bodies_of(found.columns, found.rest))) == list(map(exact, bodies))
    for name, values in found.columns.items():
        assert {type(value) for value in values if value is not None} <= {found.types[name]}


@given(BODIES, BODIES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_body_comes_back_from_disk(
    tmp_path_factory: pytest.TempPathFactory, first: list[Any], second: list[Any]
) -> None:
    """The same through SQLite, Delta (two appends, the second with other fields) and back."""
    root = tmp_path_factory.mktemp("archive")
    events = [event(n, [body]) for n, body in enumerate([*first, *second])]
    events = [type(e)(**{**{f: getattr(e, f) for f in e.__struct_fields__}, "body": e.body[0]}) for e in events]
    write(root, events[: len(first)])
    assert seal(root, SCOPE) == len(first)
    write(root, events[len(first) :])
    for _ in range(2):
        archive = Archive(root)
        back = [e for batch in archive.events(archive.streams()[0]) for e in batch]
        assert [exact(e.body) for e in back] == [exact(e.body) for e in events]
        assert [(e.time, e.source, e.offset) for e in back] == [(e.time, e.source, e.offset) for e in events]
        seal(root, SCOPE)


@pytest.mark.parametrize(
    ("body", "columns", "rest"),
    [
        ({"used": 3, "tags": ["a"]}, {"used": 3.0}, {"tags": ["a"]}),
        ({"cpu": {"user": 3}}, {"cpu.user": 3.0}, None),
        ({"cpu.user": 3}, {"cpu.user": 3.0}, {"": [["cpu.user"]]}),
        ({"a.b": 1, "a": {"b": 2}}, {"a.b": 2.0}, {"": {"a.b": 1, "a": {"b": 2}}}),
        ([1, 2], {}, [1, 2]),
        (None, {}, None),
        ({"time": "now", "Offset": 1}, {"body.time": "now", "body.Offset": 1.0}, None),
        ({"n": 2**53, "m": 2**53 + 1}, {"n": 2.0**53}, {"m": 2**53 + 1}),
        ({"x": None, "y": {}, "z": True}, {"z": True}, {"x": None, "y": {}}),
        ({"Load": 1, "load": 2}, {"Load": 1.0}, {"load": 2}),
        ({"nul\0": 1}, {}, {"nul\0": 1}),
    ],
    ids=repr,
)
def test_what_goes_where(body: Any, columns: dict[str, Any], rest: Any) -> None:
    """The table in columns.py's first lines, and more of it."""
    found = columns_of([body])
    assert {name: values[0] for name, values in found.columns.items()} == columns
    assert (json.loads(found.rest[0]) if found.rest[0] else None) == rest


def test_the_first_type_stays() -> None:
    """A column never changes its type; who comes with another stands in rest."""
    found = columns_of([{"v": 1}, {"v": "one"}, {"v": 2.5}, {"v": True}])
    assert found.types == {"v": float}
    assert found.columns == {"v": [1.0, None, 2.5, None]}
    assert found.rest == [None, '{"v":"one"}', None, '{"v":true}']


def test_thousands_of_fields(tmp_path: Path) -> None:
    """A kind has a thousand columns at most; the other fields are in rest, and nothing is refused."""
    body = {f"field {n}": n for n in range(3000)}
    write(tmp_path, [event(0, body)])
    seal(tmp_path, SCOPE)
    write(tmp_path, [event(1, {**body, "late": 1})])
    seal(tmp_path, SCOPE)
    frame = Archive(tmp_path).scan("cpu.usage").sort("offset").collect()
    assert sum(name.startswith("field ") for name in frame.columns) == MOST
    assert [e.body for e in events_of(frame)] == [body, {**body, "late": 1}]


@pytest.mark.parametrize(
    "name", ["a b", 'a"b', "a'b", "a,;{}()\n\t=b", "größe", "😀", "a.b", "a/b", "%41", "`", "$", "\\"]
)
def test_names_of_fields(tmp_path: Path, name: str) -> None:
    """Fields may be called anything: they are columns before and after sealing."""
    write(tmp_path, [event(0, {name: 1}), event(1, {name: 2})])
    for _ in range(2):
        frame = Archive(tmp_path).scan("cpu.usage").filter(pl.col(name) > 1).collect()
        assert frame[name].to_list() == [2.0]
        seal(tmp_path, SCOPE)


def test_raw_events_have_no_body() -> None:
    """The bytes are kept, and null is not nothing."""
    rows = [("e1", 0, 0, 1, 1, "web", "x", None, b"\xff", 0), ("e1", 1, 0, 1, 1, "web", "x", "null", None, 1)]
    frame = frame_of(rows, SCOPE, {})
    assert frame.select("raw", "rest", "repeat").rows() == [(b"\xff", None, False), (None, "null", True)]
    assert [(e.body, e.raw) for e in events_of(frame)] == [(None, b"\xff"), (None, None)]
