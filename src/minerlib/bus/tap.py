"""A tap: a look at what flows through any exchange of any AMQP 0-9-1 broker, which may lose and never slows it.

    exchange --bindings--> queue minerlib.tap.<random>          exclusive, auto-delete, drop-head, 10 s TTL
                              |  at most PREFETCH messages a TICK
                              v
                           ring of the newest `keep` events --> take(), iteration, frame(), fields()

A tap asks for little on purpose: whatever comes faster than PREFETCH messages a TICK falls from the head of
its own queue, and beyond BUDGET events a TICK bodies are only counted. It reconnects by itself; what passed
meanwhile is not seen.
"""

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pika
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import BROKEN, broker_url, connect, sentence, shown
from minerlib.bus.delivery import short_text
from minerlib.bus.exchange import bind, exchange_type
from minerlib.bus.fields import Field, fields_of
from minerlib.bus.gaps import Gaps
from minerlib.bus.retry import patiently, short_name
from minerlib.bus.ring import Counts, Ring
from minerlib.bus.sight import events_of, hidden, words_of
from minerlib.bus.topology import EVENTS
from minerlib.errors import BrokerError, MinerlibError, SettingError
from minerlib.event.key import split_key
from minerlib.event.moment import now

if TYPE_CHECKING:
    import polars as pl

    from minerlib.event.event import Event

PREFETCH = 400
TICK = 0.1  # seconds
BUDGET = 1000  # events read a TICK: a message may hold thousands, and what lies beyond is counted unread
ROOM = 2000  # messages its queue holds
_QUEUE = {
    "x-queue-type": "classic",
    "x-max-length": ROOM,
    "x-max-length-bytes": 32_000_000,
    "x-overflow": "drop-head",
    "x-message-ttl": 10_000,
}


