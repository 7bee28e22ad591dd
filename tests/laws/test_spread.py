"""A rule folded in parts, by source, says what it says when it is folded as a whole, to the last number."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.rule.history import Events, Stream
from minerlib.rule.rule import Rule
from minerlib.rule.spread import divides, fold_part, independent, joined

from .strategies import Case, cases
from .test_lookback import LAW

STREAM = Stream("acme.web.prod", "e")


def folded(rule: Rule, events: list[Event], since: int | None, clock: int):
    return fold_part(rule.to_dict(), Events(events), STREAM, since, None, clock, None)


@LAW
@given(cases(), st.data())
def test_parts_say_what_the_whole_says(case: Case, data: st.DataObject) -> None:
    """Wherever it begins, however the sources are dealt out."""
    rule = replace(case.rule, missing=None)
    assume(rule.levels and divides(rule, Events(case.events), STREAM))
    since = data.draw(st.sampled_from([None, *(each.seen for each in case.events)]))
    whole = folded(rule, case.events, since, case.clock)
    hands = {source: data.draw(st.integers(0, 1)) for source in "abcx"}
    parts = [[event for event in case.events if hands[event.source] == hand] for hand in (0, 1)]
    found = [folded(rule, events, since, case.clock) for events in parts if events]
    assume(independent(rule, found, since))
    assert joined(found, since) == whole
