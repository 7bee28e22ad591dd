"""What a log line begins with: when, and on which host."""

import re
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from minerlib.event.decode.times import with_year, zoned

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORT = re.compile(rf"(?:<\d{{1,3}}>)?(({'|'.join(MONTHS)}) +(\d\d?) (\d\d):(\d\d):(\d\d))(?= |$)")
_ISO = re.compile(r"(?:<\d{1,3}>)?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?= |$)")
_LEAP = 2000  # a year that has every day


class Stamp(NamedTuple):
    """`time` in µs since 1970, None where it cannot be told; `said` is how it was written, `rest` what is behind."""

    time: int | None
    said: str
    rest: str

    def host(self) -> tuple[str, str]:
        """The first word of the rest, and what is behind it: in a line of syslog, the host and the message."""
        host, _, rest = self.rest.partition(" ")
        return host, rest


def split(text: str, at: int, zone: ZoneInfo | None) -> Stamp | None:
    """The time before a line: of syslog (`Nov 22 08:00:26`, the year being the one nearest to `at`, µs) or ISO 8601.

    None where it begins with no time. A time without a zone is of `zone`, and where that is None its moment is
    unknown.
    """
    if found := _SHORT.match(text):
        said, month, *numbers = found.groups()
        day, hour, minute, second = map(int, numbers)
        try:
            moment = datetime(_LEAP, MONTHS.index(month) + 1, day, hour, minute, second)
        except ValueError:
            return Stamp(None, said, text[found.end() + 1 :])
        return Stamp(with_year(moment, zone, at), said, text[found.end() + 1 :])
    if found := _ISO.match(text):
        try:
            time = zoned(datetime.fromisoformat(found[1].replace(",", ".")), zone)
        except ValueError:
            time = None
        return Stamp(time, found[1], text[found.end() + 1 :])
    return None
