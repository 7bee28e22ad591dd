"""Somebody else's exchange: finding out what type it is without touching it, and binding a queue of ours to it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pika
import pika.exceptions as amqp
from pika.adapters.blocking_connection import BlockingChannel

from minerlib.bus.connect import said_by_broker, shown
from minerlib.errors import BrokerRefused, SettingError

_OTHER_TYPE = re.compile(r"inequivalent arg 'type'.* current is '([^']+)'")


def exchange_type(connection: pika.BlockingConnection, name: str, url: str) -> str | None:
    """`topic`, `direct`, `fanout`, `headers` or another; None where the broker will not tell.

    Raises BrokerRefused where there is no such exchange. AMQP cannot ask for a type, but a broker that is asked to
    declare an exchange that is there with another type says which it has; and a declaration whose alternate exchange
    is a number cannot create one, should it have been deleted this very moment.
    """
    if not name:
        raise SettingError("The default exchange cannot be tapped: it only names queues. Give the name of another.")
    channel = connection.channel()
    try:
        channel.exchange_declare(name, passive=True)
    except amqp.ChannelClosedByBroker as error:
        if error.reply_code == 404:
            known = f"There is no exchange {name!r} at {shown(url)}: check the name and the virtual host of the URL"
            more = ", or start minerlib up, which declares it." if name == "events" else "."
            raise BrokerRefused(known + more) from None
        raise said_by_broker(error, url) from None
    try:
        channel.exchange_declare(name, "direct", arguments={"alternate-exchange": 0})
    except amqp.ChannelClosedByBroker as error:
        if error.reply_code != 406:  # may look, may not configure: then the type is not ours to know
            return None
        other = _OTHER_TYPE.search(error.reply_text)
        return other[1] if other else ("direct" if "inequivalent" in error.reply_text else None)
    channel.close()
    return None


def bind(
    channel: BlockingChannel,
    queue: str,
    exchange: str,
    kind: str | None,
    keys: Sequence[str],
    arguments: Mapping[str, Any],
) -> None:
    """Bind the queue by each of the keys. A headers exchange takes `arguments`, and gives everything without any.

    Raises SettingError where a direct exchange is asked for a pattern, which it would match with nothing.
    """
    if kind == "direct" and (wild := [key for key in keys if {"#", "*"} & set(key.split("."))]):
        raise SettingError(
            f"The exchange {exchange!r} is a direct one, which knows no patterns such as {wild[0]!r}: name its routing"
            ' keys, for example minerlib.tap(["error", "warning"], exchange=...).'
        )
    given = dict(arguments) or {"x-match": "all"}  # all of nothing: every message; other types do not look
    for key in keys:
        channel.queue_bind(queue, exchange, key, arguments=given)
