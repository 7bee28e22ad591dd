"""What the firewall and fail2ban log: firewall.drop, .reject, .accept, .log; firewall.ban, .unban, .found

Lines of the kernel about packets (nftables, iptables, UFW, firewalld, ulogd's files) and of fail2ban; all other lines
are left out. Without a FILE: what there is of ufw.log, kern.log (else messages, else syslog) and fail2ban.log in
/var/log. With --journal alone: the kernel's entries of the systemd journal. Fields: docs/collectors.md.

    minerlib collect firewall
    minerlib collect firewall --journal
    minerlib collect firewall /var/log/ulog/syslogemu.log --zone Europe/Berlin
"""

import sys
from pathlib import Path

from minerlib.event.lines import read_fail2ban, read_netfilter
from minerlib.event.lines.journal import read_packet
from minerlib.nodes.following import follow
from minerlib.nodes.journal import publish_journal
from minerlib.nodes.program import run

THERE = [log for log in ("ufw.log", "kern.log", "messages", "syslog", "fail2ban.log") if Path("/var/log", log).exists()]
KERNEL = [log for log in THERE if log in ("kern.log", "messages", "syslog")][:1]
USUAL = [f"/var/log/{log}" for log in THERE if log in ("ufw.log", *KERNEL, "fail2ban.log")]


def read(text, at, zone):
    return read_netfilter(text, at, zone) or read_fail2ban(text, at, zone)


def in_ufw_log(line):
    """UFW's lines stand in ufw.log and, as a rule, in the kernel's log once more."""
    return "ufw.log" in THERE and b"[UFW " in line.text and not line.path.endswith("/ufw.log")


def journal(url, stop, told):
    publish_journal(["_TRANSPORT=kernel"], None, url, stop, told, read_packet)


if __name__ == "__main__":
    if sys.argv[1:] == ["--journal"]:
        run(journal)
    else:
        follow("firewall", read, USUAL, __doc__, in_ufw_log, "read the systemd journal with --journal alone")
