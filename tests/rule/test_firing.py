"""When instances fire, by what was said of them."""

from story import START, event, fold, rule, series

from minerlib.event import Event
from minerlib.event.moment import MINUTE
from minerlib.rule import Rule, Stream
from minerlib.rule.firing import Spans, firings

STREAM = Stream("acme.web.prod", "e")


def spans(said: Rule, events: list[Event], until: str) -> list[tuple[float, float, str]]:
    """Begin, end in minutes, and severity of each firing."""
    state, transitions = fold(said, events, until)
    found = firings(transitions, {STREAM: state.clock})
    return [((each.begin - START) / MINUTE, (each.end - START) / MINUTE, each.severity) for each in found]


def test_from_raised_to_cleared():
    """One span each; the second still fires at the end."""
    assert spans(rule(), series("70 90 90 70 90"), "9m") == [(1, 3, "warning"), (4, 9, "warning")]


def test_it_is_as_bad_as_it_was_at_its_worst():
    """Escalated once, it stays so until it clears."""
    levels = [{"severity": "warning", "when": "> 80"}, {"severity": "critical", "when": "> 95"}]
    assert spans(rule(levels=levels), series("90 99 90 70 90"), "5m") == [(0, 3, "critical"), (4, 5, "warning")]


def test_what_flaps_fires_until_it_settles():
    """Two spans, then a latched one, through all that it would have said, until half an hour after the last change."""
    said = rule(flap={"most": 4, "per": "30m"})
    found = spans(said, series("90 70 90 70 90 70 90 70"), "2h")
    assert found == [(0, 1, "warning"), (2, 3, "warning"), (4, 37, "warning")]


def test_flapping_goes_on_where_it_fired():
    """Latched by what would have cleared it, it is the same span, on to where its machine fires no more."""
    said = rule(flap={"most": 1, "per": "30m"})
    assert spans(said, series("70 90 70"), "2h") == [(1, 32, "warning")]
    assert spans(said, series("70 90 70 90 90"), "2h") == [(1, 120, "warning")]


def test_the_unknown_fires_only_if_it_fired():
    """Silence ends nothing and begins nothing, and neither does the return from it."""
    said = rule(missing={"after": "3m", "then": "hold"})
    assert spans(said, series("90 _x9 90 70"), "1h") == [(0, 11, "warning")]
    assert spans(said, series("70 _x9 70"), "1h") == []


def test_the_silence_of_a_stream_fires_where_it_alerts():
    """Its span is that of no instance; the one of an instance that was missed is its own."""
    said = rule(missing={"after": "3m", "then": "alert"})
    events = [event("0s", {"v": 9}, 0), event("0s", {"v": 9}, 1, source="b"), event("9m", {"v": 9}, 2)]
    assert spans(said, events, "10m") == [(3, 9, "warning")]


def test_the_retired_fire_no_more():
    """Forgotten, it has ended."""
    assert spans(rule(retire="1h"), series("70 90"), "3h") == [(1, 61, "warning")]


def test_what_overlaps():
    """Both ends belong to a span; a long one is found behind many short ones."""
    transitions = fold(rule(), [*series("90 70 90 70 90 70")], "1h")[1]
    b = fold(rule(), series("90 90 90 90 90 90 90 70", source="b"), "1h")[1]
    found = Spans(firings([*transitions, *b], {STREAM: START}))

    def over(begin: int, end: int) -> list[tuple[str, int]]:
        some = found.over(START + begin * MINUTE, START + end * MINUTE)
        return [(each.instance["source"], (each.begin - START) // MINUTE) for each in some]

    assert over(3, 3) == [("b", 0), ("a", 2)]
    assert over(7, 9) == [("b", 0)]
    assert over(8, 9) == []
    assert over(-5, 0) == [("a", 0), ("b", 0)]
