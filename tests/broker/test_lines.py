"""Collectors of known lines as their user runs them: from the file to the stream."""

from pathlib import Path

from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.moment import rfc3339

from .conftest import read_until
from .processes import Process

PACKET = "IN=eth0 OUT= SRC=192.0.2.7 DST=192.0.2.1 LEN=44 PROTO=TCP SPT=52220 DPT=22 SYN"


def test_firewall_and_web(broker_url: str, environment: str, tmp_path: Path):
    """Each line with its own time and host; others left out by the one, and kept with what is wrong by the other."""
    log, access = tmp_path / "kern.log", tmp_path / "access.log"
    log.write_text(
        f"Nov 22 08:00:26 gate kernel: [1.5] [UFW BLOCK] {PACKET}\n"
        "Nov 22 08:00:27 gate kernel: device eth0 entered promiscuous mode\n"
        "2026-11-22 08:00:28,388 fail2ban.actions [8]: NOTICE [sshd] Ban 192.0.2.7\n"
    )
    access.write_text('192.0.2.7 - - [22/Nov/2026:08:00:26 +0100] "GET / HTTP/1.1" 200 12\nnonsense\n')
    mine = {"MINERLIB_BROKER_URL": broker_url, "MINERLIB_SCOPE": environment, "MINERLIB_SOURCE": "desk"}
    with (
        Process(tmp_path / "a", "collect", "firewall", str(log), "--zone", "Europe/Berlin", **mine) as firewall,
        Process(tmp_path / "b", "collect", "web", str(access), **mine) as web,
    ):
        events = read_until(Reader(broker_url, environment), lambda events: len(events) >= 4, 60)
        assert (firewall.interrupt(), web.interrupt()) == (0, 0), firewall.said + web.said
    found: dict[str, Event] = {event.kind: event for event in events}
    assert len(events) == len(found) == 4
    drop, ban, request, fault = (found[k] for k in ("firewall.drop", "firewall.ban", "web.access", "log.access"))
    assert (drop.source, drop.body["destination_port"], rfc3339(drop.time)[5:19]) == ("gate", 22, "11-22T07:00:26")
    assert (ban.source, ban.body["source_ip"]) == ("desk", "192.0.2.7")
    assert rfc3339(request.time) == "2026-11-22T07:00:26.000000Z"
    assert (fault.body["message"], fault.body["fault"][:10]) == ("nonsense", "ValueError")


def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path):
    """Nothing to follow, no such zone: exit code 2, before anything is published."""
    none = {"MINERLIB_BROKER_URL": "amqp://127.0.0.1:1/"}
    with Process(tmp_path / "a", "collect", "web", "x", "--zone", "Berlin", **none) as wrong:
        assert wrong.process.wait(30) == 2
        assert "'Berlin' is no time zone" in wrong.said
    with Process(tmp_path / "b", "collect", "logs", **none) as nothing:
        assert nothing.process.wait(30) == 2
        assert "minerlib collect logs /var/log/syslog" in nothing.said
    assert "Traceback" not in wrong.said + nothing.said
