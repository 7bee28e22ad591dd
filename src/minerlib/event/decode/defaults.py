"""Where an event comes from and what it is, where its producer has no place for it: what a message says of itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.times import by_size, zoned
from minerlib.event.moment import read_time

_HOSTS = ("host", "hostname", "HOST", "source", "server")
_TIMES = ("time", "@timestamp", "timestamp", "ts", "datetime", "date")


def source_of(body: Any, delivery: Delivery) -> str:
    """Whoever the body or the headers name, else the application, else the exchange."""
    for said in (body, delivery.headers):
        if isinstance(said, dict):
            for name in _HOSTS:
                found = said.get(name)
                if isinstance(found, dict):  # as in Elastic's common schema
                    found = found.get("name")
                if isinstance(found, str) and found:
                    return found
    return delivery.app_id or delivery.exchange or "unknown"


def kind_of(delivery: Delivery) -> str:
    """The routing key, else the exchange."""
    return clean_kind(delivery.key) or clean_kind(delivery.exchange) or "unknown"


def clean_kind(text: str) -> str:
    """Text as a kind: dotted words without blanks, none of them empty."""
    words = (
        "".join("_" if c in "*#/" or c.isspace() or not c.isprintable() else c for c in w) for w in text.split(".")
    )
    return ".".join(word for word in words if word)


def time_of(body: Any, delivery: Delivery) -> int | None:
    """What the first of the usual fields says, else the timestamp property; µs since 1970."""
    if isinstance(body, dict):
        for name in _TIMES:
            moment = read_any(body.get(name), delivery)
            if moment is not None:
                return moment
    return stamped(delivery)


def stamped(delivery: Delivery) -> int | None:
    """The timestamp property, µs since 1970; whole seconds, and by some producers milliseconds."""
    return None if delivery.timestamp is None else by_size(delivery.timestamp, delivery.at)


def read_any(value: Any, delivery: Delivery) -> int | None:
    """A moment as text (ISO 8601, with or without a zone) or as a number since 1970; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return by_size(value, delivery.at)
    if not isinstance(value, str):
        return None
    moment = read_time(value)
    return moment if moment is not None else _zoneless(value, delivery)


def _zoneless(text: str, delivery: Delivery) -> int | None:
    try:
        return zoned(datetime.fromisoformat(text), delivery.zone) if len(text) > 10 else None
    except ValueError:
        return None


def raw(delivery: Delivery, line: bytes | None = None) -> Decoded:
    """What nobody can read (a line, or all of it) with the message's properties for its body."""
    said = {
        "exchange": delivery.exchange, "key": delivery.key, "headers": dict(delivery.headers),
        "content_type": delivery.content_type, "content_encoding": delivery.content_encoding,
        "message_id": delivery.message_id, "app_id": delivery.app_id, "type": delivery.type,
    }  # fmt: skip
    body = {name: value for name, value in said.items() if value}
    read = delivery.body if line is None else line
    return Decoded(source_of(None, delivery), kind_of(delivery), stamped(delivery), body, read)


def beside(body: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """A body with one field more; what it says by that name itself goes on as `<name>_said`.

    >>> beside({"a": 1, "headers": "none"}, "headers", {"team": "blue"})
    {'a': 1, 'headers_said': 'none', 'headers': {'team': 'blue'}}
    """
    out = dict(body)
    if name in out:
        other = f"{name}_said"
        while other in out:
            other += "_said"
        out[other] = out.pop(name)
    out[name] = value
    return out


def whole(event: Decoded, headers: Mapping[str, Any], message_id: str) -> Decoded:
    """The event with headers and an id that its body does not say: a stream keeps bodies.

    >>> whole(Decoded("web-1", "load", None, {"load": 0.4, "dc": 2}), {"dc": 2, "team": "blue"}, "").body
    {'load': 0.4, 'dc': 2, 'headers': {'team': 'blue'}}
    """
    body = event.body if isinstance(event.body, dict) else {"value": event.body}
    more = {name: value for name, value in headers.items() if name not in body or body[name] != value}
    if more:
        body = beside(body, "headers", more)
    if message_id and body.get("message_id") != message_id:
        body = beside(body, "message_id", message_id)
    return event._replace(body=body)
