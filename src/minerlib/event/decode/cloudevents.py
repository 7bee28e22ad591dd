"""CloudEvents: attributes in headers and the data as the body, a JSON object that holds both, or an array of these.

The prefixes are AMQP's `cloudEvents:` and `cloudEvents_`, and `ce-` as Knative's RabbitMQ source has it. All modes give
the same body, which is that of the JSON format: the attributes, and `data` or `data_base64`; other headers stand in
`headers`. The source is the event's `source`, the kind its `type`, the time its `time` (RFC 3339).
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from minerlib.event.body import read_parts
from minerlib.event.decode.defaults import beside, clean_kind, kind_of, read_any, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects

_PREFIXES = ("cloudEvents:", "cloudEvents_", "ce-")
_REQUIRED = ("specversion", "id", "source", "type")


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object, or one of headers and body; None where neither has what CloudEvents requires."""
    if b'"specversion"' in delivery.body:
        found = objects(delivery, _structured)
        if found:
            return found
    prefix = (
        next((each for each in _PREFIXES if each + "specversion" in delivery.headers), "") if delivery.headers else ""
    )
    return _binary(prefix, delivery) if prefix else None


def _own(said: Mapping[str, Any]) -> bool:
    return all(isinstance(said.get(name), str) and said[name] for name in _REQUIRED)


def _structured(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    return _event(said, delivery.headers, delivery) if _own(said) else None


def _binary(prefix: str, delivery: Delivery) -> list[Decoded] | None:
    headers = delivery.headers
    said = {name.removeprefix(prefix): value for name, value in headers.items() if name.startswith(prefix)}
    if not _own(said):
        return None
    if delivery.content_type:
        said.setdefault("datacontenttype", delivery.content_type)
    if delivery.body:
        said = beside(said, *_data(delivery))
    others = {name: value for name, value in headers.items() if not name.startswith(prefix)}
    return [_event(said, others, delivery)]


def _data(delivery: Delivery) -> tuple[str, Any]:
    """The data under the name that the JSON format has for it: JSON, text, or bytes in base64."""
    media = delivery.content_type.partition(";")[0].strip().lower()
    parts = read_parts(delivery.body)
    if len(parts) == 1 and parts[0].raw is None:
        value = parts[0].body
        if isinstance(value, (dict, list)) or not media or media.endswith("json"):
            return "data", value
    try:
        return "data", delivery.body.decode()
    except UnicodeDecodeError:
        return "data_base64", b64encode(delivery.body).decode()


def _event(said: dict[str, Any], others: Mapping[str, Any], delivery: Delivery) -> Decoded:
    time = read_any(said.get("time"), delivery)
    body = beside(said, "headers", dict(others)) if others else said
    kind = clean_kind(said["type"]) or kind_of(delivery)
    return Decoded(said["source"], kind, stamped(delivery) if time is None else time, body)
