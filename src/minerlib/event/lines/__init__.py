"""Lines of log files that are known: what they say as an event. Pure text: no clock, no file."""

from minerlib.event.lines.fail2ban import read_fail2ban
from minerlib.event.lines.netfilter import read_netfilter
from minerlib.event.lines.web import read_access

__all__ = ["read_access", "read_fail2ban", "read_netfilter"]
