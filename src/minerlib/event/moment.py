"""Moments and durations: whole microseconds since 1970 (UTC) inside, RFC 3339 outside."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from minerlib.errors import SettingError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_UNITS = {"us": 1, "ms": 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)")
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
LAST = int((datetime(9999, 12, 31, tzinfo=UTC) - _ZERO).total_seconds()) * SECOND
FIRST = int((datetime(1, 1, 2, tzinfo=UTC) - _ZERO).total_seconds()) * SECOND


def now() -> int:
    """The wall clock, in microseconds since 1970. Only edges call it; the core is told the time."""
    return time.time_ns() // 1000


def from_datetime(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    since = moment - _ZERO
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def to_datetime(moment: int) -> datetime:
    """The aware datetime (UTC) of microseconds since 1970."""
    return _ZERO + timedelta(microseconds=moment)


def rfc3339(moment: int) -> str:
    """`2026-11-23T04:00:00.250000Z`, always with six decimals, so that text sorts as time does."""
    return f"{to_datetime(moment).isoformat(timespec='microseconds')[:-6]}Z"


def read_time(value: Any) -> int | None:
    """What a producer wrote as time: RFC 3339 with a zone, or epoch seconds. None where it is neither."""
    if isinstance(value, str):
        try:
            moment = msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            return None
        if moment.tzinfo is None:
            return None
        try:
            return from_datetime(moment)
        except OverflowError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not -1e11 < value < 1e12:  # NaN too
        return None
    moment = value * SECOND if isinstance(value, int) else round(value * SECOND)
    return moment if FIRST <= moment <= LAST else None


def duration(text: str | int | float | timedelta) -> int:
    """`90s`, `1h30m`, `250ms`, a number of seconds, or a timedelta, as microseconds.

    >>> duration("1h30m") // SECOND
    5400

    Raises SettingError where it is none of these or below zero.
    """
    if isinstance(text, timedelta):
        return text // timedelta(microseconds=1)
    if isinstance(text, (int, float)) and not isinstance(text, bool) and 0 <= text < 1e10:
        return round(text * SECOND)
    if isinstance(text, str):
        if text.strip() == "0":
            return 0
        parts = _PART.findall(text.strip())
        if parts and "".join(n + u for n, u in parts) == text.strip():
            return round(sum(float(n) * _UNITS[u] for n, u in parts))
    raise SettingError(f"{text!r} is not a duration: write it like 90s, 5m, 2h, 7d or 1h30m.")


def words(span: int) -> str:
    """A duration as `duration` reads it, in the largest units that are whole: 5400 s is `1h30m`."""
    out, left = "", span
    for unit in ("d", "h", "m", "s", "ms", "us"):
        count, left = divmod(left, _UNITS[unit])
        out += f"{count}{unit}" if count else ""
    return out or "0s"


def when(text: str | int | float | datetime | timedelta | None, at: int) -> int | None:
    """A moment as people say it: `2h` (that long before `at`), RFC 3339, a date, a datetime.

    A datetime or date without a zone is UTC. Raises SettingError where it is no moment.
    """
    if text is None:
        return None
    if isinstance(text, datetime):
        return from_datetime(text if text.tzinfo else text.replace(tzinfo=UTC))
    if isinstance(text, timedelta):
        return at - text // timedelta(microseconds=1)
    if isinstance(text, (int, float)):
        found = read_time(text)
    else:
        if text.strip() == "now":
            return at
        if _PART.match(text.strip()) and "-" not in text:
            return at - duration(text)
        try:
            moment = datetime.fromisoformat(text.strip())
            return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except ValueError:
            found = None
    if found is None:
        raise SettingError(f"{text!r} is not a time: write 2h (ago), 2026-11-23, or 2026-11-23T04:00:00Z.")
    return found
