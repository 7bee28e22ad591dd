"""Syslog in lines: RFC 5424, RFC 3164 and what is usual beside it (no host, a time in ISO 8601, a message alone).

The source is the host, the kind `log.` and the program (`log.syslog` where there is none). The body holds what there
is of `time` as it was said, `host`, `program`, `pid`, `msgid`, `facility` and `severity` by name, the structured data
as `data`, and `message`:

    <165>1 2026-11-22T08:00:26Z web-1 nginx 7 REQ [req@32473 status="502"] upstream timed out
    source web-1, kind log.nginx, body {"facility": "local4", "severity": "notice",
    "data": {"req@32473": {"status": "502"}}, "message": "upstream timed out", ...}

`Nov 22 08:00:26` names neither a year (the nearest is meant) nor a zone: without a zone from elsewhere it is no time.
Lines that begin with no `<PRI>` belong to the message before them. A message of bytes that are no UTF-8 has them as
`base64`, as the collector `logs` does. Frames that begin with their length (RFC 6587) are read as such.

The parsers on PyPI are not used: syslog-rfc5424-parser (0.3.2, of 2019) takes 230 µs a line and reads no RFC 3164,
syslogmp (0.4, of 2021) no RFC 5424, no UTF-8 and no line of more than 1,024 bytes; both raise on the rest.
"""

import re
from base64 import b64encode
from typing import Any

from minerlib.event.decode.defaults import raw
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.syslog_words import FACILITIES, MONTHS, SEVERITIES, event_of, time_said

# Possessive (`++`): no line makes it look at a character twice.
_BSD = rf"(?:{'|'.join(MONTHS)}) [ 0-9]?[0-9] (?:[0-9]{{4}} )?+[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,6}})?+"
_ISO = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,+Z-]++"
_PRI = r"<([0-9]{1,3})>"
_PARAMETERS = r'(?: ++[^ \]="]++="(?:[^"\\]++|\\.)*+")*+'
NEW = re.compile(
    rf"{_PRI}[1-9][0-9]?+ ({_ISO}|-) (\S++) (\S++) (\S++) (\S++)"
    rf'(?: (?:-|((?:\[[^ \]="]++{_PARAMETERS} *+\])++))(?= |\Z))?+ ?+\ufeff?+',
    re.DOTALL,
)
"""The header of RFC 5424: `<PRI>`, time, host, program, pid, message id, structured data."""
_OLD = re.compile(
    rf"{_PRI}({_BSD}|{_ISO})(?:: | )"
    r"(?:((?:[^\s:\[\]]++|:(?=\S))++) )?+"  # the host
    r"(?:([^\s:\[\]]++)(?:\[([^\s\[\]]*+)\]: ?+|:(?: |\Z)))?+"  # the tag
)
_BARE = re.compile(rf"{_PRI}(?=\S)")
_ELEMENT = re.compile(rf'\[([^ \]="]++)({_PARAMETERS})', re.DOTALL)
_PARAMETER = re.compile(r'([^ \]="]++)="((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\\]])')
_FRAME = re.compile(rb"([1-9][0-9]{0,7}) (?=<[0-9]{1,3}>)")
_BEGIN = re.compile(rb"^(?=<[0-9]{1,3}>)", re.MULTILINE)
_NO_UTF8 = re.compile("[\udc80-\udcff]")


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event a message; None where neither the first nor the last is one of syslog's."""
    body = delivery.body.lstrip(b"\r\n\0 ")
    if _FRAME.match(body):
        pieces = _framed(body)
    elif body.startswith(b"<") or b"\n<" in body:
        pieces = [piece for piece in _BEGIN.split(body) if piece.strip()]
    else:
        return None
    if not pieces or not (_read(_text(pieces[0])) or _read(_text(pieces[-1]), bare=False)):
        return None
    return [_event(piece, delivery) or raw(delivery, piece.strip(b"\r\n\0")) for piece in pieces]


def _framed(body: bytes) -> list[bytes]:
    """The frames without their lengths; what has none, or one that is too large, as it is."""
    found: list[bytes] = []
    place = 0
    while place < len(body):
        frame = _FRAME.match(body, place)
        begin, end = (frame.end(), frame.end() + int(frame[1])) if frame else (place, 0)
        if not begin < end <= len(body):
            following = _FRAME.search(body, begin + 1)
            begin, end = place, following.start() if following else len(body)
        found.append(body[begin:end])
        place = end
    return [piece for piece in found if piece.strip()]


def _text(piece: bytes) -> str:
    return piece.rstrip(b"\r\n\0").decode(errors="surrogateescape")


def _read(text: str, bare: bool = True) -> re.Match[str] | None:
    """The header of a message."""
    match = NEW.match(text) or _OLD.match(text) or (_BARE.match(text) if bare else None)
    return match if match and int(match[1]) < 8 * len(FACILITIES) else None


def _event(piece: bytes, delivery: Delivery) -> Decoded | None:
    """A message as an event; None where it cannot be read."""
    text = _text(piece)
    match = _read(text)
    if match is None or _NO_UTF8.search(match[0]):
        return None
    time = host = program = pid = msgid = data = None
    if match.re is NEW:
        _, time, host, program, pid, msgid, data = match.groups()
    elif match.re is _OLD:
        _, time, host, program, pid = match.groups()
    facility, severity = divmod(int(match[1]), 8)
    words = {
        "time": time, "host": host, "program": program, "pid": pid, "msgid": msgid,
        "facility": FACILITIES[facility], "severity": SEVERITIES[severity],
    }  # fmt: skip
    said: dict[str, Any] = {name: word for name, word in words.items() if word and word != "-"}
    if data:
        said["data"] = _data(data)
    said["message"] = text[match.end() :]
    if _NO_UTF8.search(said["message"]):
        message = said["message"].encode(errors="surrogateescape")
        said |= {"message": message.decode(errors="replace"), "base64": b64encode(message).decode()}
    return event_of(said, time_said(time, delivery) if time else None, delivery)


def _data(text: str) -> dict[str, dict[str, Any]]:
    """Structured data by element and name; what an element says twice is a list."""
    found: dict[str, dict[str, Any]] = {}
    for name, parameters in _ELEMENT.findall(text):
        element = found.setdefault(name, {})
        for each, value in _PARAMETER.findall(parameters):
            value = _ESCAPED.sub(r"\1", value)
            if each not in element:
                element[each] = value
            elif isinstance(element[each], list):
                element[each].append(value)
            else:
                element[each] = [element[each], value]
    return found
