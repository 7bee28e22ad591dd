"""Publishing: numbered messages, a window of outstanding confirms, and nothing lost over a reconnection.

A BlockingChannel waits for each confirm (hundreds a second); a window keeps the wire full (ten thousand). Messages
unconfirmed when a connection is lost are sent again with the numbers they had, so readers know them as repeats;
one that the broker refused or gave back was certainly not stored and gets a new number.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pika
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel

from minerlib.bus.connect import BROKEN, parameters, sentence, shown
from minerlib.bus.published import Published
from minerlib.bus.retry import patiently, short_name
from minerlib.bus.topology import EVENTS
from minerlib.errors import BrokerError, BrokerUnreachable
from minerlib.event.key import make_key
from minerlib.event.moment import rfc3339

_json = msgspec.json.Encoder().encode
_AGAIN = 0.2  # seconds until what was refused is sent again
_ROOM = 64_000_000  # bytes of bodies that may be unconfirmed


class Publisher:
    """Puts events on the bus from a thread and connection of its own. Use it from one thread, or lock.

    `window` messages may be unconfirmed and ten times as many may wait, 64 MB in all; then `publish` blocks. Numbers
    its messages `minerlib/<name>-<random>:<number>`. `told` hears each trouble once. Once `stop` is set, whatever
    waits gives up with BrokerUnreachable.
    """

    def __init__(
        self,
        url: str,
        name: str,
        window: int = 500,
        told: Callable[[str], None] | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.url, self.window, self.told = url, window, told
        self.name = f"{name}-{short_name()}"
        self.confirmed = 0
        self.sent = 0
        self._number, self._bytes = 0, 0
        self._waiting: deque[Published] = deque()
        self._returned: set[str] = set()
        self._flying: dict[int, Published] = {}
        self._tag = 0
        self._channel: Channel | None = None
        self._loop: IOLoop | None = None
        self._refused: BrokerError | None = None
        self._lost: BaseException | None = None
        self._stop, self._given_up = threading.Event(), stop or threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"publisher {self.name}", daemon=True)
        self._thread.start()

    def publish(
        self, scope: str, source: str, kind: str, body: Any, *, time: int | None = None, id: str | None = None
    ) -> None:
        """One event. `body` is any JSON value; `time` (microseconds) goes into an object body without one.

        Raises EventError where it has no place on the bus, BrokerError where the broker is gone for good.
        """
        key, cut = make_key(scope, source, kind)
        if isinstance(body, dict) and ((time is not None and "time" not in body) or cut):
            body = {
                **({"time": rfc3339(time)} if time is not None else {}),
                **body,
                **({"source": source} if cut else {}),
            }
        self.send(key, _json(body), id=id)

    def publish_lines(self, scope: str, source: str, kind: str, bodies: Iterable[dict[str, Any]]) -> None:
        """Many events of one source and kind in one message (NDJSON): several times the events per second."""
        key, cut = make_key(scope, source, kind)
        self.send(key, b"\n".join(_json({**b, "source": source} if cut else b) for b in bodies))

    def send(
        self,
        key: str,
        body: bytes,
        *,
        exchange: str = EVENTS,
        id: str | None = None,
        headers: dict[str, str] | None = None,
        timestamp: int | None = None,
    ) -> None:
        """A message as it is, numbered unless it brings an `id` of its own; `timestamp` in whole seconds."""
        with self._changed:
            while len(self._waiting) >= 10 * self.window or self._bytes >= _ROOM:
                self._check()
                if self._given_up.is_set():
                    raise BrokerUnreachable(f"{shown(self.url)} takes nothing more, and we were told to stop.")
                self._changed.wait(0.2)
            self._check()
            if id is None:
                self._number += 1
                id = f"minerlib/{self.name}:{self._number}"
            self.sent, self._bytes = self.sent + 1, self._bytes + len(body)
            self._waiting.append(Published(exchange, key, body, id, headers, timestamp, self.sent))
        self._wake()

    def settled(self) -> int:
        """How many of those that were `sent`, from the first on, are confirmed without one missing. Raises BrokerError
        where the broker is gone for good."""
        with self._changed:
            self._check()
            waits = [message.at for messages in (self._waiting, self._flying.values()) for message in messages]
            return min(waits, default=self.sent + 1) - 1

    def flush(self, timeout: float = 30.0) -> None:
        """Wait until everything is confirmed. Raises BrokerUnreachable when that takes longer than `timeout` s, which
        may be `math.inf`."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._waiting or self._flying:
                self._check()
                left = deadline - time.monotonic()
                if left <= 0 or self._stop.is_set() or (self._given_up.is_set() and timeout == math.inf):
                    count = len(self._waiting) + len(self._flying)
                    raise BrokerUnreachable(f"{count} messages are not confirmed by {shown(self.url)}.")
                self._changed.wait(min(left, 0.2))

    def close(self, timeout: float = 5.0) -> None:
        """Flush for at most `timeout` seconds and let go of the connection. Raises what `flush` raises."""
        try:
            if not self._refused:
                self.flush(timeout)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the connection at once; what is not confirmed stays so."""
        self._stop.set()
        if self._loop:
            self._loop.add_callback_threadsafe(self._hang_up)
        self._thread.join(5)

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    def _check(self) -> None:
        if self._refused:
            raise self._refused

    def _wake(self) -> None:
        if self._loop and self._channel:
            self._loop.add_callback_threadsafe(self._pump)

    # What follows runs on the thread of the connection.

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                patiently(self._stop, self.told)(self._connect_and_serve)
            except Exception as error:  # whatever ends this thread, those who wait for it have to hear
                if not self._stop.is_set():
                    with self._changed:
                        self._refused = (
                            error if isinstance(error, BrokerError) else BrokerError(f"Publishing: {error!r}")
                        )
                        self._changed.notify_all()
                return

    def _connect_and_serve(self) -> None:
        self._lost = None
        connection = SelectConnection(
            parameters(self.url, self.name),
            on_open_callback=self._connected,
            on_open_error_callback=self._failed,
            on_close_callback=self._failed,
        )
        self._connection, self._loop = connection, connection.ioloop
        try:
            if not self._stop.is_set():  # who sets it from now on finds a loop to tell
                connection.ioloop.start()
        except BROKEN as error:
            self._lost = error
        finally:
            self._loop, self._channel = None, None
            with self._changed:  # in the order they were sent: every stream has stored a beginning of them
                self._waiting.extendleft(reversed(self._flying.values()))
                self._flying.clear()
            connection.ioloop.close()
        if self._lost is not None and not self._stop.is_set():
            raise sentence(self._lost, self.url)

    def _connected(self, connection: SelectConnection) -> None:
        connection.channel(on_open_callback=self._opened)

    def _opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.confirm_delivery(self._confirm)
        channel.add_on_return_callback(self._take_back)
        self._returned.clear()
        self._tag = 0
        self._channel = channel
        self._pump()

    def _pump(self) -> None:
        channel = self._channel
        if not channel or not channel.is_open:
            return
        while True:
            with self._changed:
                if not self._waiting or len(self._flying) >= self.window:
                    return
                message = self._waiting.popleft()
                self._tag += 1
                self._flying[self._tag] = message
                self._changed.notify_all()
            properties = pika.BasicProperties(
                message_id=message.id,
                delivery_mode=2,
                content_type="application/json",
                headers=message.headers,
                timestamp=message.timestamp,
            )
            channel.basic_publish(message.exchange, message.key, message.body, properties, mandatory=True)

    def _confirm(self, frame: Any) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        good = frame.method.NAME == "Basic.Ack"
        with self._changed:
            tags = [t for t in self._flying if t <= tag] if multiple else [tag]
            for each in tags:
                message = self._flying.pop(each, None)
                if message is None:
                    continue
                if good and message.id not in self._returned:
                    self.confirmed, self._bytes = self.confirmed + 1, self._bytes - len(message.body)
                else:
                    self._returned.discard(message.id)
                    self._renumber(message)
                    self._waiting.append(message)
                    good = False
            self._changed.notify_all()
        if good:
            self._pump()
        elif self._loop:
            self._loop.call_later(_AGAIN, self._pump)

    def _take_back(self, channel: Channel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        """A message that reached no queue: it is confirmed next all the same, and must be sent again.

        Everything is routable, if only to `unrouted`; but a broker that comes back takes messages, and confirms them,
        before its streams are there.
        """
        if properties.message_id:
            self._returned.add(properties.message_id)

    def _renumber(self, message: Published) -> None:
        """A refused message comes behind higher numbers: under its old one it would pass for a repeat."""
        if message.id.startswith(f"minerlib/{self.name}:"):
            self._number += 1
            message.id = f"minerlib/{self.name}:{self._number}"
        else:
            message.id = message.id.replace("minerlib/", "again/", 1)

    def _channel_closed(self, channel: Channel, error: BaseException) -> None:
        self._channel = None
        if getattr(error, "reply_code", 0) == 404:
            error = BrokerUnreachable(
                f"The exchange {EVENTS} is not declared at {shown(self.url)}: waiting for minerlib up to do it."
            )
        self._lost = self._lost or error
        if channel.connection.is_open:
            channel.connection.close()

    def _failed(self, connection: SelectConnection, error: BaseException) -> None:
        self._lost = self._lost or error
        connection.ioloop.stop()

    def _hang_up(self) -> None:
        if self._connection.is_open:
            self._connection.close()
        else:
            self._connection.ioloop.stop()
