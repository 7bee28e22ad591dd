"""This machine: processor, load, memory, disks and inodes, disk I/O, network, temperatures, each its own kind.

Percentages are 0 to 100, sizes bytes, temperatures °C. What is counted since the machine started (bytes, operations)
has its rate since the last reading beside it: `received`, `received_per_second`. Every field: docs/collectors.md.
"""

import psutil

from minerlib.nodes.counters import Counters
from minerlib.nodes.disks import operations, usage
from minerlib.nodes.source import Source

host, disk_counters, network_counters = Source("host"), Counters(), Counters()
psutil.cpu_percent(), psutil.cpu_times_percent()  # their first readings have nothing to compare with and say 0


@host.every("1s")
def processor():
    now = psutil.cpu_times_percent()._asdict()
    parts = {f"{part}_pct": now[part] for part in ("user", "system", "iowait", "steal") if part in now}
    yield "cpu.usage", {"used_pct": psutil.cpu_percent(), **parts}


@host.every("1s")
def load():
    one, five, fifteen = psutil.getloadavg()
    yield "load.average", {"1m": one, "5m": five, "15m": fifteen, "cores": psutil.cpu_count()}


@host.every("2s")
def memory():
    now, swap = psutil.virtual_memory(), psutil.swap_memory()
    body = {"used_pct": now.percent, "used": now.total - now.available, "total": now.total}
    yield "memory.usage", {**body, "swap_used": swap.used, "swap_total": swap.total}


@host.every("10s")
def disks():
    for body in usage():
        yield "disk.usage", body


@host.every("2s")
def disk_io():
    for name, body in disk_counters(operations()).items():
        yield "disk.io", {"disk": name, **body}


@host.every("2s")
def network():
    counted = psutil.net_io_counters(pernic=True).items()
    bodies = network_counters({name: {"received": now.bytes_recv, "sent": now.bytes_sent} for name, now in counted})
    for name, body in bodies.items():
        yield "network.bytes", {"interface": name, **body}


@host.every("10s")
def temperatures():
    for chip, sensors in getattr(psutil, "sensors_temperatures", dict)().items():  # Linux and FreeBSD have them
        for number, now in enumerate(sensors, 1):
            yield "temperature.reading", {"chip": chip, "sensor": now.label or str(number), "celsius": now.current}


if __name__ == "__main__":
    host.run(about=__doc__)
