"""syslog-ng's destination amqp(): all in headers and an empty body, or a body that its format-json made.

The content type is text/plain in both. What it calls HOST, PROGRAM, PID, MSGID, FACILITY, PRIORITY, MESSAGE and .SDATA
is said as `syslog` has it, so that a rule need not know which way a line came; the rest keeps its name. The time is
ISODATE or UNIXTIME; DATE (`Nov 22 08:00:26`), where there is no other, only with a zone from elsewhere. Headers beside
a body are added to it; one that says something else than the body is kept in `headers`.
"""

from collections.abc import Mapping
from typing import Any

from minerlib.event.decode.defaults import beside
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects
from minerlib.event.decode.numbers import real
from minerlib.event.decode.syslog_words import event_of, time_said
from minerlib.event.decode.times import in_unit
from minerlib.event.moment import read_time

_NAMES = {
    "HOST": "host", "PROGRAM": "program", "PID": "pid", "MSGID": "msgid", "FACILITY": "facility",
    "PRIORITY": "severity", "LEVEL": "severity", "_SDATA": "data", "MESSAGE": "message", "MSG": "message",
}  # fmt: skip
_ANY = ("PROGRAM", "FACILITY", "PRIORITY", "LEVEL", "DATE", "ISODATE")
_SDATA = ".SDATA."


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event of the headers, or one an object; None where HOST and MESSAGE are not there, or nothing else."""
    if not delivery.body.strip():
        return [_event(_fields(delivery.headers), delivery)] if _own(delivery.headers) else None
    return objects(delivery, _read) if b'"MESSAGE"' in delivery.body else None


def _own(said: Mapping[str, Any]) -> bool:
    return isinstance(said.get("HOST"), str) and "MESSAGE" in said and any(name in said for name in _ANY)


def _read(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    if not _own(said):
        return None
    fields, others = _fields(said), dict[str, Any]()
    for name, value in _fields(delivery.headers).items():
        if name not in fields:
            fields[name] = value
        elif fields[name] != value:
            others[name] = value
    return _event(beside(fields, "headers", others) if others else fields, delivery)


def _fields(said: Mapping[str, Any]) -> dict[str, Any]:
    """Syslog's words for its own, and `.SDATA.<id>.<name>` as nested fields."""
    found: dict[str, Any] = {}
    data: dict[str, dict[str, Any]] = {}
    for name, value in said.items():
        if name.startswith(_SDATA):
            element, _, parameter = name.removeprefix(_SDATA).rpartition(".")
            data.setdefault(element, {})[parameter] = value
            continue
        ours = _NAMES.get(name, name)
        found[name if ours in found or (ours != name and ours in said) else ours] = value
    return beside(found, "data", data) if data else found


def _event(fields: dict[str, Any], delivery: Delivery) -> Decoded:
    return event_of(fields, _time(fields, delivery), delivery)


def _time(fields: dict[str, Any], delivery: Delivery) -> int | None:
    for name in ("ISODATE", "S_ISODATE"):
        moment = read_time(fields.get(name))
        if moment is not None:
            return moment
    for name in ("UNIXTIME", "S_UNIXTIME"):
        try:
            moment = in_unit(real(str(fields.get(name))), "s")
        except ValueError:
            continue
        if moment is not None:
            return moment
    date = fields.get("DATE")
    return time_said(date, delivery) if isinstance(date, str) else None
