"""What the exchanges of a broker carry: which there are, and a look at each for some seconds, through queues of our own
that go with the connection. Nothing on the broker is changed for longer than that."""

import base64
import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pika
import pika.exceptions as amqp
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import BROKEN, connect, sentence
from minerlib.bus.delivery import delivery_of
from minerlib.bus.exchange import bind, exchange_type
from minerlib.bus.retry import short_name
from minerlib.errors import BrokerError, SettingError
from minerlib.event.decode import Delivery
from minerlib.event.moment import now

KNOWN = (
    "amq.topic", "amq.fanout", "amq.headers", "amq.rabbitmq.event", "amq.rabbitmq.trace", "amq.rabbitmq.log",
    "celeryev", "task_events", "collectd", "events", "fluentd", "graphite", "influx", "logs", "logstash", "metrics",
    "nova", "notifications", "openstack", "syslog", "telegraf", "zmq.topic",
)  # fmt: skip
_QUEUE = {"x-queue-type": "classic", "x-max-length": 1000, "x-max-length-bytes": 32_000_000, "x-overflow": "drop-head"}
_SAMPLES, _ROOM = 500, 8_000_000  # messages of an exchange that are looked at, and their bytes


@dataclass
class Carried:
    """What came through an exchange: its type (empty where the broker will not tell), how many messages and bytes, the
    first of them; or why it could not be looked at, where it is not even `there`."""

    exchange: str
    type: str = ""
    messages: int = 0
    size: int = 0
    samples: list[Delivery] = field(default_factory=list)
    why: str = ""
    there: bool = True
    _kept: int = 0

    def keep(self, message: Delivery) -> None:
        """Count a message, and keep it where there is room."""
        self.messages += 1
        self.size += len(message.body)
        if len(self.samples) < _SAMPLES:
            kept = self._kept + len(message.body) + len(str(message.headers))
            if kept <= _ROOM:
                self.samples.append(message)
                self._kept = kept


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other that is none."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Nothing is asked elsewhere."""


def exchanges(url: str, api: str | None = None) -> list[str] | None:
    """The names of all exchanges, as the management plugin's API tells them; None where there is none, or it refuses.

    `api` is its URL; default port 15672 of the broker's host. Only to loopback and by https does the password go out,
    and to nobody in between or behind: no proxy is asked, no redirect followed.
    """
    parts = urlsplit(url)
    api = api or f"http://{parts.hostname}:15672"
    if not api.startswith("https://") and urlsplit(api).hostname not in ("127.0.0.1", "localhost", "::1"):
        return None
    vhost = quote(unquote(parts.path[1:]) or "/", safe="")
    login = f"{unquote(parts.username or 'guest')}:{unquote(parts.password or 'guest')}"
    request = urllib.request.Request(f"{api}/api/exchanges/{vhost}?columns=name,internal")
    request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay).open(request, timeout=5) as answer:
            found: list[dict[str, Any]] = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None
    return sorted(each["name"] for each in found if each["name"] and not each.get("internal"))


def survey(
    url: str, names: Sequence[str], seconds: float, stop: threading.Event, told: Callable[[float], None]
) -> list[Carried]:
    """A look at exchanges for so many seconds, all at once.

    Raises BrokerUnreachable, BrokerRefused where the broker does not let us in."""
    connection = connect(url, "minerlib survey")
    try:
        found = [_look(connection, url, name) for name in names]
        begun = time.monotonic()
        while (spent := time.monotonic() - begun) < seconds and not stop.is_set():
            connection.process_data_events(min(0.1, seconds - spent))  # pyright: ignore[reportArgumentType]
            told(spent)
    except BROKEN as error:
        raise sentence(error, url) from None
    finally:
        with contextlib.suppress(*BROKEN):
            connection.close()
    return found


def _look(connection: pika.BlockingConnection, url: str, name: str) -> Carried:
    if not _is_there(connection, name):
        return Carried(name, why="there is none of this name", there=False)
    try:
        kind = exchange_type(connection, name, url)
    except BrokerError as error:
        return Carried(name, why=str(error))
    carried = Carried(name, kind or "")
    channel = connection.channel()
    queue = f"minerlib.tap.{short_name()}{short_name()}"
    try:
        channel.queue_declare(queue, exclusive=True, auto_delete=True, arguments=_QUEUE)
        bind(channel, queue, name, kind, ["#"], {})
        channel.basic_consume(queue, _keep(carried), auto_ack=True)
    except SettingError:
        carried.why = "a direct one: only who knows its routing keys hears it"
    except amqp.ChannelClosedByBroker as error:
        carried.why = error.reply_text.partition(" - ")[2] or error.reply_text
    return carried


def _is_there(connection: pika.BlockingConnection, name: str) -> bool:
    channel = connection.channel()
    try:
        channel.exchange_declare(name, passive=True)
    except amqp.ChannelClosedByBroker as error:
        return error.reply_code != 404
    channel.close()
    return True


def _keep(carried: Carried) -> Callable[[BlockingChannel, Any, pika.BasicProperties, bytes], None]:
    def arrived(_: BlockingChannel, method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        carried.keep(delivery_of(carried.exchange, method.routing_key, body, properties, now()))

    return arrived
