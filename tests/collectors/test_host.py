"""The collector host: what this very machine says of itself."""

import os
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import psutil
import pytest

from minerlib.nodes import disks

from .programs import load

Sensor = namedtuple("Sensor", "label current high critical")


def by_kind(readings: list[tuple[str, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, body in readings:
        found.setdefault(kind, []).append(body)
    return found


def test_every_reading_of_this_machine():
    """Percentages are percentages, sizes agree with what the system says, and nothing is said of what is not there."""
    host = load("host").host
    host.take()
    path = Path("/proc/self/stat")
    deadline = time.monotonic() + 0.2  # long enough that a processor's share can be told
    while time.monotonic() < deadline:
        path.read_bytes()
    found = by_kind(host.take())
    assert {"cpu.usage", "load.average", "memory.usage", "disk.usage", "network.bytes"} <= found.keys()
    (cpu,) = found["cpu.usage"]
    assert 0 < cpu["used_pct"] <= 100
    assert 0 < cpu["user_pct"] + cpu["system_pct"] <= 100.2
    assert found["memory.usage"][0]["total"] == psutil.virtual_memory().total
    assert found["load.average"][0]["cores"] == os.cpu_count()
    assert {body["interface"] for body in found["network.bytes"]} == set(psutil.net_io_counters(pernic=True))
    assert all(body["received_per_second"] >= 0 for body in found["network.bytes"])


def test_disks_and_their_inodes():
    """Each device once, with the inodes that statvfs counts."""
    found = list(disks.usage())
    assert found
    for body in found:
        nodes = os.statvfs(body["mount"])
        assert body.get("inodes_total", 0) == nodes.f_files
        assert 0 <= body["used_pct"] <= 100
        if nodes.f_files:
            used = nodes.f_files - nodes.f_ffree  # others create files meanwhile
            assert body["inodes_used"] == pytest.approx(used, abs=nodes.f_files / 50)
            assert body["inodes_used_pct"] == pytest.approx(100 * body["inodes_used"] / nodes.f_files, abs=0.1)


def test_a_mount_whose_name_is_no_utf8_can_be_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Each byte that is none is told as `\N{REPLACEMENT CHARACTER}`."""
    mount = Path(os.fsdecode(bytes(tmp_path) + b"/\xff"))
    mount.mkdir()
    part = namedtuple("Part", "device mountpoint")
    monkeypatch.setattr(psutil, "disk_partitions", lambda: [part("/dev/sdz", str(mount))])
    assert [body["mount"] for body in disks.usage()] == [f"{tmp_path}/\N{REPLACEMENT CHARACTER}"]


def test_a_device_that_is_mounted_twice_is_told_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its first mount names it; a mount that may not be looked at costs itself."""
    Part = namedtuple("Part", "device mountpoint")
    parts = [Part("/dev/a", "/nowhere"), Part("/dev/b", "/"), Part("/dev/b", str(tmp_path)), Part("/dev/c", "/tmp")]
    monkeypatch.setattr(psutil, "disk_partitions", lambda: parts)
    assert [body["mount"] for body in disks.usage()] == ["/", "/tmp"]


def test_what_is_written_is_counted(tmp_path: Path):
    """Bytes that reached a disk are bytes written."""
    before = disks.operations()
    if not before:
        pytest.skip("this machine tells nothing of its disks")
    with (tmp_path / "file").open("wb") as file:
        file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
    after = disks.operations()
    assert all(after[name]["written"] >= before[name]["written"] for name in before)


def test_a_partition_is_not_told_beside_its_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Nor a disk that never did anything; a slash in a disk's name stands as ! in /sys."""
    Counted = namedtuple("Counted", "read_count write_count read_bytes write_bytes")
    busy = Counted(1, 2, 512, 1024)
    counted = {"sda": busy, "sda1": busy, "cciss/c0d0": busy, "loop0": Counted(0, 0, 0, 0)}
    for name in ("sda", "cciss!c0d0", "loop0"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(disks, "_BLOCKS", tmp_path)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda perdisk: counted)
    told = {"read": 512, "written": 1024, "reads": 1, "writes": 2}
    assert disks.operations() == {"sda": told, "cciss/c0d0": told}


def test_temperatures_where_there_are_sensors(monkeypatch: pytest.MonkeyPatch):
    """A sensor without a name has its number; a machine without sensors says nothing."""
    host = load("host")
    sensors = {"coretemp": [Sensor("Core 0", 45.5, 80, 100), Sensor("", 40.0, None, None)]}
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: sensors, raising=False)
    assert [body for _, body in host.temperatures()] == [
        {"chip": "coretemp", "sensor": "Core 0", "celsius": 45.5},
        {"chip": "coretemp", "sensor": "2", "celsius": 40.0},
    ]
    monkeypatch.delattr(psutil, "sensors_temperatures")
    assert list(host.temperatures()) == []
