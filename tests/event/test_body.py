"""Bodies."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.body import field, flatten, read_parts


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
