"""Moments and durations."""

from datetime import UTC, datetime, timedelta

import pytest

from minerlib.errors import SettingError
from minerlib.event.moment import DAY, HOUR, SECOND, duration, read_time, rfc3339, when, words

NOON = 1_700_000_000 * SECOND


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2023-11-14T22:13:20Z", NOON),
        ("2023-11-14T23:13:20.5+01:00", NOON + SECOND // 2),
        (1_700_000_000, NOON),
        (1_700_000_000.25, NOON + SECOND // 4),
        ("2023-11-14T22:13:20", None),  # no zone: not guessed
        ("yesterday", None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**18, None),
        ([1], None),
    ],
)
def test_a_producers_time_has_a_zone_or_is_epoch_seconds(said: object, meant: int | None):
    """Anything else is no time, and the event falls back on the stream's."""
    assert read_time(said) == meant


@pytest.mark.parametrize("text", ["0s", "5s", "250ms", "1h30m", "7d", "1d1h1m1s1ms1us"])
def test_durations_are_written_as_they_are_read(text: str):
    """`words` undoes `duration`."""
    assert words(duration(text)) == text


@pytest.mark.parametrize("text", ["", "5", "m5", "5 minutes", "-5m", "1h30", None, True])
def test_what_is_no_duration_is_refused(text: object):
    """With an example of what to write."""
    with pytest.raises(SettingError, match="90s, 5m"):
        duration(text)  # type: ignore[arg-type]


def test_moments_as_people_say_them():
    """`2h` is two hours ago; dates without a zone are UTC."""
    assert when("2h", NOON) == NOON - 2 * HOUR
    assert when(timedelta(days=1), NOON) == NOON - DAY
    assert when("2023-11-14", NOON) == NOON - (22 * HOUR + 13 * 60 * SECOND + 20 * SECOND)
    assert when(datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), 0) == NOON
    assert when("now", NOON) == NOON
    assert when(None, NOON) is None
    with pytest.raises(SettingError, match="not a time"):
        when("soon", NOON)


def test_times_are_written_so_that_text_sorts():
    """Always six decimals."""
    assert rfc3339(NOON) == "2023-11-14T22:13:20.000000Z"
