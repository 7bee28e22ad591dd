"""Traffic by address: real packets between two network namespaces, counted by a real nftables."""

import os
import subprocess
import sys
from collections.abc import Iterator
from shutil import which
from typing import Any

import pytest

from minerlib.errors import SettingError
from minerlib.nodes.bandwidth import TABLE, Table, busiest_addresses
from minerlib.nodes.collectors import find_collector
from minerlib.nodes.counters import Counters

SEND = """
import socket, sys
address, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as sender:
    if len(sys.argv) > 4:
        sender.bind((sys.argv[4], 0))
    for _ in range(count):
        sender.sendto(b"x" * size, (address, 9))
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)


class Wire:
    """Two machines, near (192.0.2.1) and far (192.0.2.2, .3), and a cable between them."""

    def __init__(self) -> None:
        self.near, self.far = f"ml{os.getpid()}a", f"ml{os.getpid()}b"
        self.table = Table(("ip", "netns", "exec", self.near, "nft"))

    def send(self, where: str, *words: str) -> None:
        done = run("ip", "netns", "exec", where, sys.executable, "-c", SEND, *words)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def wire() -> Iterator[Wire]:
    if os.geteuid() != 0 or not which("ip") or not (which("nft") or os.path.exists("/usr/sbin/nft")):  # noqa: PTH110
        pytest.skip("counting packets needs root, ip and nft")
    wire = Wire()
    if run("ip", "netns", "add", wire.near).returncode:
        pytest.skip("this kernel gives no network namespaces")
    try:
        for words in (
            f"netns add {wire.far}", f"-n {wire.near} link add v0 type veth peer name v1 netns {wire.far}",
            f"-n {wire.near} addr add 192.0.2.1/24 dev v0", f"-n {wire.far} addr add 192.0.2.2/24 dev v1",
            f"-n {wire.far} addr add 192.0.2.3/24 dev v1", f"-n {wire.near} addr add 2001:db8::1/64 dev v0 nodad",
            f"-n {wire.far} addr add 2001:db8::2/64 dev v1 nodad", f"-n {wire.near} link set lo up",
            f"-n {wire.near} link set v0 up", f"-n {wire.far} link set v1 up",
        ):  # fmt: skip
            done = run("ip", *words.split())
            assert done.returncode == 0, done.stderr
        yield wire
    finally:
        run("ip", "netns", "del", wire.far)
        run("ip", "netns", "del", wire.near)


def test_packets_are_counted_by_address(wire: Wire):
    """Each way, in bytes of IP and packets, of both its versions; what a machine says to itself is not."""
    wire.table.setup()
    wire.send(wire.far, "192.0.2.1", "10", "100")
    wire.send(wire.far, "192.0.2.1", "3", "1000", "192.0.2.3")
    wire.send(wire.far, "2001:db8::1", "4", "100")
    wire.send(wire.near, "127.0.0.1", "5", "100")
    found = wire.table.read()
    far, other = found["192.0.2.2"], found["192.0.2.3"]
    assert (far["received"], far["received_packets"]) == (10 * 128, 10)
    assert (other["received"], other["received_packets"]) == (3 * 1028, 3)
    assert found["2001:db8::2"]["received"] >= 4 * 148
    assert not {"127.0.0.1", "192.0.2.1"} & found.keys()
    before = other["sent"]  # refusals of ICMP
    wire.send(wire.near, "192.0.2.3", "2", "50")
    assert wire.table.read()["192.0.2.3"]["sent"] - before == 2 * 78


def test_a_table_that_begins_anew_is_noticed(wire: Wire):
    """Its counters are lower than they were: that is said, and is no negative traffic."""
    counters = Counters(from_zero=True)
    wire.table.setup()
    wire.send(wire.far, "192.0.2.1", "10", "100")
    assert list(busiest_addresses(wire.table.read(), counters, 10)) == []
    wire.send(wire.far, "192.0.2.1", "5", "100")
    (before,) = [each for each in busiest_addresses(wire.table.read(), counters, 10) if each["address"] == "192.0.2.2"]
    assert before["received_per_second"] > 0
    assert "reset" not in before
    wire.table.setup()
    wire.send(wire.far, "192.0.2.1", "1", "100")
    (after,) = [each for each in busiest_addresses(wire.table.read(), counters, 10) if each["address"] == "192.0.2.2"]
    assert (after["reset"], after["received"], "received_per_second" in after) == (True, 128, False)


def test_setup_and_remove_touch_nothing_else(wire: Wire):
    """The rules that are there stay as they are, whatever is done twice."""
    nft = ("ip", "netns", "exec", wire.near, "nft")
    assert run(*nft, "add", "table", "inet", "filter").returncode == 0
    collect = ("ip", "netns", "exec", wire.near, sys.executable, str(find_collector("bandwidth")))
    for words in (["--setup"], ["--setup"]):
        assert run(*collect, *words).returncode == 0
    assert TABLE in run(*nft, "list", "tables").stdout
    for words in (["--remove"], ["--remove"]):
        assert run(*collect, *words).returncode == 0
    assert run(*nft, "list", "tables").stdout == "table inet filter\n"
    missing = run(*collect)
    assert (missing.returncode, "--setup makes it" in missing.stderr) == (2, True)


def test_the_busiest_are_told_and_the_rest_together():
    """By bytes both ways, since the last look; whoever is silent is not told."""

    def counted(**bytes: int) -> dict[str, dict[str, int]]:
        zero = {"received_packets": 0, "sent": 0, "sent_packets": 0}
        return {name: {"received": value, **zero} for name, value in bytes.items()}

    counters = Counters(iter([0.0, 2.0]).__next__, from_zero=True)
    list(busiest_addresses(counted(a=0, b=0, c=0, silent=7), counters, 2))
    found: list[dict[str, Any]] = list(busiest_addresses(counted(a=10, b=30, c=4, d=6, new=20, silent=7), counters, 2))
    assert [(body["address"], body["received_per_second"]) for body in found] == [
        ("b", 15),
        ("new", 10),
        ("others", 10),
    ]
    assert found[2]["addresses"] == 3


def test_where_there_is_no_nft_is_said():
    """In a sentence that names the package."""
    with pytest.raises(SettingError, match="package nftables"):
        Table(("/nowhere/nft",)).read()
