"""What stands on the broker: one exchange for events, one stream an environment, three streams of our own.

    exchange events (topic) --taps bind here
        `--#--> exchange streams (topic) --c.s.e.*.*.#--> stream events.c.s.e
                    `--alternate--> exchange unrouted (fanout) --> stream unrouted
    streams environments, rules        reached through the default exchange, kept for ever

Streams hang on an exchange of their own: were the alternate exchange that of `events`, a tap of everything would make
every key routable, and the first events of a new environment would end in the tap. Producers only publish to `events`;
clocks, rule hosts and the reader of `unrouted` declare.
"""

import re
from collections.abc import Callable

import msgspec
import pika
import pika.exceptions as amqp
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import said_by_broker, shown
from minerlib.errors import BrokerRefused, BrokerUnreachable

EVENTS = "events"
STREAMS = "streams"
UNROUTED = "unrouted"
ENVIRONMENTS = "environments"
RULES = "rules"

ROOM = 5_000_000_000  # bytes a stream keeps by default
SEGMENT = 50_000_000  # bytes a segment: retention removes whole segments
_OLDEST = (3, 9)

Arguments = dict[str, str | int]


def stream_name(scope: str) -> str:
    """The queue that is the stream of a scope."""
    return f"{EVENTS}.{scope}"


def declare_base(connection: pika.BlockingConnection, url: str) -> None:
    """The exchange, its alternate, and the three streams of our own. Harmless where they stand already.

    Raises BrokerRefused where the broker is too old for streams, or one of the names is something else.
    """
    _check_streams(connection, url)
    for name in (UNROUTED, ENVIRONMENTS, RULES):
        declare_stream(connection, name, url, bounded=name == UNROUTED)
    channel = connection.channel()
    try:
        channel.exchange_declare(UNROUTED, "fanout", durable=True)
        channel.queue_bind(UNROUTED, UNROUTED, "")
        channel.exchange_declare(STREAMS, "topic", durable=True, arguments={"alternate-exchange": UNROUTED})
        channel.exchange_declare(EVENTS, "topic", durable=True)
        channel.exchange_bind(STREAMS, EVENTS, "#")
        channel.close()
    except amqp.ChannelClosedByBroker as error:
        raise said_by_broker(error, url) from None


def declare_stream(connection: pika.BlockingConnection, name: str, url: str, bounded: bool = True) -> bool:
    """Declare a stream where it is not there; True where it was new. An existing one is left as it is."""
    if stream_exists(connection, name):
        return False
    arguments: Arguments = {"x-queue-type": "stream", "x-stream-max-segment-size-bytes": SEGMENT}
    if bounded:
        arguments["x-max-length-bytes"] = ROOM
    channel = connection.channel()
    try:
        channel.queue_declare(name, durable=True, arguments=arguments)
        channel.close()
    except amqp.ChannelClosedByBroker as error:
        if error.reply_code == 406 and stream_exists(connection, name):  # somebody else just declared it
            return False
        raise said_by_broker(error, url) from None
    except amqp.ConnectionClosedByBroker as error:
        raise _no_streams(error.reply_text, url) from None
    return True


def stream_exists(connection: pika.BlockingConnection, name: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(name, passive=True)
    except amqp.ChannelClosedByBroker as error:
        if error.reply_code == 404:
            return False
        raise
    channel.close()
    return True


def declare_environment(
    connection: pika.BlockingConnection, scope: str, url: str, tick: Callable[[BlockingChannel, bool], None]
) -> bool:
    """The stream of an environment, where it is not there; True where it was new.

    Its name is published to `environments` first, then the tick key is bound, then `tick(channel, new)` publishes
    a confirmed tick, and only then the rest is bound: so the first event of a stream is a tick and `seen` is
    never undefined. Two that declare at once do no harm, and one that died half way is made good by the next.
    """
    name = stream_name(scope)
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        new = not stream_exists(connection, name)
        if new:
            said = msgspec.json.encode({"scope": scope})
            properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
            channel.basic_publish("", ENVIRONMENTS, said, properties, mandatory=True)
            declare_stream(connection, name, url)
        channel.queue_bind(name, STREAMS, f"{scope}.*.tick")
        tick(channel, new)
        channel.queue_bind(name, STREAMS, f"{scope}.*.*.#")
        channel.close()
    except amqp.UnroutableError:
        raise BrokerUnreachable(f"The streams of {shown(url)} are still coming up.") from None
    except amqp.ChannelClosedByBroker as error:
        raise said_by_broker(error, url) from None
    return new


def _check_streams(connection: pika.BlockingConnection, url: str) -> None:
    said = getattr(connection, "_impl").server_properties or {}  # noqa: B009  (pika offers no public way to it)
    version = str(said.get("version", ""))
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if said.get("product") != "RabbitMQ" or numbers < _OLDEST:
        raise _no_streams(f"{said.get('product', 'an unknown broker')} {version}", url)


def _no_streams(what: str, url: str) -> BrokerRefused:
    return BrokerRefused(
        f"The broker at {shown(url)} has no streams ({what}): minerlib needs RabbitMQ 3.9 or later to keep and"
        " replay events; a tap works on any AMQP 0-9-1 broker."
    )
