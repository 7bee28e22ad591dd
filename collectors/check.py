"""Whether what should answer does: TCP and HTTP, how fast, certificates' days: check.tcp, check.http

Every 30 seconds (--every) an event a target, whose source is the target's host: `up`, `seconds`, `status`,
`certificate_days`, and what is wrong in `fault`. No check waits for another. Fields: docs/collectors.md.

    minerlib collect check tcp://db:5432 https://acme.com/health
    minerlib collect check --every 10s @targets.txt
"""

import sys

from minerlib.errors import MinerlibError
from minerlib.event.moment import SECOND, duration
from minerlib.nodes.check import read_target, run_checks
from minerlib.nodes.program import options, run, tell

if __name__ == "__main__":
    arguments = options("check", __doc__, "What is on a command line, all can read: a file keeps a URL's password.")
    arguments.fromfile_prefix_chars = "@"
    arguments.add_argument("targets", nargs="+", metavar="TARGET", help="a URL, or @FILE that has one a line")
    arguments.add_argument("--every", default="30s", help="default 30s")
    arguments.add_argument("--timeout", default="5s", help="default 5s")
    said = arguments.parse_args()
    try:
        targets = [read_target(target) for target in said.targets]
        every, timeout = (duration(text) / SECOND for text in (said.every, said.timeout))
    except MinerlibError as error:
        tell(str(error))
        sys.exit(error.exit_code)
    run(lambda url, stop, told: run_checks(targets, every, timeout, url, stop, told))
