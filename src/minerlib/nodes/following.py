"""Log files of a known sort as a program: its arguments, and what is made of a line."""

import socket
import sys
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from minerlib import settings
from minerlib.errors import MinerlibError, SettingError
from minerlib.event.decode.delivery import Decoded
from minerlib.event.decode.said import body_of
from minerlib.event.moment import SECOND, duration, now
from minerlib.nodes.digest import Digest
from minerlib.nodes.generation import Line
from minerlib.nodes.mappings import read_zone
from minerlib.nodes.program import options, run, tell
from minerlib.nodes.source import Reading
from minerlib.nodes.tail import publish_lines
from minerlib.pipe import count

Read = Callable[[str, int, ZoneInfo | None], Decoded | None]
"""What a line says, with the moment (µs) at which it is read and the zone of times that name none; None where it is
left out. Raises where the line ought to be one of its own and is not: it is then published as it is."""


def follow(
    name: str,
    read: Read,
    usual: Sequence[str] = (),
    about: str | None = None,
    known: Callable[[Line], bool] = lambda line: False,
    otherwise: str = "",
) -> None:
    """Follow the files of the command line until Ctrl-C, else the `usual` ones, where lines that are `known` from
    another of them are left out. `otherwise` is what one may do where there is none of these."""
    arguments = options(name, about)
    arguments.add_argument("paths", nargs="*", metavar="FILE", help="a file, or a quoted pattern of files")
    arguments.add_argument("--zone", help="of times that name none, as in Europe/Berlin; default MINERLIB_ZONE")
    arguments.add_argument("--count", metavar="FIELD", help="say how many there were of each FIELD, not each of them")
    arguments.add_argument("--over", metavar="SPAN", help="in how long, with --count; default 10s")
    said = arguments.parse_args()
    try:
        zone = said.zone or settings.zone()
        if said.over and not said.count:
            raise SettingError("--over says in how long is counted, and --count what: say --count too.")
        digest = _counted(said.count.split(","), said.over or "10s") if said.count else None
        event = reader(read, read_zone(zone) if zone else None)
        if not (said.paths or usual) and otherwise:
            raise SettingError(f"There is no log file in the usual places: name one, or {otherwise}.")
    except MinerlibError as error:
        tell(str(error))
        sys.exit(error.exit_code)
    paths = said.paths or usual

    def once(line: Line) -> Reading | None:
        return None if not said.paths and known(line) else event(line)

    run(lambda url, stop, told: publish_lines(paths, once, url, stop, told, name, digest))


def _counted(fields: list[str], over: str) -> Digest:
    return Digest(count(by=fields, over=over), hold=duration(over) / SECOND)


def reader(read: Read, zone: ZoneInfo | None) -> Callable[[Line], Reading | None]:
    """What `publish_lines` makes of a line."""

    def event(line: Line) -> Reading | None:
        found = read(line.text.decode(errors="replace"), now(), zone)
        if found is None:
            return None
        return found.kind, body_of(found), whose(found.source)

    return event


def whose(host: str) -> str:
    """The source of a line of a host: the host, and MINERLIB_SOURCE where it is none or this very machine."""
    mine = not host or _short(host) == "localhost" or _same(host.lower(), socket.gethostname().lower())
    return settings.source() if mine else host


def _same(one: str, other: str) -> bool:
    """Whether both may name one machine: whole names do if equal, and one without a domain by its first part."""
    return one == other if "." in one and "." in other else _short(one) == _short(other)


def _short(host: str) -> str:
    return host.partition(".")[0].lower()
