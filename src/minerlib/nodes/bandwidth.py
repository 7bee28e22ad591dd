"""Traffic by address: what nftables counts in a table of its own, which changes nothing else."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

from minerlib.errors import SettingError
from minerlib.nodes.counters import Counters

TABLE = "minerlib_bandwidth"
_SET = "set {} {{ type {}; size 65535; flags dynamic,timeout; timeout 1h; counter; }}"
_SETUP = f"""
add table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
    {_SET.format("received4", "ipv4_addr")}
    {_SET.format("received6", "ipv6_addr")}
    {_SET.format("sent4", "ipv4_addr")}
    {_SET.format("sent6", "ipv6_addr")}
    chain received {{
        type filter hook prerouting priority -350; policy accept;
        iifname "lo" accept
        update @received4 {{ ip saddr }}
        update @received6 {{ ip6 saddr }}
    }}
    chain sent {{
        type filter hook postrouting priority 350; policy accept;
        oifname "lo" accept
        update @sent4 {{ ip daddr }}
        update @sent6 {{ ip6 daddr }}
    }}
}}
"""


class Table:
    """The table of counters in the kernel, by the program nft. All of it needs root (CAP_NET_ADMIN)."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command or (shutil.which("nft") or "/usr/sbin/nft",)

    def setup(self) -> None:
        """Make it, or begin it anew, in one step. Raises SettingError."""
        self._nft("-f", "-", told=_SETUP)

    def remove(self) -> None:
        """Take it away, whether it is there or not. Raises SettingError."""
        self._nft("-f", "-", told=f"add table inet {TABLE}\ndelete table inet {TABLE}\n")

    def read(self) -> dict[str, dict[str, int]]:
        """By address: `received`, `sent` (bytes), `received_packets`, `sent_packets`. Raises SettingError."""
        found: dict[str, dict[str, int]] = {}
        for each in json.loads(self._nft("--json", "list", "table", "inet", TABLE))["nftables"]:
            said = each.get("set", {})
            way = str(said.get("name", "")).rstrip("46")
            for element in said.get("elem", ()):
                counted = element["elem"]
                body = found.setdefault(
                    counted["val"], {"received": 0, "received_packets": 0, "sent": 0, "sent_packets": 0}
                )
                body |= {way: counted["counter"]["bytes"], f"{way}_packets": counted["counter"]["packets"]}
        return found

    def _nft(self, *words: str, told: str | None = None) -> str:
        try:
            done = subprocess.run(
                [*self._command, *words], input=told, capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SettingError(f"nft cannot be run: {error}. It is in the package nftables.") from None
        if done.returncode == 0:
            return done.stdout
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
        if "No such file" in said and "list" in words:
            raise SettingError(f"The table {TABLE} is not there: minerlib collect bandwidth --setup makes it.")
        raise SettingError(f"nft says no: {said}. Counting needs root.")


def busiest_addresses(now: dict[str, dict[str, int]], counters: Counters, top: int) -> Iterator[dict[str, Any]]:
    """The addresses with traffic since the last look, the first `top` by bytes, and the rest of them as one.

    `address`, what is counted, and its rates; of the rest, whose `address` is `others`, the sum of the rates, and how
    many `addresses` they are. `reset` (true) where something was set back in between, which leaves no rate.
    """
    said: list[dict[str, Any]] = [
        {"address": address, **body, **({"reset": True} if address in counters.set_back else {})}
        for address, body in counters(now).items()
    ]
    moved = sorted((body for body in said if _bytes(body) > 0 or "reset" in body), key=_bytes, reverse=True)
    yield from moved[:top]
    if others := moved[top:]:
        rates = sorted({name for body in others for name in body if name.endswith("_per_second")})
        sums = {name: round(sum(body.get(name, 0) for body in others), 3) for name in rates}
        yield {"address": "others", "addresses": len(others), **sums}


def _bytes(body: dict[str, Any]) -> float:
    return body.get("received_per_second", 0) + body.get("sent_per_second", 0)
