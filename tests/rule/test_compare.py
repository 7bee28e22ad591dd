"""Two rules over the same past."""

import json

from story import START, event, level, rule, series

from minerlib.event.moment import HOUR, MINUTE
from minerlib.rule import Comparison, Events, Rule, compare

TICK = event("2h", None, 1000, kind="tick")


def against(old: Rule, new: Rule, text: str) -> Comparison:
    return compare(old, new, Events([*series(text), TICK]))


def minutes(found: list) -> list[int]:
    return [(each.begin - START) // MINUTE for each in found]


def test_what_both_say_and_what_only_one_does():
    """A higher line loses one alert; the others are matched though they begin later and have other ids."""
    found = against(rule(levels=[level("> 80")]), rule(levels=[level("> 90")]), "70 85 95 70 85 70 95 70")
    assert [(minutes([pair.old]), minutes([pair.new])) for pair in found.both] == [([1], [2]), ([6], [6])]
    assert (minutes(found.only_old), found.only_new, found.same) == ([4], [], 2)
    assert found.says == (
        "over 2h: 2 alerts instead of 3; 2 the same, 1 gone, 0 new; firing 1.7% instead of 3.3% of the time."
    )


def test_what_is_new():
    """The other way round, and a rule that says something else."""
    found = against(rule(levels=[level("> 90")]), rule(levels=[level("> 80")]), "70 85 95 70 85 70 95 70")
    assert (found.only_old, minutes(found.only_new)) == ([], [4])
    found = against(rule(), rule(levels=[level("< 10")]), "90 70 5 70")
    assert (minutes(found.only_old), minutes(found.only_new), found.both) == ([0], [2], [])


def test_the_same_rule_changes_nothing():
    """Said in other words."""
    found = against(rule(), rule(about="new words"), "90 70 90 70")
    assert found.says == "over 2h: 2 alerts as before, at the same times; firing 1.7% instead of 1.7% of the time."
    assert against(rule(), rule(), "70").says == "over 2h: no alert, neither of the old rule nor of the new one."


def test_one_long_alert_instead_of_two():
    """It overlaps both: nothing is gone, and each pair is said."""
    slow = rule(clear={"for": "10m"})
    found = against(rule(), slow, "90 70 90 70x20")
    assert (len(found.both), found.only_old, found.only_new) == (2, [], [])
    assert (len(found.old.alerts), len(found.new.alerts)) == (2, 1)


def test_instances_are_kept_apart():
    """The alert of another server is another alert, even at the same time."""
    events = sorted([*series("90 90 70"), *series("70 70 70", source="b")], key=lambda each: each.time)
    others = sorted([*series("70 70 70"), *series("90 90 70", source="b")], key=lambda each: each.time)
    for at, (one, other) in enumerate(zip(events, others, strict=True)):
        events[at] = event(
            (one.time - START) // 1_000_000, {"v": one.body["v"], "w": other.body["v"]}, at, source=one.source
        )
    found = compare(rule(), rule(measure={"of": "w"}), Events([*events, TICK]))
    assert (len(found.only_old), len(found.only_new), found.both) == (1, 1, [])


def test_by_other_fields():
    """What both are by decides: a disk's alert is its server's."""
    events = [event(60 * n, {"v": v, "disk": "/"}, n) for n, v in enumerate([70, 90, 70])]
    events += [event(600 + n, {"v": v, "disk": "/"}, 10 + n, source="b") for n, v in enumerate([70, 90, 70])]
    found = compare(rule(by=["source"]), rule(by=["source", "disk"]), Events([*events, TICK]))
    assert (len(found.both), found.only_old, found.only_new) == (2, [], [])


def test_by_nothing_at_all():
    """A rule about everything together, beside one about each server, and beside itself."""
    for old, new in ((rule(by=[]), rule()), (rule(), rule(by=[])), (rule(by=[]), rule(by=[], version=2))):
        assert (against(old, new, "70 90 70").same, against(old, new, "70 90 70").only_new) == (1, [])


def test_since_is_the_same_for_both():
    """Spans are before the newest event; both are primed."""
    found = compare(rule(), rule(), Events([*series("90 70 90 70"), TICK]), since="119m")
    assert (found.old.since, found.new.since) == (START + MINUTE, START + MINUTE)
    assert found.old.until == START + 2 * HOUR
    assert len(found.both) == 2  # one of them fires already when the range begins


def test_it_is_plain_json_and_readable_text():
    """Each side's numbers, and what changes, by the newest ten."""
    found = against(rule(levels=[level("> 80")]), rule(levels=[level("> 90")], version=2), "85 70 " * 12 + "95 70")
    plain = json.loads(json.dumps(found.to_dict()))
    assert (plain["old"]["alerts"], plain["new"]["alerts"], len(plain["only_old"]), len(plain["both"])) == (
        13,
        1,
        12,
        1,
    )
    assert plain["only_old"][0]["begin"] == "2024-10-04T00:00:00.000000Z"
    lines = str(found).splitlines()
    assert lines[0] == f"r, version 1 and 2: {found.says}"
    assert "  old  13 alerts; a day median 13, p95 13, worst 13; firing 10.8% of the time" in lines
    assert "  gone (the last 10 of 12):" in lines
    assert len([line for line in lines if line.startswith("    ")]) == 10
    assert lines[-1].endswith(", for 1m")
