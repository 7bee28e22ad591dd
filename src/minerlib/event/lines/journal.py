"""Entries of the systemd journal, as `journalctl --output=json` writes them."""

import base64
from typing import Any, NamedTuple

from minerlib.event.decode.defaults import clean_kind
from minerlib.event.decode.delivery import Decoded
from minerlib.event.moment import SECOND, read_time

PRIORITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
FIELDS = ("MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "_COMM", "_PID", "_UID", "_SYSTEMD_UNIT", "_HOSTNAME")
LONGEST = 65_536  # bytes of a message that are kept
_MORE = {"SYSLOG_IDENTIFIER": "identifier", "_SYSTEMD_UNIT": "unit"}
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

    Fields: `message`, `priority` (err), `identifier`, `unit`, `pid`, `uid`; `base64` where the message is no UTF-8, and
    `bytes`, its whole length, where more than LONGEST. The kind of one without an identifier is by its program.
    """
    message = _bytes(entry.get("MESSAGE"))
    kept = message[:LONGEST]
    body: dict[str, Any] = {"message": kept.decode(errors="replace")}
    if len(message) > LONGEST:
        body["bytes"] = len(message)
    try:
        message.decode()
    except UnicodeDecodeError:
        body["base64"] = base64.b64encode(kept).decode()
    priority = _text(entry, "PRIORITY")
    if priority.isdecimal() and int(priority) < len(PRIORITIES):
        body["priority"] = PRIORITIES[int(priority)]
    body |= {name: text for field, name in _MORE.items() if (text := _text(entry, field))}
    body |= {name: int(text) for field, name in _NUMBERS.items() if (text := _text(entry, field)).isdecimal()}
    time = _text(entry, "__REALTIME_TIMESTAMP")
    moment = int(time) if time.isdecimal() and read_time(int(time) / SECOND) is not None else None
    kind = clean_kind(_text(entry, "SYSLOG_IDENTIFIER") or _text(entry, "_COMM")) or "journal"
    return Decoded(_text(entry, "_HOSTNAME"), f"log.{kind}", moment, body)


def _text(entry: dict[str, Any], field: str) -> str:
    return _bytes(entry.get(field)).decode(errors="replace")


def _bytes(value: Any) -> bytes:
    """What a field says: text; numbers where it is no text; a list of either where it was said several times."""
    if isinstance(value, list):
        if value and all(isinstance(each, int) and 0 <= each < 256 for each in value):
            return bytes(value)
        return b"\n".join(_bytes(each) for each in value)
    return value.encode(errors="surrogatepass") if isinstance(value, str) else b""
