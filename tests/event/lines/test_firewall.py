"""Lines of the firewall and of fail2ban: real ones, and what is made to look like one."""

import json
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from beside import text

from minerlib.event.decode.delivery import Decoded
from minerlib.event.lines import read_fail2ban, read_netfilter
from minerlib.event.moment import read_time, rfc3339

AT = read_time("2026-11-28T03:00:00Z") or 0
UTC = ZoneInfo("UTC")
PACKET = (
    "IN=eth0 OUT= MAC=de:1c SRC=192.0.2.7 DST=192.0.2.1 LEN=44 TTL=43 PROTO=TCP SPT=52220 DPT=80 WINDOW=1024 SYN URGP=0"
)


def packet(line: str) -> Decoded:
    found = read_netfilter(line, AT, UTC)
    assert found, line
    return found


def kind(prefix: str) -> str:
    return packet(f"Nov 22 08:00:26 gate kernel: [1.5] {prefix}{PACKET}").kind


def test_a_packet_in_all_its_fields():
    """Ports and lengths are numbers, the protocol is small, what is empty is left out."""
    line = f"2026-11-22T08:00:26.5+01:00 gate kernel: [19955416.516358] [UFW BLOCK] {PACKET}"
    source, what, time, body, raw = packet(line)
    assert (source, what, rfc3339(time or 0), raw) == ("gate", "firewall.drop", "2026-11-22T07:00:26.500000Z", None)
    assert body == {
        "source_ip": "192.0.2.7", "destination_ip": "192.0.2.1", "protocol": "tcp", "source_port": 52220,
        "destination_port": 80, "length": 44, "ttl": 43, "interface": "eth0", "prefix": "[UFW BLOCK]", "flags": "SYN",
        "mac": "de:1c",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "wanted"),
    [
        ("", "log"), ("[UFW BLOCK] ", "drop"), ("[UFW LIMIT BLOCK] ", "drop"), ("[UFW ALLOW] ", "accept"),
        ("[UFW AUDIT INVALID] ", "log"), ("FINAL_REJECT: ", "reject"), ("STATE_INVALID_DROP: ", "drop"),
        ("Shorewall:net2fw:DROP:", "drop"), ("iptables denied: ", "drop"), ("allow-list miss, dropped ", "drop"),
        ("nft-accept", "accept"), ("dropbear ", "log"),
    ],
)  # fmt: skip
def test_the_prefix_says_what_became_of_it(prefix: str, wanted: str):
    """The last word of it that is a verdict."""
    assert kind(prefix) == f"firewall.{wanted}"


def test_icmp_and_the_packet_inside_it():
    """An error of ICMP is about another packet, whose addresses are not its own; IPv6 is written short."""
    line = (
        "[ 12.5] reject IN= OUT=eth1 SRC=2001:0db8:0000:0000:0000:0000:0000:0007 DST=2001:db8::1 LEN=64 HOPLIMIT=255 "
        "PROTO=ICMPv6 TYPE=1 CODE=4 [SRC=::1 DST=::2 LEN=16 PROTO=UDP SPT=5 DPT=6 LEN=8 ] MARK=0x1 "
    )
    found = packet(line)
    assert (found.source, found.kind, found.time) == ("", "firewall.reject", None)
    assert found.body == {
        "source_ip": "2001:db8::7", "destination_ip": "2001:db8::1", "protocol": "icmpv6", "length": 64, "ttl": 255,
        "icmp_type": 1, "icmp_code": 4, "out_interface": "eth1", "prefix": "reject",
    }  # fmt: skip


def test_the_length_is_that_of_the_packet():
    """UDP has a LEN of its own behind it."""
    assert packet("IN=lo OUT= SRC=::1 DST=::1 LEN=104 PROTO=UDP SPT=1 DPT=53 LEN=84").body["length"] == 104


def test_ulogd_writes_no_tag():
    """Its lines have the prefix where a tag would be."""
    assert packet(f"Nov 22 08:00:26 gate DROP: {PACKET}").kind == "firewall.drop"
    assert packet(f"Nov 22 08:00:26 gate IPT INPUT packet died: {PACKET}").kind == "firewall.log"
    assert packet(f"Nov 22 08:00:26 gate {PACKET}").kind == "firewall.log"
    assert packet(PACKET).kind == "firewall.log"


