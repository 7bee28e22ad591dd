"""A bridge: messages of a foreign exchange, decoded, become numbered events of ours, and are acked once these are
confirmed. Nothing is lost on the way. What was on it when a connection broke is delivered once more: a bridge knows
what it has published and did not ack. What it cannot know (it was killed, or its last ack was lost) is published once
more, and says so in its field `redelivered`.

    their exchange --> minerlib.bridge.<name> --take--> decode --publish--> our stream
                            `<----ack, when all events of a message are confirmed---'
"""

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import islice, takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from minerlib import settings
from minerlib.bus.connect import shown
from minerlib.bus.publish import Publisher
from minerlib.bus.queue import Queue, Wanted
from minerlib.bus.retry import patiently
from minerlib.errors import BrokerUnreachable, EventError, SettingError
from minerlib.event.decode import Delivery
from minerlib.event.decode.mapping import Entry, Placed, read
from minerlib.event.decode.said import beginning, body_of
from minerlib.event.key import UNREADABLE, check_scope

_RETURNED = 60.0  # seconds: by then what a lost connection had is delivered anew, or dropped because they were too many
_GOODBYE = 5.0  # seconds to wait at the end for what is not confirmed

_FAULT = 1000  # letters of one: it may quote a field of any length
LARGEST = 8_000_000  # bytes of an event: RabbitMQ 4 closes the channel over 16 MiB, and a long source is said twice


class Terms(NamedTuple):
    """What a bridge carries: from which broker and queue, which messages, and what they are."""

    url: str
    queue: str
    wanted: Wanted
    scope: str
    mapping: Sequence[Entry] = ()
    zone: ZoneInfo | None = None


class Bridge:
    """What was carried, and what waits for its confirm: (delivery tag, how many were sent with it, what it was)."""

    def __init__(self, terms: Terms, publisher: Publisher, told: Callable[[str], None]) -> None:
        self.terms, self.publisher, self.told = terms, publisher, told
        self.counts: Counter[str] = Counter()
        self._waiting: deque[tuple[int, int, bytes]] = deque()
        self._carried: dict[bytes, list[int]] = {}  # published over a connection that broke before the ack
        self._broke = 0.0
        self._said: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Carry until `stop` is set. Raises BrokerRefused, SettingError."""
        terms = self.terms
        while not stop.is_set():
            queue = patiently(stop, self.told)(Queue, terms.url, terms.queue, terms.wanted, terms.zone)
            if queue.new:
                where = f"{terms.wanted.exchange} at {shown(terms.url)}"
                self.told(f"The queue {terms.queue} is new: what came to {where} before it is not carried.")
            try:
                while not stop.is_set():
                    self.carry(queue)
                self._end(queue)
            except BrokerUnreachable as error:
                self.told(str(error))
            finally:
                queue.close()
                for _, sent, digest in self._waiting:
                    self._carried.setdefault(digest, []).append(sent)
                self._waiting.clear()
                self._broke = time.monotonic()

    def carry(self, queue: Queue) -> None:
        """Take what came, publish it, and ack what is confirmed."""
        for tag, again, delivery in queue.take():
            digest = _digest(delivery)
            if again and (before := self._carried.get(digest)):
                self._waiting.append((tag, before.pop(), digest))
                continue
            self._publish(delivery, again)
            self._waiting.append((tag, self.publisher.sent, digest))
        done = self.publisher.settled()
        ready = sum(1 for _ in takewhile(lambda each: each[1] <= done, self._waiting))
        if ready:
            queue.ack(self._waiting[ready - 1][0])
            self._waiting = deque(islice(self._waiting, ready, None))
        if self._carried and time.monotonic() - self._broke > _RETURNED:
            self._carried.clear()

    def _publish(self, delivery: Delivery, again: bool) -> None:
        name, found = read(delivery, self.terms.mapping)
        self.counts["messages"] += 1
        self.counts["again"] += again
        for placed in found:
            self._send(placed, delivery, again)
            self.counts["events"] += 1
        events = [placed.event for placed in found]
        if any(event.raw is not None for event in events):
            self.counts["raw"] += 1
            self._say(
                f"Not all that comes to {delivery.exchange} by the key {delivery.key!r} can be read: kept as it is."
            )
        if any(event.time is None for event in events):
            where = f"Messages of {delivery.exchange} ({name})"
            self._say(f"{where} say no time, or one without a zone (see --zone): the time is that of their arrival.")

    def _send(self, placed: Placed, delivery: Delivery, again: bool) -> None:
        scope, event = placed
        body = body_of(event)
        if len(encoded := msgspec.json.encode(body)) > LARGEST:
            rest = beginning(encoded if event.raw is None else event.raw)
            fault = f"An event of more than {LARGEST:,} bytes has no place on the bus."
            self._send_unreadable(fault, rest, event.time, delivery, again)
            return
        if again:
            body["redelivered"] = True
        try:
            scope = check_scope(scope) if scope else self.terms.scope
            self.publisher.publish(scope, event.source, event.kind, body, time=event.time)
        except (EventError, SettingError) as error:  # a scope that the mapping made of it, a kind of 300 letters
            self._send_unreadable(str(error)[:_FAULT], body, event.time, delivery, again)

    def _send_unreadable(
        self, fault: str, body: dict[str, Any], time: int | None, delivery: Delivery, again: bool
    ) -> None:
        self._say(f"{fault} It goes to {self.terms.scope} as {UNREADABLE}.")
        body |= {"fault": fault, "exchange": delivery.exchange, "key": delivery.key}
        if again:
            body["redelivered"] = True
        self.publisher.publish(self.terms.scope, delivery.exchange or "unknown", UNREADABLE, body, time=time)

    def _say(self, text: str) -> None:
        """Say it once."""
        if text not in self._said and len(self._said) < 1000:
            self._said.add(text)
            self.told(text)

    def _end(self, queue: Queue) -> None:
        """Wait a little for confirms, so that nothing is carried twice."""
        until = time.monotonic() + _GOODBYE
        while self._waiting and time.monotonic() < until:
            self.carry(queue)


def _digest(delivery: Delivery) -> bytes:
    said = (delivery.exchange, delivery.key, delivery.timestamp, delivery.message_id, sorted(delivery.headers))
    return hashlib.blake2b(repr(said).encode() + delivery.body, digest_size=16).digest()


def run_bridge(terms: Terms, name: str, url: str, stop: threading.Event, told: Callable[[str], None]) -> Counter[str]:
    """Carry from the broker of `terms` to that of `url` until `stop` is set; what was carried."""
    with Publisher(url, f"bridge.{name}.{settings.source()}", told=told, stop=stop) as publisher:
        bridge = Bridge(terms, publisher, told)
        bridge.run(stop)
        return bridge.counts
