"""AMQP's patterns."""

import re

from hypothesis import given
from hypothesis import strategies as st

from minerlib.event.pattern import kind_matches, topic_matches

WORDS = st.lists(st.sampled_from(["a", "b", "*", "#"]), min_size=1, max_size=5)
KEYS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=6)


def by_regex(pattern: list[str], key: list[str]) -> bool:
    """The obvious way: every word with a dot behind it."""
    parts = [r"(?:\w+\.)*" if word == "#" else r"\w+\." if word == "*" else word + r"\." for word in pattern]
    return re.fullmatch("".join(parts), "".join(word + "." for word in key)) is not None


@given(WORDS, KEYS)
def test_a_pattern_matches_as_a_topic_exchange_would(pattern: list[str], key: list[str]):
    """`*` is one word and `#` any number, also none."""
    assert topic_matches(".".join(pattern), ".".join(key)) == by_regex(pattern, key)


def test_our_own_kinds_are_matched_only_when_named():
    """Ticks and alerts stay out of sight of `#`."""
    assert not kind_matches("#", "tick")
    assert not kind_matches("*.disk-full", "alert.disk-full")
    assert kind_matches("tick", "tick")
    assert kind_matches("alert.#", "alert.disk-full")
    assert kind_matches("#", "ticket.new")
