"""What is made of a line of a known sort: whose it is, and when it happened."""

import socket
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from minerlib.event.decode.delivery import Decoded
from minerlib.nodes.following import reader, whose
from minerlib.nodes.generation import Line


def line(text: bytes) -> Line:
    return Line("/var/log/x.log", "log.x", len(text), text, len(text))


def read(text: str, at: int, zone: ZoneInfo | None) -> Decoded | None:
    """A line that is its host and a number."""
    host, _, value = text.partition(" ")
    return Decoded(host, "x.value", 1_000_000, {"value": int(value)}) if host != "-" else None


def test_a_line_is_of_the_host_that_it_names(monkeypatch: pytest.MonkeyPatch):
    """A central log is of many hosts; this machine has the name that was set, however syslog writes it."""
    monkeypatch.setenv("MINERLIB_SOURCE", "desk")
    monkeypatch.setattr(socket, "gethostname", lambda: "web-7")
    event = reader(read, None)
    assert event(line(b"web-1.acme.com 7")) == (
        "x.value",
        {"time": "1970-01-01T00:00:01.000000Z", "value": 7},
        "web-1.acme.com",
    )
    for mine in ("WEB-7", "web-7.acme.com", "localhost", ""):
        found = event(line(f"{mine} 7".encode()))
        assert found
        assert found[2:] == ("desk",)


@pytest.mark.parametrize(
    ("machine", "host", "mine"),
    [
        ("web-1.us.acme.com", "web-1.eu.acme.com", False),
        ("web-1.us.acme.com", "WEB-1.us.acme.com", True),
        ("web-1.us.acme.com", "web-1", True),
        ("web-1", "web-1.eu.acme.com", True),
        ("web-1", "web-2", False),
        ("web-1.us.acme.com", "localhost.localdomain", True),
        ("web-1.us.acme.com", "localhost", True),
    ],
)
def test_two_machines_of_one_short_name_are_two(monkeypatch: pytest.MonkeyPatch, machine: str, host: str, mine: bool):
    """The name alone is enough only where one of both has no domain."""
    monkeypatch.setenv("MINERLIB_SOURCE", "desk")
    monkeypatch.setattr(socket, "gethostname", lambda: machine)
    assert whose(host) == ("desk" if mine else host)


def test_a_line_can_be_left_out_and_bytes_cost_nothing():
    """What is no UTF-8 is read as far as it goes."""
    event = reader(lambda text, at, zone: Decoded("", "x", None, {"text": text}), None)
    assert event(line(b"caf\xe9")) is not None
    assert reader(read, None)(line(b"- 7")) is None


def test_the_moment_of_reading_and_the_zone_reach_the_parser(tmp_path: Path):
    """By them a time without a year or a zone is told."""
    heard: list[tuple[int, ZoneInfo | None]] = []
    zone = ZoneInfo("Europe/Berlin")
    reader(lambda text, at, zone: heard.append((at, zone)), zone)(line(b"x"))
    assert heard[0][0] > 1_700_000_000_000_000
    assert heard[0][1] is zone
