"""The processes of this machine that use the most processor and the most memory: process.usage

Every ten seconds an event a process, for the first five by each (--top). `cpu_pct` is of one core, so four busy ones
are 400; `memory` is in bytes. Command lines are not told: passwords stand in them. Fields: docs/collectors.md.

    minerlib collect processes --top 10
"""

from minerlib.nodes.counters import Counters
from minerlib.nodes.processes import busiest
from minerlib.nodes.program import options, positive
from minerlib.nodes.source import Source

processes, counters, top = Source("processes"), Counters(), 5


@processes.every("10s")
def usage():
    for body in busiest(top, counters):
        yield "process.usage", body


if __name__ == "__main__":
    arguments = options("processes", __doc__)
    arguments.add_argument("--top", type=positive, default=top, help="how many by each; default 5")
    top = arguments.parse_args().top
    processes.run()
