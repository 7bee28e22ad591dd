"""Log files, an event a line, through rotations and restarts: minerlib collect logs /var/log/syslog '/srv/*/*.log'"""

import sys

from minerlib.nodes.program import run
from minerlib.nodes.tail import plain, publish_lines

if __name__ == "__main__":
    run(lambda url, stop, told: publish_lines(sys.argv[1:], plain, url, stop, told))
