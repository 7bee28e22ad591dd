"""docs/pipes.md runs as it is printed."""

import re
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from archive.made import NOON, event, write

from minerlib.event.moment import SECOND, rfc3339

PAGE = (Path(__file__).parents[2] / "docs" / "pipes.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


def block(number: int, names: dict[str, Any]) -> dict[str, Any]:
    exec(compile(BLOCKS[number], "docs/pipes.md", "exec"), names)
    return names


def line(second: float, src: str, port: int) -> str:
    """A line of ufw's log, its time as rsyslog writes it."""
    said = f"IN=eth0 OUT= SRC={src} DST=203.0.113.7 LEN=40 PROTO=TCP SPT=4711 DPT={port} SYN URGP=0"
    return f"{rfc3339(NOON + round(second * SECOND))} web-1 kernel: [UFW BLOCK] {said}\n"


def test_over_the_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An hour of the archive, counted by port."""
    bodies = [{"protocol": "tcp" if n % 2 else "udp", "destination_port": 22 if n % 3 else 23} for n in range(60)]
    write(tmp_path / "archive", [event(n, body, kind="firewall.drop", source="web-1") for n, body in enumerate(bodies)])
    block(0, {})
    found = re.findall(
        r'count.firewall.drop \{"count":(\d+),"seconds":3600,"destination_port":(\d+)', capsys.readouterr().out
    )
    assert sorted(found) == [("10", "23"), ("20", "22")]


def test_an_hour_of_the_firewall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """2,500 hits in bursts become a count a second and address; they add up, and so do the minutes made of them."""
    monkeypatch.chdir(tmp_path)
    rng = Random(1)
    hits = sorted(
        (rng.randrange(100) * 36 + rng.random(), f"198.51.100.{rng.randrange(5)}", rng.choice((22, 23, 445)))
        for _ in range(2500)
    )
    Path("ufw.log").write_text("".join(line(*hit) for hit in hits) + "2026-09-23T13:00:00Z web-1 [UFW ALLOW] in\n")
    names = block(1, {})
    block(2, names)
    first, *shown = capsys.readouterr().out.splitlines()
    counts = Counter((int(second), src) for second, src, _ in hits)
    assert first == f"2,500 hits became {len(counts)} counts."
    assert counts == {
        ((event.time - NOON) // SECOND, event.body["source_ip"]): event.body["count"] for event in names["counts"]
    }
    assert len(names["minutes"]) == len({(second // 60, src) for second, src in counts})
    assert len(shown) < len(counts)
    assert "firewall.drop" in shown[0]


def test_what_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """An event without a name costs itself."""
    block(4, {})
    assert "TypeError" in next(said for said in capsys.readouterr().out.splitlines() if "node.error" in said)
