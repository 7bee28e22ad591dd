"""A publisher that nobody is behind."""

import threading
from typing import Any

import msgspec

from minerlib.bus.publish import Publisher
from minerlib.event.key import split_key


class Unsent(Publisher):
    """Stands for the Publisher of a module; what would be sent is in `said`: kinds and bodies. The first
    flush sets `stop`."""

    def __init__(self, stop: threading.Event) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.said, self.stop = list[tuple[str, Any]](), stop

    def __call__(self, *_: object, **__: object) -> "Unsent":
        return self

    def send(self, key: str, body: bytes, **_: Any) -> None:
        found = split_key(key)
        assert found
        self.said.append((found.kind, msgspec.json.decode(body)))

    def flush(self, timeout: float = 30.0) -> None:
        self.stop.set()

    def close(self, timeout: float = 5.0) -> None:
        pass

    def abandon(self) -> None:
        pass
