"""The disks of this machine: how full each is, and what each has read and written."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from minerlib.event.written import readable

_BLOCKS = Path("/sys/block")  # Linux: the whole disks, without their partitions


def usage() -> Iterator[dict[str, Any]]:
    """Bytes and inodes of each mounted device, under the first of its mounts: `mount`, `used_pct`, `used`, `total`.

    `inodes_used_pct`, `inodes_used`, `inodes_total` are left out where a file system has as many as it likes. File
    systems without a device, among them those of the network, are not looked at: one that is gone would hold up
    whoever asks.
    """
    devices: set[str] = set()
    for part in psutil.disk_partitions():
        if part.device in devices:
            continue
        try:
            now, nodes = psutil.disk_usage(part.mountpoint), os.statvfs(part.mountpoint)
        except OSError:  # a mount this user may not look at
            continue
        devices.add(part.device)
        body: dict[str, Any] = {"mount": readable(part.mountpoint), "used_pct": now.percent}
        body |= {"used": now.used, "total": now.total}
        if nodes.f_files:
            used = nodes.f_files - nodes.f_ffree
            body |= {"inodes_used_pct": round(100 * used / nodes.f_files, 1), "inodes_used": used}
            body["inodes_total"] = nodes.f_files
        yield body


def operations() -> dict[str, dict[str, float]]:
    """By disk, since the machine started: bytes `read` and `written`, and in how many `reads` and `writes`.

    Disks that never did anything are left out. Logical volumes stand beside the disks that they lie on.
    """
    found: dict[str, dict[str, float]] = {}
    for name, now in psutil.disk_io_counters(perdisk=True).items():
        whole = not _BLOCKS.is_dir() or (_BLOCKS / name.replace("/", "!")).exists()
        if whole and (now.read_count or now.write_count):
            counted = {"reads": now.read_count, "writes": now.write_count}
            found[name] = {"read": now.read_bytes, "written": now.write_bytes, **counted}
    return found
