"""Messages that somebody captured into a file, a JSON object a line, as deliveries again."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from minerlib.event.decode.delivery import Delivery
from minerlib.event.moment import read_time


class _Properties(msgspec.Struct):
    headers: dict[str, Any] | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    timestamp: int | None = None
    message_id: str | None = None
    app_id: str | None = None
    type: str | None = None


class _Message(msgspec.Struct):
    """A line; one that says neither exchange, routing key nor properties is JSON of another sort."""

    exchange: str | UnsetType = UNSET
    routing_key: str | UnsetType = UNSET
    properties: _Properties | UnsetType = UNSET
    body: str | UnsetType = UNSET
    body_base64: bytes | UnsetType = UNSET
    captured_at: str | float | None = None


_message = msgspec.json.Decoder(_Message).decode


def captured(data: bytes, at: int, zone: ZoneInfo | None = None) -> list[Delivery]:
    """The messages of a file; empty where it is no such file, which it is when all its lines are such objects.

    Each has `body` (text) or `body_base64`, and `exchange`, `routing_key`, `properties`; `captured_at` is when it was
    delivered, else `at` (µs).
    """
    found: list[Delivery] = []
    for line in data.split(b"\n"):
        if line.strip():
            each = _read(line, at, zone)
            if each is None:
                return []
            found.append(each)
    return found


def _read(line: bytes, at: int, zone: ZoneInfo | None) -> Delivery | None:
    try:
        said = _message(line)
    except (ValueError, RecursionError):  # msgspec's own are ValueErrors
        return None
    body = said.body.encode() if said.body is not UNSET else said.body_base64
    if body is UNSET or (said.exchange, said.routing_key, said.properties) == (UNSET, UNSET, UNSET):
        return None
    properties = said.properties or _Properties()
    moment = read_time(said.captured_at)
    return Delivery(
        body=body, exchange=said.exchange or "", key=said.routing_key or "", headers=properties.headers or {},
        content_type=properties.content_type or "", content_encoding=properties.content_encoding or "",
        timestamp=properties.timestamp, message_id=properties.message_id or "", app_id=properties.app_id or "",
        type=properties.type or "", at=at if moment is None else moment, zone=zone,
    )  # fmt: skip
