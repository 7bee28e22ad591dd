"""Fluentd's plugin amqp2: the record inside `{"key": tag, "timestamp": seconds, "payload": record}`.

The kind is the tag, the time the timestamp (seconds since 1970), the body the record, with the rest as `fluentd`; the
source what the record names. The other plugins (fluent-plugin-amqp, fluent-plugin-rabbitmq) and amqp2 with
`payload_only` send the record alone, which is JSON of any application: `json` reads it, the tag is the routing key.
All are called application/octet-stream.
"""

from typing import Any

from minerlib.event.decode.defaults import beside, clean_kind, kind_of, read_any, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects

_ENVELOPE = {"key", "timestamp", "payload"}


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object; None where none is such an envelope and nothing else."""
    return objects(delivery, _event) if b'"payload"' in delivery.body else None


def _event(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    record, tag = said.get("payload"), said.get("key")
    if said.keys() != _ENVELOPE or not isinstance(record, dict) or not isinstance(tag, str):
        return None
    time = read_any(said["timestamp"], delivery)
    return Decoded(
        source_of(record, delivery),
        clean_kind(tag) or kind_of(delivery),
        stamped(delivery) if time is None else time,
        beside(record, "fluentd", {"key": tag, "timestamp": said["timestamp"]}),
    )
