"""This machine: processor, memory, load, disks and network, each its own kind. Percentages 0 to 100, sizes in bytes."""

import psutil

from minerlib.nodes.source import Source

host = Source("host")
psutil.cpu_percent()  # the first reading of a process has nothing to compare with and says 0


@host.every("1s")
def processor():
    yield "cpu.usage", {"used_pct": psutil.cpu_percent()}


@host.every("1s")
def load():
    one, five, fifteen = psutil.getloadavg()
    yield "load.average", {"1m": one, "5m": five, "15m": fifteen, "cores": psutil.cpu_count()}


@host.every("2s")
def memory():
    now = psutil.virtual_memory()
    yield "memory.usage", {"used_pct": now.percent, "used": now.total - now.available, "total": now.total}


@host.every("10s")
def disks():
    for part in psutil.disk_partitions():
        try:
            now = psutil.disk_usage(part.mountpoint)
        except OSError:  # a mount this user may not look at
            continue
        yield "disk.usage", {"mount": part.mountpoint, "used_pct": now.percent, "used": now.used, "total": now.total}


@host.every("2s")
def network():
    for name, now in psutil.net_io_counters(pernic=True).items():
        yield "network.bytes", {"interface": name, "received": now.bytes_recv, "sent": now.bytes_sent}


if __name__ == "__main__":
    host.run()
