"""The reader of `unrouted`: events of an environment nobody declared make it, and are not lost.

What it has republished it marks in the stream `unrouted` itself, so it needs no place of its own to remember
where it was, and any number of hosts may run it: an event republished twice has the same id and is a repeat.
"""

import math
import threading
from collections.abc import Callable

from minerlib.bus.publish import Publisher
from minerlib.bus.retry import patiently
from minerlib.bus.stream import follow
from minerlib.bus.topology import UNROUTED
from minerlib.errors import BrokerUnreachable, SettingError
from minerlib.event.key import LOCAL, UNREADABLE, check_scope, split_key
from minerlib.event.order import Message
from minerlib.nodes.clock import prepare

_MARK = "minerlib.done"


def run_unrouted(url: str, source: str, stop: threading.Event, told: Callable[[str], None]) -> None:
    """Republish what lies in `unrouted` and what comes, until `stop` is set.

    What is not confirmed by then is republished by whoever reads next: nothing marks it as done.
    """
    try:
        _republish_all(url, source, stop, told)
    except BrokerUnreachable:
        if not stop.is_set():
            raise


def _republish_all(url: str, source: str, stop: threading.Event, told: Callable[[str], None]) -> None:
    pending: list[Message] = []
    with Publisher(url, f"unrouted.{source}", told=told, stop=stop) as publisher:
        for messages, caught_up in follow(url, UNROUTED, stop, told=told):
            for message in messages:
                if message.key == _MARK and message.body.isdigit():
                    done = int(message.body)
                    pending = [m for m in pending if m.offset > done]
                else:
                    pending.append(message)
            if not caught_up or not pending:  # read on to the end first: a mark may follow
                continue
            keys = [new_key(message.key) for message in pending]
            patiently(stop, told)(prepare, url, source, sorted({scope for _, scope in keys}))
            for message, (key, _) in zip(pending, keys, strict=True):
                _republish(publisher, message, key)
            publisher.flush(math.inf)
            publisher.send(_MARK, str(pending[-1].offset).encode(), exchange=UNROUTED)
            publisher.flush(math.inf)
            pending = []


def _republish(publisher: Publisher, message: Message, key: str) -> None:
    was = {"was-id": message.message_id} if message.message_id else None
    number = f"minerlib/{UNROUTED}:{message.offset}"
    publisher.send(key, message.body, id=number, headers=was, timestamp=message.timestamp)


def new_key(key: str) -> tuple[str, str]:
    """Where an unroutable message belongs: its own key and scope, or `unreadable` with the key as its source."""
    found = split_key(key)
    if found:
        try:
            return key, check_scope(found.scope)
        except SettingError:
            pass
    word = key.replace(".", "/").strip("/") or "unknown"
    return f"{LOCAL}.{word.encode()[:200].decode(errors='ignore')}.{UNREADABLE}", LOCAL
