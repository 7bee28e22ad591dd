"""Silence: of an instance, in three forms, and of a whole stream."""

import pytest
from story import event, fold, level, rule, tell, told

from minerlib.rule import Transition


def silent(then: str, **other: object):
    """`v > 80` for eight minutes, missed after five."""
    return rule(levels=[level("> 80", "8m")], missing={"after": "5m", "then": then}, **other)


def test_hold_freezes_what_was_timed():
    """Seven of eight minutes held, then five were unknown: one more minute raises."""
    assert tell(silent("hold"), "90 90 90 _x9 90 90 _x2", "16m") == [
        "7m unknown warning missing", "12m returned warning returned", "13m raised warning",
    ]  # fmt: skip


def test_hold_says_what_it_was():
    """From which state it went, and into which it came back."""
    found = fold(silent("hold"), [event(f"{at}m", {"v": 90}, at) for at in (0, 4, 8, 20)], "21m")[1]
    assert [(each.what, each.was, each.now) for each in found] == [
        ("raised", "pending", "firing"), ("unknown", "firing", "unknown"), ("returned", "unknown", "firing"),
    ]  # fmt: skip


def test_what_is_missing_is_held_where_nothing_is_said():
    """`hold` is meant where `then` is left out."""
    said = rule(levels=[level("> 80")], missing={"after": "5m"})
    assert tell(said, "9 _x9", "8m") == ["5m unknown warning missing"]


def test_clear_ends_what_fires_and_nothing_else():
    """An alert is cleared, a timer begins anew, and what was quiet stays quiet."""
    assert tell(silent("clear"), "90x9 _x9 90x9", "26m30s") == [
        "8m raised warning", "13m cleared warning missing", "26m raised warning",
    ]  # fmt: skip
    assert tell(silent("clear"), "9 _x9", "1h") == []


def of(source: str, *minutes: float) -> list[tuple[float, str]]:
    return [(at, source) for at in minutes]


def heard(then: str, *events: tuple[float, str], until: str = "1h") -> list[str]:
    """What is said of events at minutes, by sources; the stream's own words name nobody."""
    said = rule(levels=[level("> 80")], missing={"after": "10m", "then": then})
    found = fold(
        said, [event(f"{round(at * 60)}s", {"v": 1}, n, source=s) for n, (at, s) in enumerate(sorted(events))], until
    )[1]
    return [f"{line} {_who(each)}".strip() for line, each in zip(told(found), found, strict=True)]


def _who(each: Transition) -> str:
    return str(each.instance.get("source", ""))


def test_one_of_two_falls_silent():
    """The other spoke within the last five minutes: it is about one instance."""
    assert heard("alert", *of("a", 0), *of("b", 0, 4, 8, 12), until="15m") == ["10m raised warning missing a"]


def test_all_fall_silent_and_one_word_is_said():
    """Three sources, none heard for half of `after` at the first due time: the stream is silent, its sources are not
    named."""
    events = [*of("a", 0), *of("b", 1), *of("c", 2)]
    assert heard("alert", *events) == ["10m raised warning missing"]
    assert heard("hold", *events) == ["10m unknown warning missing"]


def test_the_stream_returns_and_those_that_do_not_are_missed_for_themselves():
    """Two of three come back; the third is due anew from then on."""
    events = [*of("a", 0, 30, 33, 36, 39, 42), *of("b", 1, 31, 34, 37, 40, 43), *of("c", 2)]
    assert heard("alert", *events, until="44m") == [
        "10m raised warning missing", "30m cleared warning returned", "40m raised warning missing c",
    ]  # fmt: skip
    assert heard("hold", *events, until="44m") == [
        "10m unknown warning missing", "30m returned warning returned", "40m unknown warning missing c",
    ]  # fmt: skip


def test_the_stream_falls_silent_again():
    """One came back for a moment: the others are due with it, and one word is said again."""
    events = [*of("a", 0, 30), *of("b", 1), *of("c", 2)]
    assert heard("alert", *events) == [
        "10m raised warning missing", "30m cleared warning returned", "40m raised warning missing",
    ]  # fmt: skip


def test_one_instance_speaks_for_itself():
    """Where only one is known, naming it says more."""
    assert heard("alert", *of("a", 0)) == ["10m raised warning missing a"]


def test_clear_has_no_word_for_the_stream():
    """Each alert that is open has to be closed."""
    said = rule(missing={"after": "10m", "then": "clear"})
    events = [event("0s", {"v": 90}, 0, source="a"), event("1m", {"v": 90}, 1, source="b")]
    assert told(fold(said, events, "1h")[1]) == [
        "0s raised warning", "1m raised warning", "10m cleared warning missing", "11m cleared warning missing",
    ]  # fmt: skip


@pytest.mark.parametrize("then", ["hold", "alert"])
def test_an_event_at_the_very_moment_keeps_the_stream_alive(then: str):
    """At the due time exactly an event comes before an expiry."""
    assert heard(then, *of("a", 0, 10), *of("b", 0, 10), until="19m") == []