@pytest.mark.parametrize(
    "line",
    [
        f"Nov 22 08:00:26 gate sshd[77]: Invalid user {PACKET} from 192.0.2.9",
        f"Nov 22 08:00:26 gate sshd: Invalid user {PACKET} from 192.0.2.9",
        f"Nov 22 08:00:26 gate sudo:  bob : TTY=pts/0 ; COMMAND=/bin/echo {PACKET}",
        f'Nov 22 08:00:26 gate kernel: [1.5] audit: type=1400 apparmor="DENIED" name="/tmp/{PACKET}"',
        "Nov 22 08:00:26 gate kernel: device eth0 entered promiscuous mode",
        "Nov 22 08:00:26 gate kernel: IN=eth0 OUT= ARP HTYPE=1 IPSRC=192.0.2.7",
        "",
    ],
)
def test_what_another_program_logged_is_no_packet(line: str):
    """Whoever logs in with such a name shall not be able to have somebody banned."""
    assert read_netfilter(line, AT, UTC) is None


@pytest.mark.parametrize(
    "header",
    [
        "Nov 22 08:00:26.123456 gate sshd[7]: ",
        "Nov 22 2026 08:00:26 gate sshd[7]: ",
        "Sun Nov 22 08:00:26 2026 authpriv.info sshd[7]: ",
        "Nov 22 08:00:26 gate authpriv.info sshd[7]: ",
        "<13>1 2026-11-22T08:00:26.123456Z gate sshd 7 - - ",
        '<13>1 2026-11-22T08:00:26Z gate sshd - - [a@1 b="c d"] ',
        "<13>1 - gate sshd 7 - - ",
        "<13>1 2026-11-22T08:00:26Z gate - - - - ",
        "Nov 22 08:00:26 sshd[7]: ",
        "Nov 22 08:00:26 sshd: ",
        "Nov 22 08:00:26 gate app[web-1]: ",
        "Nov 22 08:00:26 gate [app]: ",
        "<13>1 2026-11-22T08:00:26Z gate [a] b]c - - ",
        "Nov 22 08:00:26 CET gate sshd[7]: ",
        "Nov 22 08:00:26 CET gate sshd: ",
        "2026-11-22 08:00:26 +0100 gate sshd[7]: ",
        "2026 Nov 22 08:00:26 gate ",
        "[Sun Nov 22 08:00:26 2026] [core:error] ",
        "1795334426 gate ",
        "sshd[7]: ",
        "",
    ],
)
@pytest.mark.parametrize("name", ["Invalid user drop ", "drop "])
def test_no_header_hides_the_program(header: str, name: str):
    """However a time is written, and where no host is, a name in a message is no packet, and bans nobody."""
    assert read_netfilter(f"{header}{name}IN=x OUT= SRC=8.8.8.8 DST=1.1.1.1 ", AT, UTC) is None
    if header:
        assert read_fail2ban(f"{header}fail2ban.actions: NOTICE [sshd] Ban 8.8.8.8", AT, UTC) is None


@pytest.mark.parametrize(
    ("header", "source", "time"),
    [
        ("Nov 22 08:00:26.123456 gate kernel: ", "gate", "2026-11-22T08:00:26.123456Z"),
        ("<4>Nov 22 2025 08:00:26 gate kernel: [1.5] ", "gate", "2025-11-22T08:00:26.000000Z"),
        ("Sun Nov 22 08:00:26 2026 kern.warn kernel: [1.5] ", "", "2026-11-22T08:00:26.000000Z"),
        ("Sun Nov 22 08:00:26 2026 gate kern.warn kernel: [1.5] ", "gate", "2026-11-22T08:00:26.000000Z"),
        ("Nov 22 08:00:26 gate kern.warn kernel: [1.5] ", "gate", "2026-11-22T08:00:26.000000Z"),
        ("Nov 22 08:00:26 kernel: ", "", "2026-11-22T08:00:26.000000Z"),
        ("<4>1 2026-11-22T08:00:26.5Z gate kernel - - - [1.5] ", "gate", "2026-11-22T08:00:26.500000Z"),
        ('<4>1 2026-11-22T08:00:26Z - kernel - - [a@1 b="c d"] ', "", "2026-11-22T08:00:26.000000Z"),
        ("<4>kernel: ", "", None), ("kernel: [1.5] ", "", None), ("<4>[    1.5] ", "", None),
    ],
)  # fmt: skip
def test_every_header_of_the_kernel_is_read(header: str, source: str, time: str | None):
    """Whose the line is and when it was come of the header, and nothing of it is in the prefix."""
    found = packet(f"{header}DROP: {PACKET}")
    assert (found.source, found.kind, found.body["prefix"]) == (source, "firewall.drop", "DROP:")
    assert (None if found.time is None else rfc3339(found.time)) == time


