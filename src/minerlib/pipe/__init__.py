"""Pipes: events through nodes, one after the other, and what comes out into a sink.

    run(source, where("firewall.#"), count(by="source_ip", over="1s"), sink=print)

What flows is the `Event`: a tap and the archive give it, so a pipe over one is a pipe over the other, and it has the
time and the environment that a pair of kind and body lacks. Lines that somebody parses become one by `Event.of`.

A node is a callable: an event in; None, an event, or several out. So a function is a node, and the ones here are small
classes only because their state can then be printed, copied and stored. Those that wait for the end of a span have
`tick(clock)` and `flush()` beside it (see `Timed`).

Time is the events' own: the clock of a pipe is the latest time of any event so far, or what a tick in the stream says.
No node asks a wall clock, so a pipe over the archive gives what it gave live.
"""

from minerlib.pipe.by import by
from minerlib.pipe.choose import changed, dedupe, where
from minerlib.pipe.count import count
from minerlib.pipe.map import map
from minerlib.pipe.node import Given, Node, Of, Timed, pipe
from minerlib.pipe.pace import every, throttle
from minerlib.pipe.parsed import Unread, parsed
from minerlib.pipe.run import Ran, run

__all__ = [
    "Given",
    "Node",
    "Of",
    "Ran",
    "Timed",
    "Unread",
    "by",
    "changed",
    "count",
    "dedupe",
    "every",
    "map",
    "parsed",
    "pipe",
    "run",
    "throttle",
    "where",
]
