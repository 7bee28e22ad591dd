"""Traffic of this machine by address, from counters of nftables: bandwidth.usage

Every ten seconds an event an address with traffic since the last one, for the first hundred by bytes (--top): bytes and
packets `received` from it and `sent` to it, and both a second. Needs root. Fields: docs/collectors.md.

    minerlib collect bandwidth --setup        (once, and after each start of the machine: a table of its own)
    minerlib collect bandwidth
    minerlib collect bandwidth --remove
"""

import sys

from minerlib.errors import MinerlibError
from minerlib.nodes.bandwidth import Table, busiest_addresses
from minerlib.nodes.counters import Counters
from minerlib.nodes.program import options, positive, tell
from minerlib.nodes.source import Source

bandwidth, counters, table, top = Source("bandwidth"), Counters(from_zero=True), Table(), 100


@bandwidth.every("10s")
def usage():
    for body in busiest_addresses(table.read(), counters, top):
        yield "bandwidth.usage", body


if __name__ == "__main__":
    arguments = options("bandwidth", __doc__)
    arguments.add_argument("--top", type=positive, default=top, help="how many addresses; default 100")
    arguments.add_argument("--setup", action="store_true", help="make the table of counters, or begin it anew")
    arguments.add_argument("--remove", action="store_true", help="take it away")
    said = arguments.parse_args()
    top = said.top
    try:
        table.setup() if said.setup else table.remove() if said.remove else table.read()
    except MinerlibError as error:
        tell(str(error))
        sys.exit(error.exit_code)
    if not (said.setup or said.remove):
        bandwidth.run()
