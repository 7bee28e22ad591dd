"""`minerlib replay`: the archive onto the bus once more."""

import json
import time
from itertools import chain
from typing import TYPE_CHECKING

import click
from rich.progress import SpinnerColumn, TimeElapsedColumn

from minerlib import settings
from minerlib.bus.connect import broker_url
from minerlib.bus.publish import Publisher
from minerlib.bus.put import put
from minerlib.cli.past import archive_option
from minerlib.cli.waiting import waiting
from minerlib.errors import ArchiveError, SettingError
from minerlib.event.key import check_scope
from minerlib.event.moment import rfc3339
from minerlib.event.order import TICK
from minerlib.nodes.again import Again, play, read_speed
from minerlib.nodes.clock import prepare
from minerlib.nodes.program import tell, until_stopped

if TYPE_CHECKING:
    from minerlib.archive import Archive

_PATIENCE, _GOODBYE = 30.0, 5.0  # seconds for the last confirms; after Ctrl-C


@click.command()
@click.argument("kinds", nargs=-1, required=True, metavar="KIND...")
@click.option(
    "--to", required=True, help="The environment to replay into: a scratch one, for example scratch.web.prod."
)
@click.option("--scope", help="The environment to replay; default MINERLIB_SCOPE, else local.lab.dev.")
@click.option("--since", help="From when it was seen: 2h (ago), 2026-11-23, or RFC 3339.")
@click.option("--until", help="Until when, written alike.")
@click.option("--speed", default="1x", show_default=True, help="How fast: 60x (a minute in a second), 0.5x, or max.")
@click.option("--times", type=click.Choice(["shifted", "kept"]), default="shifted", show_default=True,
              help="Moved, so that the first is now, and divided by the speed; or as they were.")  # fmt: skip
@archive_option
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
@click.option("--json", "as_json", is_flag=True, help="What was replayed as JSON, instead of words.")
def replay(
    kinds: tuple[str, ...],
    to: str,
    scope: str | None,
    since: str | None,
    until: str | None,
    speed: str,
    times: str,
    archive: str | None,
    url: str | None,
    as_json: bool,
) -> int:
    """Publish the archived events of KIND (or of patterns of kinds) once more, into another environment.

    In the order in which they were seen, with the bodies they have. The workbench's own kinds (alerts, what nodes say)
    are replayed only when named. Rules try out there what they would have said; Ctrl-C ends it.

    \b
    Example:
      minerlib replay 'cpu.#' 'disk.#' --scope acme.web.prod --since 2h --to scratch.web.prod --speed 60x
      minerlib replay firewall.drop --since 2026-11-23 --until 2026-11-24 --to scratch.a.b --speed max --times kept
    """
    from minerlib.archive import Archive

    scope, factor = check_scope(scope or settings.scope()), read_speed(speed)
    if check_scope(to) == scope:
        raise SettingError(
            f"{to} is the environment that is read, and its past is not to be in it twice: name a scratch one, for"
            f" example --to scratch.{to.partition('.')[2]}."
        )
    if TICK in kinds:
        raise SettingError("Ticks are the clock of the environment they are in, and are not replayed into another.")
    past = Archive(archive)
    events = past.each(kinds, since, until, scope)
    first = next(events, None)
    if first is None:
        raise ArchiveError(_nothing(past, kinds, scope))
    where, stop = broker_url(url), until_stopped()
    prepare(where, settings.source(), [to])
    begun, shown = time.monotonic(), 0.0
    with waiting("replaying", SpinnerColumn(), TimeElapsedColumn()) as bar:
        publisher = Publisher(where, f"replay.{settings.source()}", told=tell, stop=stop)

        def told(count: int, moment: int) -> None:
            nonlocal shown
            if time.monotonic() - shown > 0.2:
                shown = time.monotonic()
                bar(said=f"replaying: {count:,} events, up to {_short(moment)}")

        try:
            again = chain([first], events)
            found = play(again, lambda event: put(publisher, event), to, factor, stop.wait, times == "kept", told)
            publisher.flush(_GOODBYE if found.stopped else _PATIENCE)
        finally:
            publisher.abandon()
    _report(found, scope, to, time.monotonic() - begun, as_json)
    return 130 if found.stopped else int(found.left > 0)


def _nothing(past: "Archive", kinds: tuple[str, ...], scope: str) -> str:
    """Why there is nothing to replay."""
    for kind in kinds:
        past.scan(kind, scope=scope)  # raises where there is no such kind
    return f"No event of {', '.join(kinds)} was seen in {scope} between these moments: nothing was replayed."


def _report(found: Again, scope: str, to: str, seconds: float, as_json: bool) -> None:
    if as_json:
        moments = {"first": rfc3339(found.first), "last": rfc3339(found.last)} if found.events else {}
        said = {"from": scope, "to": to, "events": found.events, "left_out": found.left, **moments}
        click.echo(json.dumps({**said, "seconds": round(seconds, 3), "stopped": found.stopped}))
        return
    words = f"Replayed {found.events:,} event{'s' * (found.events != 1)} of {scope} into {to}"
    words += f", seen {_short(found.first)} to {_short(found.last)}" if found.events else ""
    words += f", in {seconds:,.1f} s."
    words += f" {found.left:,} had no place there and were left out." if found.left else ""
    click.echo(words + (" Stopped before the end." if found.stopped else ""))


def _short(moment: int) -> str:
    return rfc3339(moment)[:19] + "Z"
