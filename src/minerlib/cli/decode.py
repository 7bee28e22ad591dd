"""`minerlib decode`: what would be made of a message of somebody else's."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from minerlib import settings
from minerlib.cli.shown import CONTROL, json_line
from minerlib.errors import SettingError
from minerlib.event.decode import Delivery
from minerlib.event.decode.captured import captured
from minerlib.event.decode.mapping import Entry, Placed, read
from minerlib.event.decode.said import body_of
from minerlib.event.moment import now, rfc3339
from minerlib.nodes.mappings import read_mapping, read_zone


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--exchange", default="", help="Where the message came from, if FILE is its body alone.")
@click.option("--key", default="", help="Its routing key, likewise.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="A header of it, likewise.")
@click.option("--mapping", type=click.Path(dir_okay=False, path_type=Path), help="What a bridge would be given.")
@click.option("--zone", help="Of times that name none, as in Europe/Berlin; default MINERLIB_ZONE.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event.")
def decode(
    file: Path, exchange: str, key: str, headers: tuple[str, ...], mapping: Path | None, zone: str | None, as_json: bool
) -> None:
    """See what a bridge would make of the messages in FILE (- is standard input), event by event.

    FILE is the body of one message; or captured messages, a line each, a JSON object with the fields body (or
    body_base64), exchange, routing_key, properties.

    \b
    Example:
      minerlib decode message.bin --key collectd.web-1.load
      minerlib decode captured.jsonl --json
      printf 'disk,host=web-1 used=81.5 1795334400000000000' | minerlib decode -
    """
    entries = read_mapping(mapping) if mapping else []
    said = zone or settings.zone()
    where = read_zone(said) if said else None
    data = sys.stdin.buffer.read() if str(file) == "-" else _read(file)
    given = dict(_pair(each) for each in headers)
    alone = Delivery(body=data, exchange=exchange, key=key, headers=given, at=now(), zone=where)
    deliveries = captured(data, now(), where) or [alone]
    screen = None if as_json or not sys.stdout.isatty() else Console(highlight=False)
    for number, delivery in enumerate(deliveries, 1):
        _tell(number, delivery, entries, screen, as_json)


def _tell(number: int, delivery: Delivery, entries: list[Entry], screen: Console | None, as_json: bool) -> None:
    name, found = read(delivery, entries)
    for placed in found:
        if as_json:
            click.echo(json_line(_row(number, name, placed)))
        elif screen:
            screen.print(_line(name, placed))
        else:
            click.echo(_line(name, placed).plain)


def _row(number: int, name: str, placed: Placed) -> dict[str, Any]:
    event = placed.event
    return {
        "message": number, "producer": name, "scope": placed.scope or None, "source": event.source, "kind": event.kind,
        "time": None if event.time is None else rfc3339(event.time), "body": body_of(event),
        "readable": event.raw is None,
    }  # fmt: skip


def _line(name: str, placed: Placed) -> Text:
    event = placed.event
    text = Text(f"{name:<10} ", "dim" if event.raw is None else "red")
    text.append(rfc3339(event.time) if event.time is not None else f"{'(no time)':<27}", "dim")
    text.append(f"  {placed.scope}".translate(CONTROL) if placed.scope else "", "dim")
    text.append(f"  {event.source}  ".translate(CONTROL))
    text.append(event.kind.translate(CONTROL), "cyan")
    text.append(f"  {msgspec.json.encode(body_of(event)).decode()}".translate(CONTROL))
    return text


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingError(f"{file} cannot be read: {error.strerror}.") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SettingError(f"--header {text!r} is not NAME=VALUE: write for example --header HOST=web-1.")
    return name, value
