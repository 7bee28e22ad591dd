"""Bodies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.body import DEEPEST, field, flatten, read_parts
from minerlib.event.fields import Shapes


@given(st.binary(max_size=200))
def test_bytes_are_read_or_kept(data: bytes):
    """Nothing that a message holds is lost, whatever it is, and nothing is raised."""
    parts = read_parts(data)
    assert parts
    kept = [part.raw for part in parts if part.raw is not None]
    assert all(raw in data for raw in kept)
    if len(parts) == 1 and parts[0].raw is not None:
        assert parts[0].raw == data


def test_lines_of_json_are_many_events():
    """NDJSON is known by its content; a bad line is kept raw and its neighbours live."""
    parts = read_parts(b'{"a": 1}\nnot json\n\n{"a": 2}\n')
    assert [(part.body, part.raw) for part in parts] == [({"a": 1}, None), (None, b"not json"), ({"a": 2}, None)]


def test_one_value_over_many_lines_is_one_event():
    """Indented JSON is not NDJSON, and neither is a text that happens to have a number on a line."""
    assert [part.body for part in read_parts(b'{\n "a": 1\n}')] == [{"a": 1}]
    assert [part.raw for part in read_parts(b"hello\n42\n")] == [b"hello\n42\n"]


def test_nesting_without_end_is_kept_raw():
    """A body made to be deep costs one event, not the reader."""
    deep = b"[" * 100_000
    assert read_parts(deep) == [(None, deep)]


def calling(depth: int, data: bytes) -> bool:
    """Whether bytes are read as a body by somebody so many calls deep, alone and among those of a kind."""
    if depth:
        return calling(depth - 1, data)
    read, odd = Shapes().read("k", [data, b'{"v": 1}'])
    body = read_parts(data)[0].raw is None
    assert (len(read), odd) == ((2, []) if body else (1, [0]))
    return body


@pytest.mark.parametrize(("left", "right"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_who_reads_makes_no_difference(left: bytes, right: bytes):
    """How deep a body may be depends on nothing but the body: what one reader kept another can read."""
    for depth, wanted in ((DEEPEST, True), (DEEPEST + 1, False), (950, False)):
        data = b'{"v":' + left * (depth - 1) + b"1" + right * (depth - 1) + b"}"
        assert [calling(calls, data) for calls in (0, 500)] == [wanted, wanted], depth


def test_many_brackets_are_not_deep():
    """Beside one another, or in a text, also behind a quote in it."""
    for value in ([[]] * 1000, "[" * 1000, '"' + "{" * 1000, [{"a": ["\\"]}] * 1000):
        assert read_parts(json.dumps({"v": value, "w": "{" * 9}).encode())[0].body == {"v": value, "w": "{" * 9}


def test_fields_are_dotted_names():
    """Nested objects flatten; lists and empty objects stay what they are."""
    assert flatten({"a": {"b": {"c": 1}}, "l": [1], "e": {}}) == {"a.b.c": 1, "l": [1], "e": {}}
    assert flatten([1, 2]) == {}


@given(
    st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8)
)
def test_every_flattened_field_can_be_found(body: Any):
    """`field` finds what `flatten` names."""
    for name, value in flatten(body).items():
        assert field(body, name) == value


def test_a_plain_name_wins_over_a_nested_one():
    """A name with a dot in it is itself before it is a path."""
    assert field({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert flatten({"a.b": 1, "a": {"b": 2}}) == {"a.b": 1}
    assert field({"a": {"b.c": 3}}, "a.b.c") == 3
    assert field({"a": 1}, "a.b") is None
