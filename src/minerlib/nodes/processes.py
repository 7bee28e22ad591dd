"""The processes of this machine, and which of them use the most."""

from collections.abc import Iterator
from typing import Any

import psutil

from minerlib.event.moment import SECOND, rfc3339
from minerlib.event.written import readable
from minerlib.nodes.counters import Counters

_LOOK = ["pid", "name", "username", "create_time", "cpu_times", "memory_info", "memory_percent"]


def busiest(top: int, counters: Counters) -> list[dict[str, Any]]:
    """The first `top` by processor and by memory, those that use the most first: `pid`, `name`, `user`, `started`,
    `cpu_pct` (of one core, since `counters` last looked; not there at the first look), `memory` (bytes that are in
    memory), `memory_pct`.

    Of a process that may not be looked at there is what may be seen; one that ends meanwhile is left out. Command
    lines are not read: passwords stand in them.
    """
    found = {f"{body['pid']} {body['started']}": (seconds, body) for seconds, body in _look()}
    rates = counters({name: {} if seconds is None else {"cpu": seconds} for name, (seconds, _) in found.items()})
    bodies: list[dict[str, Any]] = [
        {**body, **({"cpu_pct": round(100 * rates[name]["cpu_per_second"], 1)} if len(rates[name]) > 1 else {})}
        for name, (_, body) in found.items()
    ]
    ranked: dict[int, dict[str, Any]] = {}
    for field in ("cpu_pct", "memory"):
        using = [body for body in bodies if body.get(field)]
        ranked |= {body["pid"]: body for body in sorted(using, key=lambda body, by=field: -body[by])[:top]}
    return list(ranked.values())


def _look() -> Iterator[tuple[float | None, dict[str, Any]]]:
    """Each process with its seconds of processor time."""
    for each in psutil.process_iter(_LOOK):
        now: dict[str, Any] = each.info
        times, memory = now["cpu_times"], now["memory_info"]
        said = {
            "pid": now["pid"], "name": now["name"] and readable(now["name"]), "user": now["username"],
            "started": rfc3339(round((now["create_time"] or 0) * SECOND)), "memory": memory and memory.rss,
            "memory_pct": now["memory_percent"] and round(now["memory_percent"], 2),
        }  # fmt: skip
        body = {name: value for name, value in said.items() if value is not None}
        yield (times.user + times.system if times else None), body
