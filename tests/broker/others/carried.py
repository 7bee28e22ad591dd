"""A bridge as somebody starts it who has other people's messages to carry, and what came of them in the archive."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from pika.exceptions import ChannelClosedByBroker

from minerlib.archive import Archive
from minerlib.bus.connect import connect
from minerlib.errors import ArchiveError

from ..processes import Process
from .syslog_ng import ZONE


class Event(NamedTuple):
    time: datetime
    source: str
    kind: str
    body: dict[str, Any]


def bridge(url: str, folder: Path, exchange: str, scope: str) -> Process:
    """`minerlib collect collectd` or `syslog_ng`, whichever the exchange is named after."""
    name = "collectd" if exchange.startswith("collectd") else "syslog_ng"
    options = ["--exchange", exchange, "--queue", f"minerlib.bridge.{exchange}", "--scope", scope, "--zone", ZONE]
    return Process(folder / exchange, "collect", name, *options, MINERLIB_BROKER_URL=url)


def is_bound(url: str, exchange: str) -> bool:
    """Whether the bridge of an exchange reads its queue, which was bound before."""
    return queue(url, f"minerlib.bridge.{exchange}")[1] == 1


def queue(url: str, name: str) -> tuple[int, int]:
    """How many messages wait in a queue, and how many read it; nothing of either where there is none."""
    with connect(url) as connection:
        try:
            found = connection.channel().queue_declare(name, passive=True).method
        except ChannelClosedByBroker:
            return 0, 0
        return found.message_count, found.consumer_count


def archived(archive: Archive, scope: str) -> list[Event]:
    """Everything of an environment but the workbench's own, in the order in which it came."""
    try:
        found = archive.sql('select time, source, kind, body from events order by "offset"', scope=scope)
    except ArchiveError:  # nothing of it yet
        return []
    return [
        Event(time.replace(tzinfo=UTC), source, kind, msgspec.json.decode(body))
        for time, source, kind, body in found.rows()
    ]


def value_list(event: Event) -> tuple[str, str, str, str]:
    """Which of collectd's value lists an event was, as `Value.name` has it."""
    plugin, _, type_ = event.kind.partition(".")
    return plugin, event.body.get("plugin_instance", ""), type_ or plugin, event.body.get("type_instance", "")
