"""What waits while a rule begins."""

from story import START, event, rule, told

from minerlib.event.moment import MINUTE, SECOND
from minerlib.rule import State, begin, evaluate


def test_what_is_primed_and_what_is_due_at_that_moment_are_two():
    """What still waits at `begin` may raise again, due at the very moment that was said: under another id."""
    said = rule()
    events = [event("0s", {"v": 90}, 0), event("6s", {"v": 70}, 1), event("10s", {"v": 90}, 2)]
    state, _ = evaluate(said, State.fresh("acme.web.prod", "e"), events)
    begun = begin(said, state, START + 10 * SECOND)
    _, more = evaluate(said, state, [], START + MINUTE)
    assert told([*begun, *more]) == ["10s raised warning primed", "6s cleared warning", "10s raised warning"]
    assert len({each.id for each in [*begun, *more]}) == 3