class Tap:
    """Look at the events that pass an exchange: `for event in Tap("disk.#"): print(event)`.

    On the exchange `events` a pattern is one of kinds (`disk.#`) or of whole routing keys (`acme.web.#`); the
    workbench's own kinds (`tick`, `alert.#`, ...) are seen only when named. On any other exchange it is a binding
    key, whatever that means there: several may be given, a direct exchange wants exact ones, and `bindings` holds
    what a headers exchange is to match. `keep` events are kept for `frame()` and `fields()`.

    Raises BrokerUnreachable or BrokerRefused, in one sentence, where it cannot begin; later it waits and comes
    back by itself. Close it, or use it in a `with`.
    """

    def __init__(
        self,
        pattern: str | Sequence[str] = "#",
        exchange: str = EVENTS,
        url: str | None = None,
        keep: int = 10_000,
        bindings: Mapping[str, Any] | None = None,
    ) -> None:
        self.patterns = [pattern] if isinstance(pattern, str) else list(pattern)
        self.exchange, self.bindings = exchange, dict(bindings or {})
        self.queue, self.state, self.said = "", "connecting", ""
        self._url = broker_url(url)
        self._words = words_of(self.patterns)
        self._ring = Ring(keep)
        self._messages = 0
        self._gaps = Gaps() if exchange == EVENTS and self.patterns == ["#"] else None
        self._overflowing = False
        self._fault: MinerlibError | None = None
        self._closing = threading.Event()
        connection = connect(self._url, "minerlib tap")
        try:
            channel = self._attach(connection)
        except BaseException:
            connection.close()
            raise
        self._thread = threading.Thread(target=self._run, args=(connection, channel), name="minerlib tap", daemon=True)
        self._thread.start()

    # --- what a user asks -----------------------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """How many events were received, shown, dropped; see Counts."""
        counts, lost = self._ring.counts(), self._gaps.missed if self._gaps else 0
        return counts._replace(dropped=counts.dropped + lost, lost=lost, overflowing=self._overflowing)

    def totals(self) -> dict[str, int]:
        """How many events of each kind were received."""
        return self._ring.totals()

    def take(self, most: int | None = None, timeout: float = 0) -> list["Event"]:
        """The events not taken yet, oldest first; waits `timeout` seconds for one. With `most`, only the newest so
        many: the others count as dropped. One reader a tap. Raises what ended the tap, once nothing is left."""
        events = self._ring.take(most, timeout)
        if not events and self._fault:
            raise self._fault
        return events

    def __iter__(self) -> Iterator["Event"]:
        """Every event as it comes, until the tap is closed."""
        while True:
            events = self.take(timeout=1)
            yield from events
            if not events and self._ring.ended and not self.counts.waiting:
                return

    def seen(self) -> list["Event"]:
        """The newest `keep` events, oldest first, whether taken or not."""
        return self._ring.seen()

    def fields(self) -> dict[str, Field]:
        """The fields of what was just seen, by dotted name: types, count, an example, the kinds that have it."""
        return fields_of(self.seen())[0]

    def frame(self) -> "pl.DataFrame":
        """What was just seen as a Polars frame: a row an event, a column a field. Needs minerlib[archive]."""
        from minerlib.bus.frame import frame_of

        return frame_of(self.seen())

    def wait(self, events: int = 1, within: float = 30) -> Self:
        """Wait until so many events were received, at most `within` seconds; says how many were, if not."""
        if self._ring.wait(events, within):
            return self
        raise self._fault or BrokerError(
            f"A tap of {', '.join(self.patterns)} on {self.exchange} saw {self.counts.received} of {events} events in "
            f"{within:g} s: is anything publishing there (minerlib up), and does the pattern match?"
        )

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than the tap is open: for readers that take what came in that time at once."""
        if seconds > 0:
            self._closing.wait(seconds)

    def close(self) -> None:
        """Let go of the broker; its queue goes with the connection. Harmless when closed already."""
        self._closing.set()
        self._ring.end()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        counts = self.counts
        text = f"Tap of {', '.join(self.patterns)} on {self.exchange} at {shown(self._url)}: {self.state}"
        return f"{text}; received {counts.received:,}, shown {counts.shown:,}, dropped {counts.dropped:,}"

    # --- its own thread -------------------------------------------------------------------------------------------

    def _run(self, connection: pika.BlockingConnection, channel: BlockingChannel) -> None:
        while True:
            try:
                self._listen(connection, channel)
            except BROKEN as error:
                self.said = str(sentence(error, self._url))
            _quietly_close(connection)
            if self._closing.is_set():
                break
            self.state = "reconnecting"
            try:
                connection, channel = patiently(self._closing, self._tell)(self._again)
            except MinerlibError as error:
                if not self._closing.is_set():
                    self._fault, self.said = error, str(error)
                break
        self.state = "refused" if self._fault else "closed"
        self._ring.end()

    def _tell(self, reason: str) -> None:
        self.said = reason

    def _again(self) -> tuple[pika.BlockingConnection, BlockingChannel]:
        connection = connect(self._url, "minerlib tap")
        try:
            return connection, self._attach(connection)
        except BaseException:
            _quietly_close(connection)
            raise

    def _attach(self, connection: pika.BlockingConnection) -> BlockingChannel:
        """Declare, bind and consume the queue. Raises BrokerError."""
        try:
            self._connection, self._cancel = connection, False
            kind = exchange_type(connection, self.exchange, self._url)
            channel = connection.channel()
            self.queue = f"minerlib.tap.{short_name()}{short_name()}"
            channel.queue_declare(self.queue, exclusive=True, auto_delete=True, arguments=_QUEUE)
            bind(channel, self.queue, self.exchange, kind, self._keys(), self.bindings)
            channel.basic_qos(prefetch_count=PREFETCH)
            channel.add_on_cancel_callback(self._cancelled)
            channel.basic_consume(self.queue, self._arrived)
        except (BrokerError, SettingError):
            raise
        except BROKEN as error:
            raise sentence(error, self._url) from None
        if self._gaps:
            self._gaps.forget()
        self.state, self.said = "live", ""
        return channel

    def _keys(self) -> list[str]:
        """On our exchange a pattern of kinds is also one of keys, four words further on."""
        if self.exchange != EVENTS:
            return self.patterns
        return [key for each in self.patterns for key in ([each] if each == "#" else [each, f"*.*.*.*.{each}"])]

    def _listen(self, connection: pika.BlockingConnection, channel: BlockingChannel) -> None:
        looked = time.monotonic()
        while not self._closing.is_set() and not self._cancel:
            self._tag = self._spent = 0
            until = time.monotonic() + TICK
            while (left := until - time.monotonic()) > 0:  # returns early once something was dispatched
                connection.process_data_events(time_limit=left)  # pyright: ignore[reportArgumentType]
            if self._tag:
                channel.basic_ack(self._tag, multiple=True)
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                ready: int = channel.queue_declare(self.queue, passive=True).method.message_count
                self._overflowing = ready >= ROOM

    def _cancelled(self, _: Any) -> None:
        self._cancel = True

    def _arrived(self, _: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        self._tag = method.delivery_tag
        self._messages += 1
        key = short_text(method.routing_key)
        named = split_key(key) if self.exchange == EVENTS else None
        if self._gaps:
            self._gaps.saw(short_text(properties.message_id or ""))
        if named and hidden(named.kind, self._words):
            self._ring.hide(1)
        elif self._spent >= BUDGET:
            self._ring.pass_over(named.kind if named else key or self.exchange, max(1, body.count(b"\n")))
        else:
            events = events_of(self.exchange, key, body, properties, now(), self._messages)
            self._ring.put(events, events[0].kind)
            self._spent += len(events)


def _quietly_close(connection: pika.BlockingConnection) -> None:
    with contextlib.suppress(*BROKEN):
        connection.close()