def test_a_time_nobody_knows_is_kept_as_it_was_written():
    """Without a zone the event has no time of its own."""
    found = read_netfilter(f"Nov 22 08:00:26 gate kernel: {PACKET}", AT, None)
    assert found
    assert (found.time, found.body["time_said"]) == (None, "Nov 22 08:00:26")


def test_real_lines_of_iptables_and_ufw():
    """All 49 of a port scan, the ports as crowdsec's test has them."""
    lines = text("crowdsec", "iptables-scan-multi-port/input.log").splitlines()
    found = [packet(line) for line in lines if line]
    assert Counter(each.kind for each in found) == {"firewall.log": 33, "firewall.drop": 16}
    assert {each.source for each in found} == {"scw-d95986", "vm-1"}
    assert all(isinstance(each.body["destination_port"], int) for each in found)
    assert {each.body["source_ip"] for each in found if each.kind == "firewall.drop"} == {"127.0.0.2"}


def test_real_lines_of_fail2ban():
    """Every line that fail2ban's own test of recidive finds is a ban, with its address and time."""
    lines = text("fail2ban", "recidive.log").splitlines()
    wanted = [(json.loads(said[12:]), line) for said, line in pairwise(lines) if said.startswith("# failJSON:")]
    bans = 0
    for expected, line in wanted:
        time = expected.get("time", "2006-02-13T15:52:30")
        found = read_fail2ban(line, read_time(f"{time}Z") or 0, UTC)
        if expected["match"]:
            assert found, line
            assert (found.kind, found.body["source_ip"]) == ("firewall.ban", expected["host"])
            assert found.time is None if "time" not in expected else rfc3339(found.time or 0)[:19] == time
            bans += 1
    assert bans == 7


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("NOTICE  [sshd] Ban 2001:0db8::7", ("ban", {"source_ip": "2001:db8::7", "jail": "sshd"})),
        ("NOTICE  [sshd] Unban 192.0.2.7", ("unban", {"source_ip": "192.0.2.7", "jail": "sshd"})),
        ("NOTICE  [a b] Restore Ban 192.0.2.7", ("ban", {"source_ip": "192.0.2.7", "jail": "a b", "restored": True})),
        ("INFO    [sshd] Found 192.0.2.7 - 2026-11-22 08:00:25", ("found", {"source_ip": "192.0.2.7", "jail": "sshd"})),
        ("NOTICE  [sshd] 192.0.2.7 already banned", None),
        ("INFO    Jail 'sshd' started", None),
    ],
)  # fmt: skip
def test_what_fail2ban_says_of_an_address(said: str, wanted: tuple[str, dict[str, object]] | None):
    """Found, banned, unbanned; all else it says is left out."""
    part = "filter" if "Found" in said else "actions"
    found = read_fail2ban(f"2026-11-22 08:00:26,388 fail2ban.{part:<9} [812]: {said}", AT, UTC)
    assert (found and (found.kind.removeprefix("firewall."), found.body)) == wanted


def test_another_program_bans_nobody():
    """Nor does fail2ban, of an address that somebody put into his name."""
    line = "Nov 22 08:00:26 gate sshd[7]: Invalid user fail2ban.actions: NOTICE [sshd] Ban 192.0.2.7"
    assert read_fail2ban(line, AT, UTC) is None
    assert (
        read_fail2ban("Nov 22 08:00:26 gate fail2ban.filter[7]: INFO [sshd] Ignore [x] Ban 192.0.2.7", AT, UTC) is None
    )
