"""Lines counted where they are read: how many of a kind and key there were, instead of an event each.

    lines --event--> count(by, over) --each `over`--> count.<kind> onto the bus, and the places are saved

A count has no id that comes out the same when its lines are read again. So places are saved only when all that was
counted is confirmed: what a killed node had not given out it counts once more, from where it is saved; killed between
the confirm and the saving, it has counted one span twice.
"""

import argparse
import time

from minerlib.bus.publish import Publisher
from minerlib.bus.put import put
from minerlib.event.event import Event
from minerlib.event.moment import SECOND, duration, now
from minerlib.nodes.source import Reading
from minerlib.pipe import count


class Counted:
    """What is counted, and when it is given out: a sink of readings for `publish_lines`."""

    def __init__(self, by: str = "", over: str = "1s") -> None:
        self._count = count(by=[name for name in by.split(",") if name], over=over)
        self._span, self._given = duration(over) / SECOND, time.monotonic()

    def take(self, publisher: Publisher, scope: str, source: str, reading: Reading) -> None:
        """Count one."""
        kind, body, *other = reading
        said = isinstance(body, dict) and "time" in body
        event = Event.of(kind, body, source=other[0] if other else source, scope=scope, time=None if said else now())
        for each in self._count(event) or ():
            put(publisher, each)

    def settle(self, publisher: Publisher, ending: bool) -> bool:
        """Give out what is counted, where it is time to; whether all of it is given out."""
        if not ending and time.monotonic() - self._given < self._span:
            return False
        self._given = time.monotonic()
        for each in self._count.flush():
            put(publisher, each)
        return True


def count_options(arguments: argparse.ArgumentParser) -> None:
    """The options that ask for counts instead of an event a line."""
    arguments.add_argument("--per", metavar="SPAN", help="publish how many there were in each 1s, 1m, instead of each")
    arguments.add_argument("--by", metavar="FIELD,FIELD", help="how many of each value of these fields; with --per 1s")


def counting(said: argparse.Namespace) -> Counted | None:
    """What counts, where that was asked for. Raises SettingError."""
    return Counted(said.by or "", said.per or "1s") if said.per or said.by else None
