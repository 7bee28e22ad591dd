"""fedora-messaging: a JSON object with the header `fedora_messaging_schema`; the routing key is its topic.

The kind is the topic (`org.fedoraproject.prod.buildsys.build.state.change`), the source the host that the body names,
else the service in the topic (`buildsys`). The time is the header `sent-at`, which is to name its offset; one that does
not has that of a zone from elsewhere.
"""

from typing import Any

from minerlib.event.decode.defaults import kind_of, raw, read_any, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects

_PLACES = ("dev", "stg", "prod", "production")


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event; `raw` where the body is no object, as messages have to be; None where it has no schema."""
    if not isinstance(delivery.headers.get("fedora_messaging_schema"), str):
        return None
    return objects(delivery, _event) or [raw(delivery)]


def _event(said: dict[str, Any], delivery: Delivery) -> Decoded:
    sent = read_any(delivery.headers.get("sent-at"), delivery)
    return Decoded(_source(said, delivery), kind_of(delivery), stamped(delivery) if sent is None else sent, said)


def _source(said: dict[str, Any], delivery: Delivery) -> str:
    words = delivery.key.split(".")
    service = words[3] if len(words) > 4 and words[2] in _PLACES else ""
    return source_of(said, Delivery(body=b"", exchange=service or delivery.exchange, app_id=delivery.app_id))
