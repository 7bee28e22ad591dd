"""What the firewall and fail2ban log: firewall.drop, .reject, .accept, .log; firewall.ban, .unban, .found

Lines of the kernel about packets (nftables, iptables, UFW, firewalld, ulogd's files) and of fail2ban; all other lines
are left out. Without a FILE: what there is of ufw.log, kern.log (else messages, else syslog) and fail2ban.log in
/var/log. Fields: docs/collectors.md.

    minerlib collect firewall
    minerlib collect firewall /var/log/ulog/syslogemu.log --zone Europe/Berlin
"""

from pathlib import Path

from minerlib.event.lines import read_fail2ban, read_netfilter
from minerlib.nodes.following import follow

THERE = [log for log in ("ufw.log", "kern.log", "messages", "syslog", "fail2ban.log") if Path("/var/log", log).exists()]
KERNEL = [log for log in THERE if log in ("kern.log", "messages", "syslog")][:1]
USUAL = [f"/var/log/{log}" for log in THERE if log in ("ufw.log", *KERNEL, "fail2ban.log")]


def read(text, at, zone):
    return read_netfilter(text, at, zone) or read_fail2ban(text, at, zone)


def in_ufw_log(line):
    """UFW's lines stand in ufw.log and, as a rule, in the kernel's log once more."""
    return "ufw.log" in THERE and b"[UFW " in line.text and not line.path.endswith("/ufw.log")


if __name__ == "__main__":
    follow("firewall", read, USUAL, __doc__, known=in_ufw_log)
