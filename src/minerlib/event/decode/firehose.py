"""RabbitMQ's firehose (amq.rabbitmq.trace): what any producer published or was delivered, as that producer's events.

A trace has the body of the message it is about; the message's properties and where it went are headers. The message is
decoded as if it had come by itself: its source, its time, its body. The kind says what became of it, `publish.` or
`deliver.` and the kind, so that the trace of a message is never counted as the message, nor twice. The field `traced`
holds the trace's headers, with the queue of a delivery. The broker gives traces no time of their own.

    key publish.orders, headers {"exchange_name": "orders", "routing_keys": ["eu.paid"], "properties": {...}, ...}
    kind publish.eu.paid, body {..., "traced": {"exchange_name": "orders", "routing_keys": ["eu.paid"], ...}}
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from minerlib.event.decode.defaults import beside
from minerlib.event.decode.delivery import Decoded, Delivery

_TEXTS = ("content_type", "content_encoding", "message_id", "app_id", "type")


def decode(delivery: Delivery, inner: Callable[[Delivery], tuple[str, list[Decoded]]]) -> list[Decoded] | None:
    """The events that `inner` finds in the message that was traced; None where it is no trace."""
    headers = delivery.headers
    what, _, where = delivery.key.partition(".")
    if not headers or what not in ("publish", "deliver"):
        return None
    exchange, keys, properties = (headers.get(name) for name in ("exchange_name", "routing_keys", "properties"))
    if not isinstance(exchange, str) or not isinstance(keys, list) or not isinstance(properties, dict):
        return None
    traced = {**headers, "queue": where} if what == "deliver" else dict(headers)
    _, found = inner(_original(delivery, exchange, keys, properties))
    return [_event(each, what, traced) for each in found]


def _event(event: Decoded, what: str, traced: Mapping[str, Any]) -> Decoded:
    said = event.body if isinstance(event.body, dict) else {"value": event.body}
    return event._replace(kind=f"{what}.{event.kind}", body=beside(said, "traced", traced))


def _original(delivery: Delivery, exchange: str, keys: list[Any], properties: dict[str, Any]) -> Delivery:
    """The message as its producer published it."""
    headers, timestamp = properties.get("headers"), properties.get("timestamp")
    texts = {name: value for name in _TEXTS if isinstance(value := properties.get(name), str)}
    return msgspec.structs.replace(
        delivery,
        **dict.fromkeys(_TEXTS, "") | texts,
        exchange=exchange,
        key=keys[0] if keys and isinstance(keys[0], str) else "",
        headers=headers if isinstance(headers, dict) else {},
        timestamp=timestamp if isinstance(timestamp, int) else None,
    )
