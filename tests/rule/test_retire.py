"""Instances that are forgotten, and how many there may be."""

from story import event, fold, rule, told

from minerlib.event import Event


def retire(at: str, offset: int, instance: dict[str, object], name: str = "r") -> Event:
    return event(at, {"rule": name, "instance": instance}, offset, kind="rule.retire", source="desk")


def test_what_is_unseen_for_long_is_forgotten():
    """What fires is retired with a word, what is quiet without one, both exactly then."""
    said = rule(retire="1h")
    events = [event("0s", {"v": 90}, 0, source="a"), event("1m", {"v": 9}, 1, source="b")]
    state, found = fold(said, events, "3h")
    assert told(found) == ["0s raised warning", "1h retired warning unseen"]
    assert state.instances == {}


def test_an_event_retires():
    """At its time, in order: what comes later is a new instance."""
    events = [event("0s", {"v": 90}, 0), retire("1m", 1, {"source": "a"}), event("2m", {"v": 90}, 2)]
    assert told(fold(rule(), events, "5m")[1]) == ["0s raised warning", "1m retired warning event", "2m raised warning"]


def test_an_event_for_another_rule_or_instance_retires_nothing():
    """Nor does one that names half an instance: that is a fault."""
    events = [event("0s", {"v": 90}, 0), retire("1m", 1, {"source": "b"}), retire("1m", 2, {"source": "a"}, "other")]
    state, found = fold(rule(), [*events, retire("2m", 3, {})], "5m")
    assert told(found) == ["0s raised warning"]
    assert [(each.offset, each.field) for each in state.faults] == [(3, "instance")]


def test_unknown_with_a_word_is_retired_with_one():
    """Who was told that it is unknown is told that it is gone."""
    said = rule(missing={"after": "5m"}, retire="1h")
    assert told(fold(said, [event("0s", {"v": 9}, 0)], "2h")[1]) == [
        "5m unknown warning missing", "1h retired warning unseen",
    ]  # fmt: skip


def test_a_bound_on_instances():
    """One too many is counted, said once, and not evaluated; room that is made is taken."""
    said = rule(instances=2, retire="1h")
    events = [event(f"{at}m", {"v": 90}, at, source=s) for at, s in enumerate("abcdc")]
    state, found = fold(said, [*events, event("2h", {"v": 90}, 9, source="c")], "2h30m")
    assert [each.instance["source"] for each in found if each.what == "raised"] == ["a", "b", "c"]
    assert (state.counts["beyond"], [each.field for each in state.faults]) == (3, ["instances"])
