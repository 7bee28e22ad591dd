"""`minerlib broker survey`: which exchanges of a live broker carry what."""

import json
import shlex
from collections import Counter
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn
from rich.table import Table

from minerlib import settings
from minerlib.bus.connect import broker_url, shown
from minerlib.bus.survey import KNOWN, Carried, exchanges
from minerlib.bus.survey import survey as look
from minerlib.bus.topology import EVENTS
from minerlib.cli.shown import CONTROL
from minerlib.cli.waiting import waiting
from minerlib.event.decode import Decoded, Delivery, decode
from minerlib.event.key import split_key
from minerlib.event.moment import SECOND, duration
from minerlib.nodes.program import until_stopped

# the collector of a decoder's messages; "app" carries those of all others
_BRIDGES = {
    "celery": "celery",
    "collectd": "collectd",
    "fedora": "fedora",
    "influx": "telegraf",
    "oslo": "openstack",
    "rabbitmq": "rabbitmq",
    "syslog_ng": "syslog_ng",
}
OURS = "minerlib"  # what is on our own exchange
_STEERING = {code: dot for code, dot in CONTROL.items() if code != ord("\n")}


@click.command()
@click.argument("names", nargs=-1, metavar="[EXCHANGES]...")
@click.option("--url", help="The broker; default MINERLIB_FROM_URL, MINERLIB_BROKER_URL, else the private one.")
@click.option("--api", help="Its management API, which names the exchanges; default http://HOST:15672, if on loopback.")
@click.option("--for", "span", default="5s", show_default=True, help="How long to look: 30s, 5m.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of a table.")
def survey(names: tuple[str, ...], url: str | None, api: str | None, span: str, as_json: bool) -> None:
    """See which exchanges of a broker carry what, before any bridge is built.

    Each is looked at through a queue that goes with the connection, so nobody loses a message, and nothing stays.
    Without EXCHANGES they are those that the management API names, or else those that producers are known to use.

    \b
    Example:
      minerlib broker survey
      minerlib broker survey --for 1m orders amq.topic
      export MINERLIB_FROM_URL=amqp://me:secret@rabbit.acme.com/
      minerlib broker survey --json
    """
    there = broker_url(url or settings.from_url())
    found = list(names) or exchanges(there, api)
    seconds, stop = duration(span) / SECOND, until_stopped()
    with waiting("looking", BarColumn()) as told:
        seen = look(there, found or KNOWN, seconds, stop, lambda spent: told(spent, seconds))
    rows = [_row(each, seconds) for each in seen if each.there or names]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    if found is None:
        click.echo("Exchanges by their usual names, as no management API answers: name the others.", err=True)
    _show(rows, there, named=url is not None)


def _row(seen: Carried, seconds: float) -> dict[str, Any]:
    """What was seen of an exchange, and the command that bridges it."""
    producers, kinds, sources = Counter[str](), Counter[str](), Counter[str]()
    for delivery in seen.samples:
        name, events = _read(delivery)
        producers[name] += 1
        kinds.update(event.kind for event in events)
        sources.update(event.source for event in events)
    keys = Counter(delivery.key for delivery in seen.samples)
    producer = producers.most_common(1)[0][0] if producers else ""
    bridged = producer and producer != OURS
    words = ("minerlib", "collect", _BRIDGES.get(producer, "app"), "--exchange", seen.exchange)
    return {
        "exchange": seen.exchange, "type": seen.type, "messages": seen.messages, "bytes": seen.size,
        "per_second": round(seen.messages / seconds, 1) if seconds else 0.0, "producers": dict(producers),
        "keys": [key for key, _ in keys.most_common(5)], "kinds": [kind for kind, _ in kinds.most_common(5)],
        "sources": [source for source, _ in sources.most_common(5)], "bridge": shlex.join(words) if bridged else "",
        "why": seen.why,
    }  # fmt: skip


def _read(delivery: Delivery) -> tuple[str, list[Decoded]]:
    """The producer and the events of a message; on our own exchange the key says what they are."""
    name, events = decode(delivery)
    ours = split_key(delivery.key) if delivery.exchange == EVENTS else None
    return (OURS, [each._replace(source=ours.source, kind=ours.kind) for each in events]) if ours else (name, events)


def _show(rows: list[dict[str, Any]], url: str, named: bool) -> None:
    """The table, and the commands; a bridge knows nothing of a broker that was `named` to us alone."""
    if not rows:
        click.echo(f"None of these exchanges is at {shown(url)}.")
        return
    table = Table(box=None, header_style="bold")
    for name in ("exchange", "type", "msg/s", "producer", "kinds", "sources"):
        table.add_column(name, justify="right" if name == "msg/s" else "left", overflow="fold")
    for row in sorted(rows, key=lambda row: -row["messages"]):
        said = row["why"] or ("\n".join(row["kinds"]) if row["messages"] else "nothing came")
        cells = (row["exchange"], row["type"], f"{row['per_second']:,}", ", ".join(row["producers"]), said)
        table.add_row(*(cell.translate(_STEERING) for cell in (*cells, "\n".join(row["sources"]))))
    Console(highlight=False, markup=False).print(table)
    commands = [row["bridge"] for row in rows if row["bridge"]]
    if commands:
        where = " (MINERLIB_FROM_URL names the broker they take from; default ours)" if named else ""
        click.echo(f"\nTo have them as events{where}:")
        for command in commands:
            click.echo(f"  {command.translate(CONTROL)}")
