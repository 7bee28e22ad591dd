"""What syslog's producers have in common: its names, its times, its events."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from minerlib.event.decode.defaults import clean_kind, read_any, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.times import with_year, zoned

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
    "security", "console", "solaris-cron", *(f"local{n}" for n in range(8)),
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOMENT = re.compile(
    rf"((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?({'|'.join(MONTHS)}) +([0-9]+) (?:([0-9]{{4}}) )?"
    r"([0-9]+):([0-9]+):([0-9]+)(?:\.([0-9]{1,6})[0-9]*)?(?(1)(?: ([0-9]{4}))?)"
)
"""`Nov 22 08:00:26`, with a fraction, a year before or (behind a day of the week) after it, or without."""


def event_of(said: dict[str, Any], time: int | None, delivery: Delivery) -> Decoded:
    """What was said in syslog's words as an event."""
    host, program = said.get("host"), said.get("program")
    source = host if isinstance(host, str) and host else source_of(None, delivery)
    word = clean_kind(program) if isinstance(program, str) else ""
    return Decoded(source, f"log.{word or 'syslog'}", stamped(delivery) if time is None else time, said)


def time_said(said: str, delivery: Delivery) -> int | None:
    """The moment (µs) of `Nov 22 08:00:26`, with a year or without, or of ISO 8601; None where it says no zone and
    nobody else does."""
    stamp = MOMENT.fullmatch(said)
    return moment_of(stamp, delivery.at, delivery.zone) if stamp else read_any(said, delivery)


def moment_of(stamp: re.Match[str], at: int, zone: ZoneInfo | None) -> int | None:
    """The moment (µs) of what MOMENT found, of the year nearest to `at` where it names none; None where it is in no
    calendar, or of no zone."""
    _, month, day, before, hour, minute, second, fraction, after = stamp.groups("0")
    year = int(before) or int(after)
    fraction = int(fraction.ljust(6, "0"))
    moment = datetime(2000, MONTHS.index(month) + 1, 1, microsecond=fraction)  # a year with a 29th of February
    try:
        moment = moment.replace(year=year or 2000, day=int(day))
        moment = moment.replace(hour=int(hour), minute=int(minute), second=int(second))
    except ValueError:
        return None
    return zoned(moment, zone) if year else with_year(moment, zone, at)
