"""What the kernel logs of packets: the targets LOG of iptables and log of nftables, UFW, firewalld; ulogd's files."""

import re
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from minerlib.event.decode.delivery import Decoded
from minerlib.event.lines.stamp import split

_LONGEST = 160  # characters of a prefix
_PACKET = re.compile(rf"(?P<prefix>[^=]{{0,{_LONGEST}}}?)IN=(?P<in>\S*) OUT=(?P<out>\S*)(?P<rest> .*)")
_UPTIME = re.compile(r"(?:\[ *\d+\.\d+\] *)+")
_TAG = re.compile(r"(?P<tag>[^\s:]+?)(?:(?P<pid>\[\S*\]): ?|: )")
_OWN = re.compile(r"(?:<\d{1,3}>)?(?=kernel: |\[ *\d+\.\d+\]|IN=)")
_PAIR = re.compile(r"(\w+)=(\S*)")
_NUMBERS = {"SPT": "source_port", "DPT": "destination_port", "LEN": "length", "TTL": "ttl", "HOPLIMIT": "ttl",
            "TYPE": "icmp_type", "CODE": "icmp_code", "UID": "uid", "GID": "gid"}  # fmt: skip
_DIGITS = re.compile("[0-9]{1,15}")
_FLAGS = ("SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR")
_VERDICTS = {
    "drop": "drop", "drops": "drop", "dropped": "drop", "dropping": "drop", "deny": "drop", "denied": "drop",
    "block": "drop", "blocked": "drop", "reject": "reject", "rejected": "reject", "refused": "reject",
    "accept": "accept", "accepted": "accept", "allow": "accept", "allowed": "accept", "pass": "accept",
}  # fmt: skip


def read_netfilter(text: str, at: int, zone: ZoneInfo | None) -> Decoded | None:
    """A packet as `firewall.drop`, `.reject`, `.accept`, as the last such word of its prefix says, else
    `firewall.log`; None where the line is none of the kernel's about a packet.

    Fields: `source_ip`, `destination_ip`, `protocol` (tcp), `source_port`, `destination_port`, `interface`,
    `out_interface`, `prefix`, `flags` ("SYN ACK"), `length`, `ttl`, `mac`, `icmp_type`, `icmp_code`, `uid`, `gid`. The
    source is the host that the line names, empty where it names none. What another program logs is not believed:
    anybody who can log in with a wrong name could have written it. So a line without a time that we know has to begin
    as the kernel's own, with `kernel: `, the uptime or `IN=`.

    >>> line = "Nov 22 08:00:26 gate kernel: [1.5] [UFW BLOCK] IN=eth0 OUT= SRC=192.0.2.7 DST=192.0.2.1 DPT=22"
    >>> read_netfilter(line, 0, None).body["destination_port"]
    22
    """
    if "IN=" not in text or "SRC=" not in text:
        return None
    stamp = split(text, at, zone)
    if stamp:
        host, rest = stamp.host()
    elif own := _OWN.match(text):
        host, rest = "", text[own.end() :]
    else:
        return None
    found = _PACKET.match(_of_kernel(rest))
    if not found:
        return None
    outer = found["rest"].partition(" [")[0]  # in brackets stands the packet that an ICMP error is about
    said = dict(reversed(_PAIR.findall(outer)))  # the first of each: UDP has a LEN of its own
    if "SRC" not in said or "DST" not in said:
        return None
    prefix = found["prefix"].strip()
    body: dict[str, Any] = {"source_ip": address(said["SRC"]), "destination_ip": address(said["DST"])}
    if said.get("PROTO"):
        body["protocol"] = said["PROTO"].lower()
    body |= {field: int(said[name]) for name, field in _NUMBERS.items() if _DIGITS.fullmatch(said.get(name, ""))}
    flags = " ".join(word for word in outer.split() if word in _FLAGS)
    texts = {"interface": found["in"], "out_interface": found["out"], "prefix": prefix, "flags": flags}
    body |= {name: value for name, value in {**texts, "mac": said.get("MAC", "")}.items() if value}
    if stamp and stamp.time is None:
        body["time_said"] = stamp.said
    return Decoded(host, f"firewall.{_verdict(prefix)}", stamp.time if stamp else None, body)


def address(said: str) -> str:
    """An address in its shortest form; what is none, as it is."""
    try:
        return str(ip_address(said))
    except ValueError:
        return said


def _of_kernel(message: str) -> str:
    """The message without the kernel's tag and uptime; empty where it is of a program."""
    begin = message[: _LONGEST + len("IN=")]
    tag = _TAG.match(begin)
    kernel = tag is not None and tag["tag"] == "kernel"
    if tag and kernel:
        message = message[tag.end() :]
    if uptime := _UPTIME.match(message):
        return message[uptime.end() :]
    return message if kernel or not _of_program(begin.partition("IN=")[0]) else ""


def _of_program(prefix: str) -> bool:
    """Whether a prefix has a program's tag in it: `DROP: ` and `packet died: ` are prefixes in a file of ulogd."""
    return any(
        tag["pid"] or (_verdict(tag["tag"]) == "log" and (tag.start() == 0 or tag.end() < len(prefix)))
        for tag in _TAG.finditer(prefix)
    )


def _verdict(prefix: str) -> str:
    words = re.findall("[a-z]+", prefix.lower())
    return next((_VERDICTS[word] for word in reversed(words) if word in _VERDICTS), "log")
