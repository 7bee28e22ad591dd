"""What fail2ban logs of addresses: found, banned, unbanned."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from minerlib.event.decode.delivery import Decoded
from minerlib.event.lines.netfilter import address
from minerlib.event.lines.stamp import Stamp, split

_TAG = r"fail2ban(?:-server|\.\w+)?\s*(?:\[\d+\])?: +(?:fail2ban\.\w+\s*(?:\[\d+\])?: +)?(?:[A-Z]+ +)?"
_SAID = re.compile(_TAG + r"\[(?P<jail>[^\]]+)\] (?P<again>Restore )?(?P<what>Ban|Unban|Found) (?P<ip>\S+)")


def read_fail2ban(text: str, at: int, zone: ZoneInfo | None) -> Decoded | None:
    """An address as `firewall.ban`, `.unban` or `.found`, from fail2ban's own file or by way of syslog; None where
    the line says something else.

    Fields: `source_ip`, `jail`; `restored` (true) where a ban is one of before a restart.

    >>> line = "2026-02-13 15:52:30,388 fail2ban.actions [123]: NOTICE [sshd] Ban 192.0.2.7"
    >>> read_fail2ban(line, 0, None).body["jail"]
    'sshd'
    """
    if "fail2ban" not in text:
        return None
    stamp = split(text, at, zone)
    line = stamp or Stamp(None, "", text)
    host, rest = "", line.rest.lstrip()
    if not rest.startswith("fail2ban"):
        host, rest = line.host()
    found = _SAID.match(rest)
    if not found:
        return None
    body: dict[str, Any] = {"source_ip": address(found["ip"]), "jail": found["jail"]}
    if found["again"]:
        body["restored"] = True
    if stamp and stamp.time is None:
        body["time_said"] = stamp.said
    return Decoded(host, f"firewall.{found['what'].lower()}", stamp.time if stamp else None, body)
