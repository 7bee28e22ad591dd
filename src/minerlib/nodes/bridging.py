"""A bridge as a program: its arguments, and the names and habits of one producer as their defaults."""

import argparse
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from minerlib import settings
from minerlib.bus.connect import shown
from minerlib.bus.queue import Wanted
from minerlib.errors import MinerlibError
from minerlib.event.key import check_scope
from minerlib.nodes.bridge import Terms, run_bridge
from minerlib.nodes.mappings import read_mapping, read_zone
from minerlib.nodes.program import run, tell


def bridge(name: str, exchange: str = "", keys: Sequence[str] = ("#",), about: str | None = None) -> None:
    """Run the bridge `name` until Ctrl-C, with what the command line says. Without a default `exchange` one has to be
    given."""
    said = _arguments(name, exchange, keys, about).parse_args()
    try:
        zone = said.zone or settings.zone()
        wanted = Wanted(said.exchange, said.key or list(keys))
        scope = check_scope(said.scope or settings.scope())
        mapping = read_mapping(said.mapping) if said.mapping else []
        zone = read_zone(zone) if zone else None
    except MinerlibError as error:
        tell(str(error))
        sys.exit(error.exit_code)

    def carry(url: str, stop: threading.Event, told: Callable[[str], None]) -> None:
        there = said.there or settings.from_url() or url
        queue = said.queue or f"minerlib.bridge.{name}"
        told(f"Carrying {', '.join(wanted.keys)} of {wanted.exchange} at {shown(there)} to {scope}; Ctrl-C ends it.")
        counts = run_bridge(Terms(there, queue, wanted, scope, mapping, zone), name, url, stop, told)
        again = f", {counts['again']:,} delivered once more" if counts["again"] else ""
        raw = f", {counts['raw']:,} not all of which could be read" if counts["raw"] else ""
        told(f"{counts['messages']:,} messages{again}{raw} became {counts['events']:,} events.")

    run(carry)


def _arguments(name: str, exchange: str, keys: Sequence[str], about: str | None) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog=f"minerlib collect {name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Another broker than ours is best named in MINERLIB_FROM_URL: what is on a command line, all can read.",
    )  # fmt: skip
    options.add_argument("--from", dest="there", metavar="URL", help="the broker to take from; default ours")
    text = f"default {exchange}" if exchange else "must be said"
    options.add_argument("--exchange", default=exchange or None, required=not exchange, help=text)
    options.add_argument("--key", action="append", metavar="PATTERN", help=f"several may be; default {' '.join(keys)}")
    options.add_argument("--queue", help=f"ours, on their broker; default minerlib.bridge.{name}")
    options.add_argument("--scope", help="company.system.environment; default MINERLIB_SCOPE")
    options.add_argument("--mapping", type=Path, metavar="FILE", help="what messages are, see docs/producers.md")
    options.add_argument("--zone", help="of times that name none, as in Europe/Berlin; default MINERLIB_ZONE")
    return options
