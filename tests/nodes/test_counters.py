"""Rates of what is counted: from one look to the next."""

from collections.abc import Iterator

from minerlib.nodes.counters import Counters


def clock(*times: float) -> Iterator[float]:
    return iter(times)


def test_a_rate_is_the_rise_a_second_since_the_last_look():
    """The first look has nothing to compare with, and what is new has no rate either."""
    counters = Counters(clock(0, 2, 4).__next__)
    assert counters({"a": {"sent": 10}}) == {"a": {"sent": 10}}
    assert counters({"a": {"sent": 16}, "b": {"sent": 5}}) == {
        "a": {"sent": 16, "sent_per_second": 3},
        "b": {"sent": 5},
    }
    assert counters({"b": {"sent": 5}}) == {"b": {"sent": 5, "sent_per_second": 0}}


def test_a_counter_that_was_set_back_has_no_rate_once():
    """A driver that was loaded anew counts from nothing: that is no negative traffic."""
    counters = Counters(clock(0, 1, 2).__next__)
    counters({"a": {"sent": 10, "received": 10}})
    assert counters({"a": {"sent": 3, "received": 11}}) == {"a": {"sent": 3, "received": 11, "received_per_second": 1}}
    assert counters({"a": {"sent": 4, "received": 11}})["a"]["sent_per_second"] == 1


def test_what_was_away_begins_anew():
    """An interface that is gone for a look is not compared with what it was before."""
    counters = Counters(clock(0, 1, 2).__next__)
    counters({"a": {"sent": 10}})
    counters({})
    assert counters({"a": {"sent": 20}}) == {"a": {"sent": 20}}
