"""The systemd journal, an event an entry, through rotations and restarts: log.<identifier>

Begins with the next entry, or at --since the first time, and goes on where it was after that. Further options say which
entries, and are journalctl's own: --unit, --priority, --dmesg, --directory. Fields: docs/logs.md.

    minerlib collect journal
    minerlib collect journal --since '2 days ago' --unit ssh.service
"""

from minerlib.nodes.journal import publish_journal
from minerlib.nodes.program import options, run

if __name__ == "__main__":
    arguments = options("journal", __doc__)
    arguments.allow_abbrev = False
    arguments.add_argument("--since", metavar="TIME", help="where to begin the first time, as journalctl reads it")
    said, which = arguments.parse_known_args()
    run(lambda url, stop, told: publish_journal(which, said.since, url, stop, told))
