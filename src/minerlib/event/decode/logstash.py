"""Logstash's events (and those of Beats that went through it): JSON with `@timestamp` and `@version`.

The body is the event as it is, the time `@timestamp`, whatever else is called time. The source is `host`: a text, or an
object with a `name` or `hostname`. The kind is the first of `event.dataset` and `data_stream.dataset` as they are
(`nginx.access`), `log.` and the `program` of a syslog line, `log.` and the `type`, the routing key.
"""

from typing import Any

from minerlib.event.body import field
from minerlib.event.decode.defaults import clean_kind, kind_of, read_any, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects

_HOSTS = ("host.name", "host.hostname", "host", "agent.hostname", "beat.hostname")
_KINDS = {"event.dataset": "", "data_stream.dataset": "", "program": "log.", "type": "log."}


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object; None where none has both fields."""
    return objects(delivery, _event) if b'"@version"' in delivery.body else None


def _event(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    if "@version" not in said or not isinstance(said.get("@timestamp"), str):
        return None
    host = next((found for name in _HOSTS if (found := _text(said, name))), "")
    kinds = (prefix + word for name, prefix in _KINDS.items() if (word := clean_kind(_text(said, name))))
    time = read_any(said["@timestamp"], delivery)
    return Decoded(
        host or source_of(said, delivery),
        next(kinds, kind_of(delivery)),
        stamped(delivery) if time is None else time,
        said,
    )


def _text(said: dict[str, Any], name: str) -> str:
    found = field(said, name)
    return found if isinstance(found, str) else ""
