"""The time of rows that somebody gives: which column says it, and what it says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from statistics import median_low
from typing import Any, NamedTuple

from minerlib.archive.given import Rows
from minerlib.errors import SettingError
from minerlib.event.moment import from_datetime

NAMES = ("time", "timestamp", "@timestamp", "datetime", "date_time", "date", "ts", "when", "event_time", "created_at")
_UNITS = [
    ("seconds", 10**8, 1_000_000, 1),
    ("milliseconds", 10**11, 1000, 1),
    ("microseconds", 10**14, 1, 1),
    ("nanoseconds", 10**17, 1, 1000),
]  # name, the least number that is one (in 1973), its microseconds
_DAYS = "dates, read as midnight UTC"
_Unit = tuple[str, int, int, int]
_FIRST = from_datetime(datetime(1, 1, 2, tzinfo=UTC))
_LAST = from_datetime(datetime(9999, 12, 31, tzinfo=UTC))


class Times(NamedTuple):
    """The times of rows in microseconds, None where none can be read, and in words how they were written."""

    column: str
    moments: list[int | None]
    written: str


def times_of(rows: Rows, column: str | None = None) -> Times:
    """The times in `column`, or in the one column that has them. Raises SettingError where none or several have."""
    if column is not None:
        if column not in rows.names:
            raise SettingError(f"There is no column {column!r}; there are {', '.join(rows.names[:12])}.")
        return _read(column, rows.column(column))
    named = [name for name in rows.names if name.lower() in NAMES]
    for candidates in (named, [name for name in rows.names if name not in named]):
        found = [_read(name, rows.column(name)) for name in candidates]
        # a number alone is a time only where the name says so
        found = [t for t in found if _most(t.moments) and (candidates is named or "since 1970" not in t.written)]
        if len(found) == 1 and found[0].written == _DAYS and len(named) > 1:
            days = found[0].column
            raise SettingError(
                f"The column {days} has only days, and {' or '.join(name for name in named if name != days)} cannot be"
                f" read: join them to one column first, or say --time {days} for midnights."
            )
        if len(found) == 1:
            return found[0]
        if found:
            names = " and ".join(times.column for times in found)
            raise SettingError(f"The columns {names} all hold times: say which, with --time (in Python time=...).")
    if len(named) == 1:  # half of it cannot be read, but nothing else can be meant
        return _read(named[0], rows.column(named[0]))
    raise SettingError(
        f"No column holds times; there are {', '.join(rows.names[:12])}. Times are written like 2026-11-23T04:00:00Z,"
        " 2026-11-23 04:00, or as seconds since 1970; --time names their column."
    )


def _most(moments: Sequence[int | None]) -> bool:
    return sum(moment is not None for moment in moments) * 2 > len(moments)


def _read(column: str, values: list[Any]) -> Times:
    read = [_understood(value) for value in values]
    unit = _unit([value for value in read if isinstance(value, (int, float))])
    how: dict[str, None] = {}
    moments: list[int | None] = []
    for value in read:
        moment, said = _moment(value, unit)
        if moment is not None and _FIRST <= moment <= _LAST:
            how[said] = None
            moments.append(moment)
        else:
            moments.append(None)
    return Times(column, moments, " and ".join(how))


def _understood(value: Any) -> datetime | date | int | float | None:
    """A value as a moment, a day or a number; None where it is none of them."""
    if isinstance(value, str):
        text = value.strip()
        value = _number(text)
        if value is None:
            try:
                value = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
            except ValueError:
                return None
    if isinstance(value, int) and not isinstance(value, bool) and 10**7 <= value < 10**8:  # 20261123 is a day
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            return None
    if isinstance(value, (int, float)):
        return value if not isinstance(value, bool) and abs(value) < 1e20 else None  # NaN neither
    return value if isinstance(value, date) else None  # a datetime is a date


def _moment(value: datetime | date | int | float | None, unit: _Unit | None) -> tuple[int | None, str]:
    """A value as microseconds, and how it was written."""
    try:
        if isinstance(value, (int, float)):
            if unit is None or not unit[1] <= abs(value) < unit[1] * 1000:  # another unit, or an error
                return None, ""
            _, _, times, over = unit
            exact = value * times // over if isinstance(value, int) else round(value * times / over)
            return exact, f"{unit[0]} since 1970"
        if isinstance(value, datetime):
            if value.tzinfo is None:
                return from_datetime(value.replace(tzinfo=UTC)), "moments without a zone, read as UTC"
            return from_datetime(value), "moments with a zone"
        if value is not None:
            return from_datetime(datetime(value.year, value.month, value.day, tzinfo=UTC)), _DAYS
    except OverflowError:
        pass
    return None, ""


def _unit(numbers: list[int | float]) -> _Unit | None:
    """The unit of numbers since 1970, by how large most of them are; None where they count from somewhere else."""
    size = median_low(map(abs, numbers)) if numbers else 0
    return next((unit for unit in reversed(_UNITS) if size >= unit[1]), None)


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
