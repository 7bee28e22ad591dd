"""A node for each key."""

from collections.abc import Callable

import msgspec

from minerlib.event.event import Event
from minerlib.event.moment import SECOND
from minerlib.pipe.node import Node, Of, Timed, several, value_of
from minerlib.pipe.pace import whole

_encode = msgspec.json.Encoder(order="sorted").encode
_STEP = SECOND  # time is handed on to all keys that often


class by:
    """Each event through the node of its key, which `node()` makes when the key is new.

        in              web/ok  db/ok  web/ok  db/bad      by("source", lambda: changed("state"))
        node of web     ok             -
        node of db              ok             bad

    A key without an event for `idle` is forgotten, what its node still holds comes out, and the next event finds a new
    node. Of more than `most` keys that happens to the one silent for longest. Nodes that wait hear the time once a
    second of it. How many per key is `count(by=...)`, which is one node for all of them.
    """

    def __init__(self, key: Of, node: Callable[[], Node], idle: str = "10m", most: int = 10_000) -> None:
        self.key, self.node, self.idle, self.most = key, node, idle, most
        self.nodes: dict[bytes, Node] = {}
        self.heard: dict[bytes, int] = {}  # in the order of these times, the oldest first
        self.clock = 0
        self._idle, self._told = whole(idle), 0

    def __call__(self, event: Event) -> list[Event]:
        key, given = _encode(value_of(self.key, event)), list[Event]()
        node = self.nodes.get(key)
        if node is None:
            if len(self.nodes) >= self.most:
                given = self._forget(next(iter(self.heard)))
            node = self.nodes[key] = self.node()
        self.heard.pop(key, None)
        self.heard[key] = self.clock
        return given + several(node(event))

    def tick(self, clock: int) -> list[Event]:
        self.clock = clock
        if self._told <= clock < self._told + _STEP:
            return []
        if clock < self._told:  # it had believed an event of the future
            self.heard = {key: min(heard, clock) for key, heard in self.heard.items()}
        self._told, given = clock, list[Event]()
        for node in self.nodes.values():
            if isinstance(node, Timed):
                given += several(node.tick(self.clock))
        while self.heard and next(iter(self.heard.values())) <= self.clock - self._idle:
            given += self._forget(next(iter(self.heard)))
        return given

    def flush(self) -> list[Event]:
        return [event for key in tuple(self.nodes) for event in self._forget(key)]

    def _forget(self, key: bytes) -> list[Event]:
        node = self.nodes.pop(key)
        del self.heard[key]
        return several(node.flush()) if isinstance(node, Timed) else []

    def __repr__(self) -> str:
        return f"by({self.key!r}, idle={self.idle!r}, most={self.most}, nodes={self.nodes!r})"
