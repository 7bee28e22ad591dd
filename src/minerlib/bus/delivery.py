"""A message as pika delivers it, for the decoders: its properties and headers as plain values."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pika

from minerlib.event.body import DEPTH
from minerlib.event.decode import Delivery


def short_text(said: str | bytes) -> str:
    """A short string of AMQP as text: pika leaves as bytes what is not UTF-8, which any producer may send."""
    return said if isinstance(said, str) else said.decode(errors="backslashreplace")


def delivery_of(
    exchange: str | bytes, key: str | bytes, body: bytes, properties: pika.BasicProperties, at: int,
    zone: ZoneInfo | None = None,
) -> Delivery:  # fmt: skip
    """What a decoder is given; `at` is when it was delivered (µs). Never raises, whatever the producer sent."""
    stamp = properties.timestamp
    return Delivery(
        body=body, exchange=short_text(exchange), key=short_text(key), headers=plain(properties.headers or {}),
        content_type=_text(properties.content_type), content_encoding=_text(properties.content_encoding),
        timestamp=int(stamp) if isinstance(stamp, int) else None, message_id=_text(properties.message_id),
        app_id=_text(properties.app_id), type=_text(properties.type), at=at, zone=zone,
    )  # fmt: skip


def plain(value: Any, depth: int = 0) -> Any:
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
        return {str(name): plain(one, depth + 1) for name, one in value.items()}
    if depth < DEPTH and isinstance(value, (list, tuple)):
        return [plain(one, depth + 1) for one in value]
    return str(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
