"""What a message of any exchange looks like as events: never raises, whatever the producer sent."""

from datetime import UTC, datetime
from typing import Any

import pika

from minerlib.event.body import DEPTH, Part, read_parts
from minerlib.event.event import Event
from minerlib.event.key import LOCAL, UNREADABLE, Key, split_key, whole_source
from minerlib.event.moment import read_time

EVENTS = "events"
_HOSTS = ("host", "hostname", "HOST", "source", "server")


def events_of(
    exchange: str, key: str, body: bytes, properties: pika.BasicProperties, clock: int, offset: int
) -> list[Event]:
    """The events in a message as a tap shows them; `clock` (µs) stands for `seen`, `offset` counts the tap's messages.

    On our exchange the routing key says scope, source and kind. On a foreign one it says anything: the kind is the
    key (the exchange's name where it is empty), the scope `local.lab.dev`, the source whoever the message names. An
    empty body with headers (syslog-ng, RabbitMQ's own events) has the headers for its body; a JSON array of objects
    is as many events.
    """
    ours = exchange == EVENTS
    named = (split_key(key) or Key(LOCAL, "unknown", UNREADABLE)) if ours else None
    parts = read_parts(body) if ours else _foreign_parts(body, properties)
    company, system, environment = named.scope.split(".") if named else LOCAL.split(".")
    stamped = properties.timestamp if isinstance(properties.timestamp, int) else None
    events: list[Event] = []
    for number, (value, raw) in enumerate(parts):
        time = read_time(value.get("time")) if isinstance(value, dict) else None
        if time is None:
            time = read_time(stamped) if stamped else None
        events.append(
            Event(
                time=clock if time is None else time, seen=clock, epoch="", offset=offset, part=number,
                company=company, system=system, environment=environment,
                source=whole_source(named.source, value) if named else _source(value, properties, exchange),
                kind=named.kind if named else (key or exchange),
                body=value, raw=raw,
            )
        )  # fmt: skip
    return events


def _foreign_parts(body: bytes, properties: pika.BasicProperties) -> list[Part]:
    if not body.strip() and properties.headers:
        return [Part(_plain(properties.headers), None)]
    parts = read_parts(body)
    value = parts[0].body
    if len(parts) == 1 and isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return [Part(one, None) for one in value]
    return parts


def _source(value: Any, properties: pika.BasicProperties, exchange: str) -> str:
    for said in (value, properties.headers):
        if isinstance(said, dict):
            for name in _HOSTS:
                if isinstance(found := said.get(name), str) and found:
                    return found
    return properties.app_id or exchange


def _plain(value: Any, depth: int = 0) -> Any:
    """A header as JSON has values: bytes as text, moments (UTC, as AMQP has them) as RFC 3339, the rest as text."""
    if isinstance(value, (bool, float, str)) or value is None:
        return value
    if isinstance(value, int):
        return int(value)  # pika has a kind of int of its own for 64 bits, which no encoder knows
    if isinstance(value, (bytes, bytearray)):
        return value.decode(errors="replace")
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    if depth < DEPTH and isinstance(value, dict):
        return {str(name): _plain(one, depth + 1) for name, one in value.items()}
    if depth < DEPTH and isinstance(value, (list, tuple)):
        return [_plain(one, depth + 1) for one in value]
    return str(value)
