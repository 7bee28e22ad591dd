"""Entries of the systemd journal, as `journalctl --output=json` writes them."""

from typing import Any, NamedTuple

from minerlib.event.decode.defaults import clean_kind
from minerlib.event.decode.delivery import Decoded
from minerlib.event.decode.syslog_words import SEVERITIES
from minerlib.event.lines.netfilter import read_netfilter
from minerlib.event.moment import SECOND, read_time
from minerlib.event.written import message_of

FIELDS = (
    "MESSAGE",
    "PRIORITY",
    "SYSLOG_IDENTIFIER",
    "_COMM",
    "_PID",
    "_UID",
    "_SYSTEMD_UNIT",
    "_HOSTNAME",
    "_TRANSPORT",
)
LONGEST = 65_536  # bytes of a message that are kept
_MORE = {"SYSLOG_IDENTIFIER": "program", "_SYSTEMD_UNIT": "unit"}
_NUMBERS = {"_PID": "pid", "_UID": "uid"}


class Cursor(NamedTuple):
    """Where an entry is: the number it has in a sequence of the journal, and what makes it the one it is."""

    sequence: str
    number: int
    entry: tuple[str, ...]

    def id(self, name: str) -> str:
        """The message id of the entry, as `name` tells it. Numbers rise within a sequence, which outlasts rotations and
        restarts of the machine."""
        return f"minerlib/{name}.{self.sequence}:{self.number}"


def read_cursor(said: str) -> Cursor:
    """The parts of a `__CURSOR`. Raises ValueError where it has others.

    >>> read_cursor("s=31172835;i=1f;b=aa;m=f4240;t=660d8dd2a4000;x=4b4e").id("journal")
    'minerlib/journal.31172835:31'
    """
    parts = dict(part.split("=", 1) for part in said.split(";"))
    try:
        return Cursor(parts["s"], int(parts["i"], 16), tuple(parts[name] for name in "bmtx"))
    except KeyError as missing:
        raise ValueError(f"a cursor of the journal without {missing}: {said[:200]}") from None


def read_entry(entry: dict[str, Any]) -> Decoded:
    """An entry as `log.<identifier>`: its time is when the journal received it, its source the host.

    Fields, in syslog's words: `message`, `severity` (err), `program`, `unit`, `pid`, `uid`; `base64` where the message
    is no UTF-8, and `bytes`, its whole length, where more than LONGEST.
    """
    message = _bytes(entry.get("MESSAGE"))
    body: dict[str, Any] = message_of(message[:LONGEST])
    if len(message) > LONGEST:
        body["bytes"] = len(message)
    severity = _text(entry, "PRIORITY")
    if severity.isdecimal() and int(severity) < len(SEVERITIES):
        body["severity"] = SEVERITIES[int(severity)]
    body |= {name: text for field, name in _MORE.items() if (text := _text(entry, field))}
    body |= {name: int(text) for field, name in _NUMBERS.items() if (text := _text(entry, field)).isdecimal()}
    time = _text(entry, "__REALTIME_TIMESTAMP")
    moment = int(time) if time.isdecimal() and read_time(int(time) / SECOND) is not None else None
    kind = clean_kind(_text(entry, "SYSLOG_IDENTIFIER") or _text(entry, "_COMM")) or "journal"
    return Decoded(_text(entry, "_HOSTNAME"), f"log.{kind}", moment, body)


def read_packet(entry: dict[str, Any]) -> Decoded | None:
    """What the kernel logged of a packet, as `read_netfilter` reads it, with the entry's time and host; None of other
    entries, and of those that are not the kernel's."""
    if _text(entry, "_TRANSPORT") != "kernel":
        return None
    whole = read_entry(entry)
    found = read_netfilter(f"kernel: {whole.body['message']}", 0, None)
    return found and Decoded(whole.source, found.kind, whole.time, found.body)


def _text(entry: dict[str, Any], field: str) -> str:
    return _bytes(entry.get(field)).decode(errors="replace")


def _bytes(value: Any) -> bytes:
    """What a field says: text; numbers where it is no text; a list of either where it was said several times."""
    if isinstance(value, list):
        if value and all(isinstance(each, int) and 0 <= each < 256 for each in value):
            return bytes(value)
        return b"\n".join(_bytes(each) for each in value)
    return value.encode(errors="surrogatepass") if isinstance(value, str) else b""
