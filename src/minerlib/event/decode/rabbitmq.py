"""RabbitMQ's event exchange (rabbitmq_event_exchange): an empty body, what happened in the headers, the key its name.

The body holds the headers, the kind is `rabbitmq.` and the key (`rabbitmq.queue.created`), the time `timestamp_in_ms`:
milliseconds since 1970. The source is the node: as a header `node` or `leader` names it, or out of an Erlang process
(`<rabbit@host.1795334353.656.0>`); some events name none, and have the exchange.
"""

import re
from collections.abc import Mapping
from typing import Any

from minerlib.event.decode.defaults import kind_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.times import in_unit

EXCHANGE = "amq.rabbitmq.event"
_SAID = ("user_who_performed_action", "vhost", "connection_name", "name")  # one of them by every event
_NODES = ("node", "leader")
_PROCESSES = ("pid", "connection", "channel", "owner_pid")
_PROCESS = re.compile(r"<([^<>@]{1,100}@[^<>]{1,300}?)\.[0-9]{1,20}\.[0-9]{1,20}\.[0-9]{1,20}>")


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event; None where there is a body, or no header `timestamp_in_ms`."""
    headers = delivery.headers
    stamp = None if delivery.body else headers.get("timestamp_in_ms")
    if not isinstance(stamp, int) or not any(name in headers for name in _SAID):
        return None
    moment = in_unit(stamp, "ms")
    time = stamped(delivery) if moment is None else moment
    return [Decoded(_node(headers), f"rabbitmq.{kind_of(delivery)}", time, dict(headers))]


def _node(headers: Mapping[str, Any]) -> str:
    for name in _NODES:
        node = headers.get(name)
        if isinstance(node, str) and "@" in node:
            return node
    for name in _PROCESSES:
        process = headers.get(name)
        match = _PROCESS.fullmatch(process) if isinstance(process, str) else None
        if match:
            return match[1]
    return EXCHANGE
