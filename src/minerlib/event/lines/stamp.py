"""What a log line begins with: when, and on which host."""

import re
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from minerlib.event.decode.syslog import NEW
from minerlib.event.decode.syslog_words import FACILITIES, MOMENT, SEVERITIES, moment_of
from minerlib.event.decode.times import zoned

_PRI = re.compile(r"\A<\d{1,3}>")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
_LEVEL = re.compile(rf"(?:{'|'.join(FACILITIES)})\.(?:{'|'.join(SEVERITIES)}|warn|error|panic) +")


class Stamp(NamedTuple):
    """`time` in µs since 1970, None where it cannot be told; `said` is how it was written, `rest` what is behind."""

    time: int | None
    said: str
    rest: str

    def host(self) -> tuple[str, str]:
        """The first word of the rest, and what is behind it: in a line of syslog, the host and the message.

        A program's tag is no host, nor are the facility and severity that busybox and OpenWrt write (`auth.info`).
        """
        host, _, message = self.rest.lstrip().partition(" ")
        if host.endswith(":") or _LEVEL.fullmatch(f"{host} "):
            host, message = "", self.rest.lstrip()
        level = _LEVEL.match(message)
        return host, message[level.end() :] if level else message


def split(text: str, at: int, zone: ZoneInfo | None) -> Stamp | None:
    """The time before a line: of syslog (`Nov 22 08:00:26`, the year being the one nearest to `at`, µs) or ISO 8601.

    None where it begins with no time. A time without a zone is of `zone`, and where that is None its moment is
    unknown. A line of RFC 5424 has its program as a tag in the rest, as older ones do: `gate sshd[7]: Invalid user`.
    """
    if new := NEW.match(text):
        _, said, host, program, pid, _, _ = new.groups()
        tag = program if pid == "-" else f"{program}[{pid}]"
        rest = f"{'' if host == '-' else f'{host} '}{tag}: {text[new.end() :]}"
        return None if said == "-" else Stamp(_of_iso(said, zone), said, rest)
    text = _PRI.sub("", text)
    found = MOMENT.match(text) or _ISO.match(text)
    if not found or text[found.end() : found.end() + 1] not in ("", " "):
        return None
    time = moment_of(found, at, zone) if found.re is MOMENT else _of_iso(found[0], zone)
    return Stamp(time, found[0], text[found.end() + 1 :])


def _of_iso(said: str, zone: ZoneInfo | None) -> int | None:
    try:
        return zoned(datetime.fromisoformat(said.replace(",", ".")), zone)
    except ValueError:
        return None
