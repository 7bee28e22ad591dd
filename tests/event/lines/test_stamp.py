"""When a line was written: what it says, and never a guess."""

from zoneinfo import ZoneInfo

import pytest

from minerlib.event.lines.stamp import split
from minerlib.event.moment import read_time, rfc3339

AT = read_time("2026-11-28T03:00:00Z") or 0
BERLIN = ZoneInfo("Europe/Berlin")


def told(text: str, zone: ZoneInfo | None = BERLIN, at: int = AT) -> str | None:
    stamp = split(text, at, zone)
    assert stamp
    return None if stamp.time is None else rfc3339(stamp.time)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Nov 22 08:00:26 gate kernel: x", "2026-11-22T07:00:26.000000Z"),
        ("Jul  3 14:59:17 gate kernel: x", "2026-07-03T12:59:17.000000Z"),
        ("<6>Nov 22 08:00:26 gate kernel: x", "2026-11-22T07:00:26.000000Z"),
        ("Nov 22 08:00:26.25 gate kernel: x", "2026-11-22T07:00:26.250000Z"),
        ("Nov 22 2025 08:00:26 gate kernel: x", "2025-11-22T07:00:26.000000Z"),
        ("Sat Nov 22 08:00:26 2025 kern.warn kernel: x", "2025-11-22T07:00:26.000000Z"),
        ("<6>1 2026-11-22T08:00:26.5+02:00 gate kernel - - - x", "2026-11-22T06:00:26.500000Z"),
        ("2026-11-22T08:00:26.123456+02:00 gate kernel: x", "2026-11-22T06:00:26.123456Z"),
        ("2026-11-22T08:00:26Z gate kernel: x", "2026-11-22T08:00:26.000000Z"),
        ("2026-11-22 08:00:26,388 fail2ban.actions: x", "2026-11-22T07:00:26.388000Z"),
    ],
)
def test_the_times_of_syslog_and_iso(text: str, time: str):
    """A zone in the line is believed; one that is not there is the one that was set."""
    assert told(text) == time


def test_a_time_without_a_zone_is_none_where_nobody_said_which():
    """It stays as it was written, and the event has no time of its own."""
    stamp = split("Nov 22 08:00:26 gate kernel: x", AT, None)
    assert stamp == (None, "Nov 22 08:00:26", "gate kernel: x")
    assert told("2026-11-22 08:00:26,388 fail2ban.actions: x", None) is None
    assert told("2026-11-22T08:00:26+01:00 gate x", None) == "2026-11-22T07:00:26.000000Z"


def test_the_year_is_the_nearest_one():
    """A line of New Year's Eve read in January is of the old year, and one of a leap day of a leap year."""
    january = read_time("2027-01-01T00:10:00Z") or 0
    assert told("Dec 31 23:59:59 gate x", ZoneInfo("UTC"), january) == "2026-12-31T23:59:59.000000Z"
    assert told("Jan  1 00:00:01 gate x", ZoneInfo("UTC"), january) == "2027-01-01T00:00:01.000000Z"
    spring = read_time("2028-03-02T00:00:00Z") or 0
    assert told("Feb 29 12:00:00 gate x", ZoneInfo("UTC"), spring) == "2028-02-29T12:00:00.000000Z"


@pytest.mark.parametrize("text", ["Feb 30 08:00:26 gate x", "Nov 22 25:00:26 gate x", "2026-13-22T08:00:26Z gate x"])
def test_a_moment_that_is_in_no_calendar_is_none(text: str):
    """The line is a line all the same."""
    assert told(text) is None


@pytest.mark.parametrize(
    "text", ["", "x", "Nov", "[12.3] IN=eth0", "Now 22 08:00:26 x", "2026-11-22", "Nov 22 08:00:26x"]
)
def test_a_line_without_a_time_is_none(text: str):
    """What begins otherwise has no time before it."""
    assert split(text, AT, BERLIN) is None


@pytest.mark.parametrize(
    ("text", "host", "rest"),
    [
        ("Nov 22 08:00:26 gate sshd[7]: x", "gate", "sshd[7]: x"),
        ("Nov 22 08:00:26 sshd[7]: x", "", "sshd[7]: x"),
        ("Nov 22 08:00:26 gate auth.warn sshd[7]: x", "gate", "sshd[7]: x"),
        ("Sun Nov 22 08:00:26 2026 auth.warn sshd[7]: x", "", "sshd[7]: x"),
        ("Nov 22 08:00:26 mail.acme.com x", "mail.acme.com", "x"),
        ("<6>1 2026-11-22T08:00:26Z gate sshd 7 ID - x", "gate", "sshd[7]: x"),
        ("<6>1 2026-11-22T08:00:26Z - sshd - - - x", "", "sshd: x"),
    ],
)
def test_the_host_is_the_first_word(text: str, host: str, rest: str):
    """Save for a program's tag, and for the facility and severity that busybox and OpenWrt write."""
    stamp = split(text, AT, None)
    assert stamp
    assert stamp.host() == (host, rest)
