"""Syslog in lines, by the RFCs' own examples and by what is usual beside them."""

import shutil
import socket
import subprocess
from zoneinfo import ZoneInfo

import pytest

from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.moment import SECOND, read_time

AT = 1_795_334_400 * SECOND  # 2026-11-22T08:00:00Z
BERLIN = ZoneInfo("Europe/Berlin")
NEW = b'<165>1 2026-11-22T08:00:26.003Z web-1.example.net nginx 8710 REQ [req@32473 status="502"] upstream timed out'


def read(body: bytes, zone: ZoneInfo | None = None, at: int = AT) -> list[Decoded]:
    """The events of a message of syslog's."""
    name, found = decode(Delivery(body=body, exchange="logs", at=at, zone=zone))
    assert name == "syslog"
    return found


def test_rfc_5424():
    """All that it can say, facility and severity by name; what is `-` is left out."""
    assert read(NEW) == [
        Decoded("web-1.example.net", "log.nginx", read_time("2026-11-22T08:00:26.003Z"), {
            "time": "2026-11-22T08:00:26.003Z", "host": "web-1.example.net", "program": "nginx", "pid": "8710",
            "msgid": "REQ", "facility": "local4", "severity": "notice", "data": {"req@32473": {"status": "502"}},
            "message": "upstream timed out",
        })
    ]  # fmt: skip
    assert read(b"<0>1 - - - - - -") == [
        Decoded("logs", "log.syslog", None, {"facility": "kern", "severity": "emerg", "message": ""})
    ]
    (found,) = read(b"<34>1 2003-10-11T22:14:15.003-07:00 my.host su - ID47 - \xef\xbb\xbf'su root' failed")
    assert (found.kind, found.time) == ("log.su", read_time("2003-10-12T05:14:15.003Z"))
    assert found.body["message"] == "'su root' failed"


def test_structured_data():
    """Elements and their parameters, escapes undone; a name said twice is a list."""
    said = rb'[a@1 x="1" y="q\"b\\s\]e \n" x="2" x="3"][b@2]'
    assert read(b"<13>1 - h p - - " + said + b" text")[0].body["data"] == {
        "a@1": {"x": ["1", "2", "3"], "y": r'q"b\s]e \n'}, "b@2": {},
    }  # fmt: skip
    for broken in (b"[a@1", b'[a@1 x="1]', b"[a@1 x]", b'[a x="1"]joined'):
        body = read(b"<13>1 - h p - - " + broken)[0].body
        assert ("data" in body, body["message"]) == (False, broken.decode())


@pytest.mark.parametrize(("rest", "host", "program", "pid", "message"), [
    ("web-1 sshd[12]: Failed password", "web-1", "sshd", "12", "Failed password"),
    ("web-1 sshd[12]:Failed", "web-1", "sshd", "12", "Failed"),
    ("10.0.0.1 su: 'su root' failed", "10.0.0.1", "su", None, "'su root' failed"),
    ("fe80::1 kernel: [1.5] eth0: up", "fe80::1", "kernel", None, "[1.5] eth0: up"),
    ("sshd[12]: no host", None, "sshd", "12", "no host"),
    ("root: no host", None, "root", None, "no host"),
    ("web-1 12:30 is no program", "web-1", None, None, "12:30 is no program"),
    ("web-1 last message repeated", "web-1", None, None, "last message repeated"),
    ("web-1 postfix/smtpd[7]: connect", "web-1", "postfix/smtpd", "7", "connect"),
])  # fmt: skip
def test_rfc_3164(rest: str, host: str | None, program: str | None, pid: str | None, message: str):
    """Host, program and process where they are; without a host the message's own default."""
    (found,) = read(f"<38>Nov 22 08:00:26 {rest}".encode())
    said = {"host": host, "program": program, "pid": pid, "message": message}
    assert {name: found.body.get(name) for name in said} == said
    assert (found.body["facility"], found.body["severity"]) == ("auth", "info")
    assert found.source == (host or "logs")
    assert found.kind == f"log.{(program or 'syslog').replace('/', '_')}"


@pytest.mark.parametrize(("said", "without", "with_zone"), [
    ("Nov 22 08:00:26", None, "2026-11-22T07:00:26Z"),
    ("Nov  2 08:00:26.25", None, "2026-11-02T07:00:26.25Z"),
    ("Jul  1 08:00:26", None, "2026-07-01T06:00:26Z"),
    ("Jan  2 08:00:26", None, "2027-01-02T07:00:26Z"),
    ("Feb 30 08:00:26", None, None),
    ("Nov 22 08:00:61", None, None),
    ("Nov 22 2025 08:00:26", None, "2025-11-22T07:00:26Z"),
    ("2026-11-22T08:00:26.5+03:00", "2026-11-22T05:00:26.5Z", "2026-11-22T05:00:26.5Z"),
    ("2026-11-22T08:00:26", None, "2026-11-22T07:00:26Z"),
])  # fmt: skip
def test_times(said: str, without: str | None, with_zone: str | None):
    """The year is the nearest; the zone that of the setting, or there is no time. What was said stays in the body."""
    line = f"<38>{said} web-1 sshd: x".encode()
    for zone, moment in ((None, without), (BERLIN, with_zone)):
        (found,) = read(line, zone)
        assert found.time == (read_time(moment) if moment else None)
        assert found.body["time"] == said


