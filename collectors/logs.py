"""Log files, an event a line, through rotations and restarts: minerlib collect logs /var/log/syslog '/srv/*/*.log'"""

from minerlib.nodes.program import options, run
from minerlib.nodes.tail import plain, publish_lines

if __name__ == "__main__":
    arguments = options("logs", __doc__)
    arguments.add_argument("paths", nargs="*", metavar="FILE", help="a file, or a quoted pattern of files")
    paths = arguments.parse_args().paths
    run(lambda url, stop, told: publish_lines(paths, plain, url, stop, told))
