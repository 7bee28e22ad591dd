"""What Prometheus makes of `for` where samples are missing, and how it is said here: any series, against a model."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from minerlib.event.moment import MINUTE, words
from minerlib.rule import Rule

from .folding import START, firing, fold
from .prometheus import events, samples

LOOKBACK = 5  # minutes for which a sample stands
series = st.lists(st.sampled_from(["0", "0x3", "0x6", "1", "_", "_x3", "_x6"]), min_size=1, max_size=8).map(" ".join)


def prometheus(values: str, hold: int) -> list[int]:
    """The minutes at which `up == 0` fires: it has held at every evaluation for so long, and one without a sample is
    one at which it does not hold."""
    told, active, fires = samples(values), None, list[int]()
    for minute in range(len(told)):
        recent = [each for each in told[max(0, minute - LOOKBACK + 1) : minute + 1] if each is not None]
        if not recent or recent[-1] != 0:
            active = None
            continue
        active = minute if active is None else active
        fires += [minute] if minute - active >= hold else []
    return fires


def ours(values: str, hold: int, absent: bool) -> list[int]:
    """The minutes at which a rule fires that reads the same; `absent` clears what has no sample any more."""
    rule = Rule.from_dict({
        "rule": "down", "kind": "up", "by": [],
        "measure": {"of": "value", "agg": "last", "over": words(LOOKBACK * MINUTE), "every": "1m"},
        "levels": [{"severity": "critical", "when": "== 0", "for": words(hold * MINUTE)}],
    } | ({"missing": {"after": words(LOOKBACK * MINUTE), "then": "clear"}} if absent else {}))  # fmt: skip
    minutes = range(len(samples(values)))
    said = fold(rule, events("up", values, MINUTE), minutes[-1] * MINUTE)[1]
    return [minute for minute in minutes if firing([each for each in said if each.due <= START + minute * MINUTE])]


@settings(deadline=None)
@given(series, st.integers(0, 12))
@example("0x4 _x6 0x4", 6)
def test_with_missing_then_clear_it_is_the_same(values: str, hold: int) -> None:
    """At every minute of any series."""
    assert ours(values, hold, absent=True) == prometheus(values, hold)


@settings(deadline=None)
@given(series, st.integers(0, 12))
def test_without_it_fires_then_too(values: str, hold: int) -> None:
    """A sample that is missing ends nothing, so that it fires at more minutes and never at less."""
    assert set(prometheus(values, hold)) <= set(ours(values, hold, absent=False))


def test_an_absent_evaluation_does_not_begin_for_anew() -> None:
    """Down for ten minutes, and heard of at the first two and the last: it fires; there it has just become pending."""
    assert ours("0 0 _x7 0", 9, absent=False) == [9]
    assert prometheus("0 0 _x7 0", 9) == []


def test_what_fell_silent_while_it_fired_fires_on() -> None:
    """There it is resolved five minutes after its last sample."""
    assert ours("0x2 _x7", 2, absent=False) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert prometheus("0x2 _x7", 2) == [2, 3, 4, 5, 6]
