"""`minerlib tap`: what flows, line by line, until Ctrl-C."""

import base64
import sys
import time
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.text import Text

from minerlib.bus.sight import EVENTS
from minerlib.bus.tap import Tap
from minerlib.cli.shown import CONTROL
from minerlib.errors import SettingError
from minerlib.event.body import flatten
from minerlib.event.event import Event
from minerlib.event.moment import SECOND, duration, rfc3339
from minerlib.nodes.program import until_stopped

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_red")
_SCREEN = 40  # lines a tenth of a second on a terminal; of more than that the newest are printed


@click.command()
@click.argument("patterns", nargs=-1)
@click.option("--exchange", default=EVENTS, show_default=True, help="Any exchange of that broker.")
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
@click.option("--match", "matches", multiple=True, help="HEADER=VALUE that a headers exchange is to match.")
@click.option("--for", "span", help="End after that long: 10s, 5m.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def tap(
    patterns: tuple[str, ...], exchange: str, url: str | None, matches: tuple[str, ...], span: str | None, as_json: bool
) -> None:
    """Watch the events that match one of PATTERNS (default: everything) as they pass, until Ctrl-C.

    A pattern is AMQP's: * is one word, # any number. On the exchange `events` it is one of kinds, or of whole routing
    keys; on any other it is a binding key. Looking never slows the bus: what comes too fast is dropped and counted.

    \b
    Example:
      minerlib tap
      minerlib tap 'cpu.#' 'disk.#'
      minerlib tap 'collectd.#' --exchange amq.topic --url amqp://me:secret@rabbit.acme.com/
      minerlib tap '#' --json --for 10s > seen.ndjson
    """
    until = time.monotonic() + duration(span) / SECOND if span else None
    bindings: dict[str, Any] = {"x-match": "all", **dict(_pair(each) for each in matches)} if matches else {}
    stop = until_stopped()
    with Tap(list(patterns) or "#", exchange, url, bindings=bindings) as looking:
        screen = Console(highlight=False) if sys.stdout.isatty() and not as_json else None
        status = screen.status("", spinner="dots") if screen else None
        if status:
            status.start()
        try:
            ending = False
            while not ending:
                ending = stop.wait(0.1) or (until is not None and time.monotonic() > until)
                for event in looking.take(most=_SCREEN if screen else None, timeout=0 if ending else 0.2):
                    if screen:
                        screen.print(_coloured(event), overflow="ellipsis", no_wrap=True)
                    else:
                        click.echo(_as_json(event) if as_json else _line(event).translate(CONTROL))
                if status:
                    status.update(_footer(looking))
        finally:
            if status:
                status.stop()
        click.echo(_footer(looking), err=True)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SettingError(f"--match {text!r} is not HEADER=VALUE: write for example --match team=ops.")
    return name, value


def _footer(looking: Tap) -> str:
    counts = looking.counts
    text = f"received {counts.received:,} · shown {counts.shown:,} · dropped {counts.dropped:,}"
    if counts.overflowing:
        text += " · more is dropped at the broker"
    return text if looking.state in ("live", "closed") else f"{text} · {looking.state}: {looking.said}"


def _line(event: Event) -> str:
    return f"{rfc3339(event.time)} {event.scope} {event.source} {event.kind} {_said(event)}"


def _said(event: Event) -> str:
    if event.raw is not None:
        return repr(event.raw)[2:-1]
    return msgspec.json.encode(event.body).decode()


def _coloured(event: Event) -> Text:
    """Time, source, kind and fields; whatever could steer a terminal is replaced by a dot."""

    def plain(text: str) -> str:
        return text.translate(CONTROL)

    colour = _COLOURS[sum(event.kind.encode()) % len(_COLOURS)]
    text = Text()
    text.append(rfc3339(event.time)[11:23] + "  ", "dim")
    text.append(plain(event.source) + "  ")
    text.append(plain(event.kind), colour)
    if event.raw is not None or not isinstance(event.body, dict):
        text.append("  " + plain(_said(event)), "red" if event.raw is not None else "")
        return text
    for name, value in flatten(event.body).items():
        if name != "time":
            text.append(f"  {plain(name)} ", "dim")
            text.append(plain(value if isinstance(value, str) else msgspec.json.encode(value).decode()))
    return text


def _as_json(event: Event) -> str:
    found: dict[str, Any] = {"time": rfc3339(event.time)}
    found |= {name: getattr(event, name) for name in ("company", "system", "environment", "source", "kind")}
    found["body"] = event.body
    if event.raw is not None:
        found["raw"] = base64.b64encode(event.raw).decode()
    return msgspec.json.encode(found).decode()
