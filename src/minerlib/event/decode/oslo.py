"""Notifications of OpenStack's services (oslo.messaging): an object, or one as text in the field `oslo.message`.

The source is the host of `publisher_id` (`compute.host1`, `nova-compute:host1`), the kind `event_type`, the body the
notification. `timestamp` names no zone; oslo.messaging documents it as timeutils.utcnow(): UTC. Times inside `payload`
are the service's own and stay as they are. A call between services (`method`) has the kind `rpc.` and its name.
The values of passwords, tokens and keys are masked.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from minerlib.event.decode.defaults import beside, clean_kind, raw, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects
from minerlib.event.decode.masked import mask
from minerlib.event.decode.times import zoned

_NOTIFICATION = {"publisher_id", "event_type", "priority", "payload", "timestamp"}
_UTC = ZoneInfo("UTC")
_read = msgspec.json.Decoder(dict[str, Any]).decode


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event; None where there is neither `oslo.message` nor a notification."""
    if b'"oslo.message"' not in delivery.body and b'"publisher_id"' not in delivery.body:
        return None
    return objects(delivery, _enveloped)


def _enveloped(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    """What is in the envelope, with the rest of that beside it; `raw` where it cannot be read."""
    text = said.get("oslo.message")
    if not isinstance(text, str):
        return _event(said, delivery) if said.keys() >= _NOTIFICATION else None
    rest = {name: value for name, value in said.items() if name != "oslo.message"}
    try:
        inside = _read(text)
    except (ValueError, RecursionError):  # msgspec's own are ValueErrors
        unread = raw(delivery, text.encode())
        return unread._replace(body={**unread.body, "envelope": rest})
    twice = {name: value for name, value in rest.items() if name in inside}
    return _event(beside(rest | inside, "envelope", twice) if twice else rest | inside, delivery)


def _event(said: dict[str, Any], delivery: Delivery) -> Decoded:
    publisher, event, method = (said.get(name) for name in ("publisher_id", "event_type", "method"))
    name = event if isinstance(event, str) else f"rpc.{method}" if isinstance(method, str) else ""
    source = _host(publisher) if isinstance(publisher, str) else ""
    source, time = source or source_of(said, delivery), _time(said.get("timestamp"), delivery)
    return Decoded(source, clean_kind(name) or "oslo", time, mask(said))


def _host(publisher: str) -> str:
    """`host1.example.net` of `compute.host1.example.net`; what has but one word is it."""
    service, _, host = publisher.partition(":" if ":" in publisher else ".")
    return host or service


def _time(said: Any, delivery: Delivery) -> int | None:
    try:
        moment = zoned(datetime.fromisoformat(said), _UTC)
    except (TypeError, ValueError):
        moment = None
    return stamped(delivery) if moment is None else moment
