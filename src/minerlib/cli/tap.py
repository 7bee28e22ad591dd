"""`minerlib tap`: what flows, line by line, until Ctrl-C."""

import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from minerlib import settings
from minerlib.bus.connect import broker_url
from minerlib.bus.rewind import Rewind
from minerlib.bus.tap import Tap
from minerlib.bus.topology import EVENTS
from minerlib.cli.eventlines import as_json, coloured, plain
from minerlib.errors import SettingError
from minerlib.event.moment import SECOND, duration, now, when
from minerlib.nodes.program import until_stopped

if TYPE_CHECKING:
    from minerlib.cli.where import Where

_SCREEN = 40  # lines a tenth of a second on a terminal; of more than that the newest are printed


@click.command()
@click.argument("patterns", nargs=-1)
@click.option("--since", help="Begin that long ago, or at that time: 5m, 2026-11-23T04:00:00Z.")
@click.option("--where", help="SQL over source, kind and the body's fields: \"used_pct > 90 and mount = '/'\".")
@click.option("--exchange", default=EVENTS, show_default=True, help="Any exchange of that broker.")
@click.option(
    "--url",
    help="The broker; default MINERLIB_BROKER_URL, else the private one; with --exchange MINERLIB_FROM_URL first.",
)
@click.option("--match", "matches", multiple=True, help="HEADER=VALUE that a headers exchange is to match.")
@click.option("--for", "span", help="End after that long: 10s, 5m.")
@click.option("--json", "in_json", is_flag=True, help="One JSON object a line.")
def tap(
    patterns: tuple[str, ...], since: str | None, where: str | None, exchange: str, url: str | None,
    matches: tuple[str, ...], span: str | None, in_json: bool,
) -> None:  # fmt: skip
    """Watch the events that match one of PATTERNS (default: everything) as they pass, until Ctrl-C.

    A pattern is AMQP's: * is one word, # any number. On the exchange `events` it is one of kinds, or of whole routing
    keys; on any other it is a binding key. Looking never slows the bus: what comes too fast is dropped and counted.

    With --since, what passed is read from the streams of the environments, and what comes too; then nothing is dropped.

    \b
    Example:
      minerlib tap
      minerlib tap 'acme.web.prod.web-17.#' --since 5m
      minerlib tap 'disk.#' --where 'used_pct > 90'
      minerlib tap '#' --json --for 10s > seen.ndjson
      export MINERLIB_FROM_URL=amqp://me:secret@rabbit.acme.com/
      minerlib tap 'collectd.#' --exchange amq.topic
    """
    until = time.monotonic() + duration(span) / SECOND if span else float("inf")
    asked = _where(where)
    looking = _look(patterns, since, exchange, url, matches)
    screen = Console(highlight=False) if sys.stdout.isatty() and not in_json else None
    status = screen.status("", spinner="dots") if screen else None
    crowded = screen if not since else None  # what passed is read to its end, however much it is
    stop, ending, fast, footer = until_stopped(), False, 0, ""
    with looking, status or nullcontext():
        while not ending:
            ending = stop.wait(0.1 if crowded else 0) or time.monotonic() > until
            events = [event for event in looking.take(timeout=0 if ending else 0.2) if not asked or asked(event)]
            if crowded:
                fast += max(0, len(events) - _SCREEN)
                events = events[-_SCREEN:]
            for event in events:
                if screen:
                    screen.print(coloured(event), overflow="ellipsis", no_wrap=True)
                else:
                    click.echo(as_json(event) if in_json else plain(event))
            footer = _footer(looking, asked, fast)
            if status:
                status.update(footer)
    click.echo(footer, err=True)


def _look(
    patterns: tuple[str, ...], since: str | None, exchange: str, url: str | None, matches: tuple[str, ...]
) -> Tap | Rewind:
    if not since:
        bindings: dict[str, Any] = {"x-match": "all", **dict(_pair(each) for each in matches)} if matches else {}
        there = url if exchange == EVENTS else url or settings.from_url()
        return Tap(list(patterns) or "#", exchange, there, bindings=bindings)
    if exchange != EVENTS:
        raise SettingError(f"Only the exchange {EVENTS} has a past: leave out --since to look at {exchange}.")
    return Rewind(patterns or ["#"], when(since, now()) or 0, broker_url(url))


def _where(text: str | None) -> "Where | None":
    if text is None:
        return None
    from minerlib.cli.where import Where  # NumPy behind it takes its time to load

    return Where(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise SettingError(f"--match {text!r} is not HEADER=VALUE: write for example --match team=ops.")
    return name, value


def _footer(looking: Tap | Rewind, asked: "Where | None", fast: int) -> str:
    counts = looking.counts
    out, unasked = (asked.out, asked.unasked) if asked else (0, 0)
    text = f"received {counts.received:,} · shown {counts.shown - out - unasked - fast:,}"
    text += f" · left out {out + unasked:,}" if asked else ""
    text += f" ({unasked:,} have other types than --where asks for)" if unasked else ""
    text += f" · dropped {counts.dropped + fast:,}"
    if counts.overflowing:
        text += " · more is dropped at the broker"
    return text if looking.state in ("live", "closed") else f"{text} · {looking.state}: {looking.said}"
