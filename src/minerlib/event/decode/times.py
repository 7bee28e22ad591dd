"""Times as producers write them. The unit is named by whoever asks, or by the number's own size; never the zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from minerlib.event.moment import SECOND, from_datetime, read_time

UNITS = {"s": SECOND, "ms": 1000, "us": 1, "ns": 0.001}
_MOST = 1e22  # nanoseconds of any year
_YEARS = 20 * 365 * 86_400 * SECOND


def in_unit(value: float, unit: str) -> int | None:
    """The moment (µs) of a number of `unit` (s, ms, us, ns) since 1970; None where no calendar has it."""
    if not abs(value) < _MOST:  # NaN too; an integer of JSON may be too large for a float
        return None
    if isinstance(value, int) and unit == "ns":
        moment = value // 1000
        return moment if read_time(moment / SECOND) is not None else None
    if unit == "s":
        return read_time(value)
    moment = value * UNITS[unit]
    return round(moment) if read_time(moment / SECOND) is not None else None


def by_size(value: float, at: int) -> int | None:
    """The moment of a number since 1970 in the unit that puts it within 20 years of `at` (µs); None where none does."""
    for unit in UNITS:
        moment = in_unit(value, unit)
        if moment is not None and abs(moment - at) < _YEARS:
            return moment
    return None


def zoned(moment: datetime, zone: ZoneInfo | None) -> int | None:
    """The moment of a datetime; one without a zone is of `zone`, and where that is None it is no moment."""
    if moment.tzinfo is None:
        if zone is None:
            return None
        moment = moment.replace(tzinfo=zone)
    try:
        return from_datetime(moment.astimezone(UTC))
    except OverflowError:
        return None


def with_year(moment: datetime, zone: ZoneInfo | None, at: int) -> int | None:
    """The moment of a datetime whose year nobody said (syslog's `Nov 22 08:00:26`): the one nearest to `at` (µs)."""
    here = datetime.fromtimestamp(at / SECOND, UTC).year
    found: list[int] = []
    for year in (here - 1, here, here + 1):
        try:
            each = zoned(moment.replace(year=year), zone)
        except ValueError:  # the 29th of February
            continue
        if each is not None:
            found.append(each)
    return min(found, key=lambda each: abs(each - at), default=None)
