"""Which environments have a stream on a broker: AMQP cannot list streams, so each is announced in one of its own."""

import threading

import msgspec

from minerlib.bus.connect import BROKEN, connect, sentence
from minerlib.bus.stream import follow
from minerlib.bus.topology import ENVIRONMENTS, stream_exists
from minerlib.errors import SettingError
from minerlib.event.body import NO_JSON
from minerlib.event.key import check_scope


def environments(url: str, stop: threading.Event) -> list[str]:
    """The scopes that were announced so far, by name; none where nobody ever declared one.

    Raises BrokerUnreachable, BrokerRefused.
    """
    try:
        with connect(url, "minerlib environments") as connection:
            if not stream_exists(connection, ENVIRONMENTS):
                return []
    except BROKEN as error:
        raise sentence(error, url) from None
    found = set[str]()
    for messages, caught_up in follow(url, ENVIRONMENTS, stop):
        found |= {scope for message in messages if (scope := scope_in(message.body))}
        if caught_up:
            break
    return sorted(found)


def scope_in(body: bytes) -> str:
    """The scope that a message of `environments` announces; empty where it announces none that can be."""
    try:
        return check_scope(msgspec.json.decode(body)["scope"])
    except (*NO_JSON, SettingError, KeyError, TypeError, AttributeError):
        return ""