def test_the_29th_of_february():
    """It is that of the nearest leap year, where one is near."""
    line, at = b"<38>Feb 29 12:00:00 h p: x", read_time("2028-03-01T00:00:00Z")
    assert at
    assert read(line, ZoneInfo("UTC"), at)[0].time == read_time("2028-02-29T12:00:00Z")
    assert read(line, ZoneInfo("UTC"))[0].time is None


def test_a_message_alone():
    """RFC 3164: without a time that can be read, all behind the PRI is the message."""
    body = {"facility": "local7", "severity": "err", "message": "123: *Mar 1 18:46:11: %SYS-5-CONFIG_I: done"}
    assert read(b"<187>123: *Mar 1 18:46:11: %SYS-5-CONFIG_I: done\r\n") == [Decoded("logs", "log.syslog", None, body)]


def test_many_in_a_message():
    """One a line; what begins with no PRI belongs to the line before it, or to nobody."""
    found = read(NEW + b"\r\n\r\n<13>Nov 22 08:00:26 h app[1]: Traceback\n  File x\nKeyError: 1\n" + NEW + b"\n\0")
    assert [each.body["message"] for each in found] == [
        "upstream timed out", "Traceback\n  File x\nKeyError: 1", "upstream timed out",
    ]  # fmt: skip
    assert [each.raw for each in read(b"what\nis this\n" + NEW)] == [b"what\nis this", None]
    assert [each.raw for each in read(NEW + b"\n<999>1 no\n" + NEW)] == [None, b"<999>1 no", None]


def test_octet_counting():
    """Frames of RFC 6587, which may hold lines; a length that is wrong costs one."""
    two = b"<13>1 - h p - - - one\ntwo\n"
    frames = b"%d %s%d %s" % (len(NEW), NEW, len(two), two)
    assert [each.body["message"] for each in read(frames + b"\n")] == ["upstream timed out", "one\ntwo"]
    first, second, third = read(b"%d %s" % (len(NEW), NEW) + b"9999 " + two + frames[: len(NEW) + 4])
    assert (first, third) == (*read(NEW), *read(NEW))
    assert second.raw == b"9999 " + two.rstrip()


def test_bytes_that_are_no_utf8():
    """Of a message they are kept beside it; in the header nothing can be read of them."""
    (found,) = read(b"<13>Nov 22 08:00:26 h app: gr\xfc\xdfe")
    assert (found.body["message"], found.body["base64"]) == ("gr\ufffd\ufffde", "Z3L832U=")
    assert read(b"<13>Nov 22 08:00:26 h\xfc app: x")[0].raw == b"<13>Nov 22 08:00:26 h\xfc app: x"


@pytest.mark.skipif(shutil.which("logger") is None, reason="there is no logger (bsdutils)")
@pytest.mark.parametrize("form", ["--rfc5424", "--rfc3164"])
@pytest.mark.parametrize("framing", ["--octet-count", "--tcp"])
def test_what_logger_sends(form: str, framing: str):
    """util-linux's own program, over TCP, with lengths and without."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        there = ["--server", "127.0.0.1", "--port", str(server.getsockname()[1]), "--tcp", form, framing]
        lines = "Failed password\nfor gr\u00fc\u00dfe\n"
        subprocess.run(
            ["logger", *there, "-p", "auth.err", "-t", "sshd", "--id=77"], input=lines, text=True, check=True
        )
        taken, _ = server.accept()
        with taken, taken.makefile("rb") as stream:
            found = read(stream.read(), ZoneInfo("UTC"))
    assert [each.body["message"] for each in found] == lines.splitlines()
    for each in found:
        said = {name: each.body.get(name) for name in ("program", "pid", "facility", "severity")}
        assert said == {"program": "sshd", "pid": "77", "facility": "auth", "severity": "err"}
        assert (each.kind, each.source, each.body["host"]) == ("log.sshd", each.body["host"], each.source)
        assert each.time is not None
        assert ("data" in each.body) == (form == "--rfc5424")


@pytest.mark.parametrize("text", [
    b"<html>", b"<192>text", b"<3> hearts", b"< 13>x", b"12 <b>", b"Nov 22 08:00:26 h app: no PRI",
    b"look:\n<3>this", b"<1",
])  # fmt: skip
def test_other_text_is_none_of_it(text: bytes):
    assert decode(Delivery(body=text))[0] == "text"
