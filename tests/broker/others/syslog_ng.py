"""A real syslog-ng, which publishes the lines it is given and writes the same down.

lines of RFC 3164 and 5424 --> syslog-ng --amqp--> an exchange for each form    --file--> lines
"""

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from minerlib.bus.ports import free_ports

from ..processes import until
from .producer import Producer

_PLUGIN = next(Path("/usr/lib/syslog-ng").glob("*/libafamqp.so"), "/usr/lib/syslog-ng/3/libafamqp.so")
NEEDS = ("/usr/sbin/syslog-ng", str(_PLUGIN))
FORMS = ("headers", "json")
# Where syslog-ng believes to be. DATE, all that its default form says of the time, is in the zone of each line, unless
# time-zone() says one for all.
ZONE = "Europe/Berlin"
TEXT = 'Failed password for "Jürgen" from 203.0.113.7; a\\b {"x": 1} 100% <ok>'

_SYSLOG_NG = """
@version: 3.35
options {{ keep-hostname(yes); use-dns(no); stats-freq(0); frac-digits(6); time-reopen(1); time-zone("{zone}"); }};
source s_old {{ network(ip(127.0.0.1) port({old}) transport("tcp")); }};
source s_new {{ syslog(ip(127.0.0.1) port({new}) transport("tcp")); }};
destination d_file {{
    file("{folder}/lines"
         template("$ISODATE\\t$HOST\\t$PROGRAM\\t$PID\\t$FACILITY\\t$PRIORITY\\t$MSGID\\t$MESSAGE\\n"));
}};
destination d_headers {{ amqp({to} exchange("syslog.headers") exchange-type("fanout")); }};
destination d_json {{
    amqp({to} exchange("syslog.json") exchange-type("topic") routing-key("syslog.$HOST.$FACILITY.$PRIORITY")
         body("$(format-json --scope selected-macros --scope nv-pairs --key ISODATE)"));
}};
log {{ source(s_old); source(s_new); destination(d_file); destination(d_headers); destination(d_json); }};
"""
_TO = 'host("{to.hostname}") port({to.port}) vhost("/") username("{to.username}") password("{to.password}")'


class Line(NamedTuple):
    """A message: when (µs are said), and what syslog has words for; empty where it has nothing to say."""

    time: datetime
    host: str
    program: str
    pid: str
    facility: str
    severity: str
    msgid: str
    message: str


class SyslogNg(Producer):
    """Takes lines of RFC 3164 and 5424 from whoever writes them, and publishes each in two forms."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir()
        self.old, self.new, _ = free_ports()
        to = _TO.format(to=urlsplit(url))
        (folder / "conf").write_text(_SYSLOG_NG.format(zone=ZONE, folder=folder, old=self.old, new=self.new, to=to))
        mine = {"cfgfile": "conf", "persist-file": "persist", "pidfile": "pid", "control": "control"}
        options = [f"--{name}={folder / file}" for name, file in mine.items()]
        super().__init__(folder, [NEEDS[0], "--foreground", "--no-caps", *options], TZ=ZONE)

    def __enter__(self) -> Self:
        super().__enter__()
        until(lambda: all(map(_listens, (self.old, self.new))), 20, "syslog-ng listens")
        return self

    def said(self) -> list[Line]:
        """What it wrote down."""
        lines = (self.folder / "lines").read_text().splitlines()
        return [_line(*line.split("\t")) for line in lines]


def write(to: SyslogNg | None, seconds: float) -> int:
    """Programs of three hosts that log, half in the old form and half in the new; how many lines."""
    pause, count = threading.Event(), 0
    if to is None:
        pause.wait(seconds)
        return count
    with socket.create_connection(("127.0.0.1", to.old)) as old, socket.create_connection(("127.0.0.1", to.new)) as new:
        until_ = time.monotonic() + seconds
        while time.monotonic() < until_:
            old.sendall(line_of_old(count))
            new.sendall(line_of_new(count + 1))
            count += 2
            pause.wait(0.05)
    return count


def line_of_old(n: int) -> bytes:
    """RFC 3164: local time, without a year and a zone."""
    now = datetime.now(ZoneInfo(ZONE))
    program = ("sshd[4711]", "CRON", "kernel")[n % 3]
    return f"<{n % 192}>{now:%b} {now.day:2} {now:%H:%M:%S} web-{n % 3}.example.net {program}: {n} {TEXT}\n".encode()


def line_of_new(n: int) -> bytes:
    """RFC 5424, with its length before it."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    line = f'<{n % 192}>1 {now} db-{n % 3}.example.net nginx 7 REQ [req@32473 status="502"] {n} {TEXT}'.encode()
    return b"%d %b" % (len(line), line)


def _line(time: str, *words: str) -> Line:
    return Line(datetime.fromisoformat(time).astimezone(UTC), *words)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    return False
