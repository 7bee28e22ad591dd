"""A message of a foreign producer as it was delivered, and an event found in it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What a broker delivered, and `at`, when (µs since 1970).

    `headers` are plain JSON values. `timestamp` is the property, in whole seconds. `zone` is that of times that name
    none; where it is None, nobody knows what such a time means, and the event has none.
    """

    body: bytes
    exchange: str = ""
    key: str = ""
    headers: Mapping[str, Any] = {}
    content_type: str = ""
    content_encoding: str = ""
    timestamp: int | None = None
    message_id: str = ""
    app_id: str = ""
    type: str = ""
    at: int = 0
    zone: ZoneInfo | None = None


class Decoded(NamedTuple):
    """An event that was found: `time` in µs since 1970, None where it says none (or one whose zone is unknown); `raw`
    where nothing could be read, and then without a body."""

    source: str
    kind: str
    time: int | None = None
    body: Any = None
    raw: bytes | None = None


Decoder = Callable[[Delivery], list[Decoded] | None]
"""The events of a message, None where it is of another producer. Never raises; loses nothing: what it cannot read of a
message that is its own is an event with `raw`."""
