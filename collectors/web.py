"""Access logs of web servers (Apache, nginx; common or combined format), a request an event: web.access

A line of another form is kept as it is, with the field `fault`. Without a FILE: the access logs of nginx and Apache
that there are in /var/log. Fields: docs/collectors.md.

    minerlib collect web
    minerlib collect web '/srv/*/logs/access*.log'
"""

from pathlib import Path

from minerlib.event.lines import read_access
from minerlib.nodes.following import follow

LOGS = ("nginx/access.log", "apache2/access.log", "apache2/other_vhosts_access.log", "httpd/access_log")
USUAL = [f"/var/log/{log}" for log in LOGS if Path("/var/log", log).exists()]

if __name__ == "__main__":
    follow("web", read_access, USUAL, __doc__)
