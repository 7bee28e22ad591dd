"""A small cloud that never was: seeded, with a known truth. Everything it says is marked `"simulated": true`.

    python collectors/simulate.py --seed 1 --days 7 --servers 8 > cloud.ndjson
    python collectors/simulate.py --seed 1 --days 7 --servers 8 --truth
    python collectors/simulate.py --days 28 --every 300 --archive cloud/      (an archive of its own, to be mined)
    minerlib collect simulate          (without options it is live: each second tells the next simulated minute)

The truth comes first: what goes wrong, where and when. The readings then follow from it and from the hour of the week.
"""

import argparse
import heapq
import json
import math
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from random import Random
from typing import Any

from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND, rfc3339
from minerlib.nodes.source import Source

SCOPE = "simulated.cloud.demo"
START = 1_767_571_200 * SECOND  # Monday 2026-01-05 00:00 UTC
ROLES = ("web", "app", "db", "cache")
MOUNTS = {"/": (0.5, 3.0), "/var": (8.0, 25.0), "/srv": (3.0, 9.0)}  # per cent a day, from and to
PORTS = (22, 23, 80, 443, 445, 1433, 3389, 5060, 8080)
USERS = ("admin", "test", "oracle", "ubuntu", "postgres", "git")

Said = tuple[int, str, dict[str, Any]]  # time, kind, body
Reading = tuple[int, str, str, dict[str, Any]]  # time, source, kind, body


def names(servers: int) -> list[str]:
    return [f"{ROLES[n % len(ROLES)]}-{n // len(ROLES) + 1}" for n in range(servers)]


def truth(seed: int = 1, servers: int = 8, days: float = 7, start: int = START) -> list[dict[str, Any]]:
    """What goes wrong: `what`, `source`, `start`, `end` (µs since 1970, end not included), `kind`, and particulars.

    One server dies, a disk runs full every third day, somebody attacks every day, and every other day an incident
    spreads from server to server: at least one of each. Nothing goes wrong in the first fifth of the time. At half time
    a release goes from server to server, and is no trouble.
    """
    rng, living, span = Random(f"{seed} truth"), names(servers), days * DAY
    labels: list[dict[str, Any]] = []

    def label(what: str, kind: str, source: str, begin: float, lasts: float, **more: Any) -> None:
        times = {"start": start + round(begin), "end": start + round(begin + lasts)}
        labels.append({"what": what, "source": source, **times, "kind": kind, **more})

    def moments(many: float, least: float, most: float) -> Iterator[tuple[float, float]]:
        """About that many (begin, how long), each in its own share of what lies between 0.2 and 0.85 of the time."""
        share = 0.65 * span / max(1, round(many))
        for number in range(max(1, round(many))):
            yield 0.2 * span + share * (number + rng.uniform(0, 0.7)), min(rng.uniform(least, most), 0.2 * share)

    if servers > 1:  # the one that dies has no other troubles, so that each can be seen
        dead = living.pop(rng.randrange(servers))
        label("dead", "#", dead, *next(moments(1, 1 * HOUR, 6 * HOUR)))
    for begin, lasts in moments(days / 3, 3 * HOUR, 8 * HOUR):
        label("disk-full", "disk.usage", rng.choice(living), begin, lasts, mount=rng.choice(list(MOUNTS)))
    for begin, lasts in moments(days, 20 * MINUTE, 90 * MINUTE):
        how = rng.choice(("brute-force", "port-scan"))
        label("attack", "firewall.drop", rng.choice(living), begin, lasts, source_ip=address(rng), how=how)
    for number, (begin, lasts) in enumerate(moments(days / 2, 30 * MINUTE, 120 * MINUTE), 1):
        for source in rng.sample(living, min(len(living), rng.randint(3, 5))):
            label("incident", "http.requests", source, begin, lasts, incident=number)
            begin += min(rng.uniform(2, 6) * MINUTE, lasts / 8)  # it takes its time from one to the next
    for number, source in enumerate(names(servers)):
        label("release", "log.app", source, span / 2 + number * 2 * MINUTE, 2 * MINUTE, version="1.5.0")
    return sorted(labels, key=itemgetter("start"))


def address(rng: Random) -> str:
    return f"198.{rng.choice((18, 19))}.{rng.randrange(256)}.{rng.randrange(1, 255)}"  # routed nowhere (RFC 2544)


class Troubles(list[dict[str, Any]]):
    """The labels of one server."""

    def now(self, what: str, time: int) -> dict[str, Any] | None:
        return next((one for one in self if one["what"] == what and one["start"] <= time < one["end"]), None)


def busy(time: int) -> float:
    """How busy people keep the servers at this moment, 0 to 1: most at 16:00 UTC, half as much at weekends."""
    day = 0.5 - 0.5 * math.cos(2 * math.pi * (time % DAY - 4 * HOUR) / DAY)
    return day * (0.5 if (time // DAY + 3) % 7 >= 5 else 1.0)


def cpu(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    idle, swing = rng.uniform(4, 12), rng.uniform(20, 40)
    for time in times:
        used = idle + swing * busy(time) + rng.gauss(0, 2) + (45 if troubles.now("incident", time) else 0)
        yield time, "cpu.usage", {"used_pct": round(min(max(used, 0.1), 100.0), 2)}


def memory(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    used = base = rng.uniform(30, 50)
    for time in times:
        used += 0.02 * (base + 25 * busy(time) - used) + rng.gauss(0, 0.2)
        yield time, "memory.usage", {"used_pct": round(used, 2)}


def disks(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    used = {mount: rng.uniform(30, 70) for mount in MOUNTS}
    growth = {mount: rng.uniform(*rates) * times.step / DAY for mount, rates in MOUNTS.items()}
    flood, level = None, 0.0
    for time in times:
        was, flood = flood, troubles.now("disk-full", time)
        if flood and not was:
            level = used[flood["mount"]]
        for mount in used:
            used[mount] += growth[mount] * rng.uniform(0.5, 1.5)
            if flood and flood["mount"] == mount:  # full at half time, and so until somebody comes
                gone = (time - flood["start"]) / (flood["end"] - flood["start"])
                used[mount] = level + (99 - level) * min(1.0, 2 * gone)
            elif used[mount] > 85:
                used[mount] = rng.uniform(30, 45)  # cleaned
            yield time, "disk.usage", {"mount": mount, "used_pct": round(used[mount], 2)}


def requests(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    usual, most = rng.uniform(20, 60), rng.uniform(500, 2000)
    for time in times:
        ill = troubles.now("incident", time) is not None
        count = round(most * (0.1 + busy(time)) * rng.uniform(0.8, 1.2))
        latency = usual * (1 + 0.5 * busy(time)) * rng.lognormvariate(0, 0.15) * (6 if ill else 1)
        errors = sum(rng.random() < 0.3 for _ in range(10)) + round(0.08 * count) if ill else int(rng.random() < 0.2)
        yield time, "http.requests", {"count": count, "errors": errors, "latency_ms": round(latency, 1)}


def firewall(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    here = f"192.0.2.{rng.randrange(1, 255)}"
    for time in times:
        drops = [(address(rng), rng.choice(PORTS)) for _ in range(4) if rng.random() < 0.1]
        if attack := troubles.now("attack", time):
            ports = [22] if attack["how"] == "brute-force" else range(1, 10_000)
            drops += [(attack["source_ip"], rng.choice(ports)) for _ in range(rng.randint(10, 30))]
        for at, (there, port) in scattered(rng, time, times.step, drops):
            protocol = "udp" if port == 5060 else "tcp"
            said = {"source_ip": there, "destination_ip": here, "destination_port": port, "protocol": protocol}
            yield at, "firewall.drop", said


def sshd(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    for time in times:
        lines = [f"Accepted publickey for deploy from 192.0.2.{rng.randrange(1, 255)}"] if rng.random() < 0.1 else []
        attack = troubles.now("attack", time)
        if attack and attack["how"] == "brute-force":
            tried = [rng.choice(USERS) for _ in range(rng.randint(3, 9))]
            lines += [f"Failed password for invalid user {user} from {attack['source_ip']}" for user in tried]
        for at, line in scattered(rng, time, times.step, lines):
            yield at, "log.sshd", {"message": f"{line} port {rng.randrange(32768, 61000)} ssh2"}


def nginx(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    missing = 'open() "/srv/www/{}" failed (2: No such file or directory), client: {}'
    slow = "upstream timed out (110: Connection timed out) while reading response header from upstream, client: {}"
    for time in times:
        lines = [missing.format(rng.choice(("favicon.ico", "robots.txt")), address(rng))] if rng.random() < 0.2 else []
        lines += [slow.format(address(rng)) for _ in range(rng.randint(2, 6)) if troubles.now("incident", time)]
        for at, line in scattered(rng, time, times.step, lines):
            yield at, "log.nginx", {"message": f"{line}, server: shop.example"}


def app(rng: Random, troubles: Troubles, times: range) -> Iterator[Said]:
    released = next((label["end"] for label in troubles if label["what"] == "release"), times.stop)
    for time in times:
        lines = [f"order {rng.randrange(10**6)} placed in {rng.randint(9, 90)} ms"] if rng.random() < busy(time) else []
        if rng.random() < 0.1:
            items, took = rng.randint(500, 5000), rng.randint(40, 400)
            old, new = f"cache warmed with {items} items in {took} ms", f"preloaded {items} entries, {took} ms"
            lines.append(old if time < released else new)
        if troubles.now("incident", time):
            lines.append(f"connection pool exhausted: 50 of 50 in use, {rng.randint(2, 80)} waiting")
        for at, line in scattered(rng, time, times.step, lines):
            yield at, "log.app", {"message": line}


def scattered(rng: Random, time: int, step: int, things: list[Any]) -> list[tuple[int, Any]]:
    """Each thing at some moment of the step, in the order of these."""
    return sorted((time + rng.randrange(step), thing) for thing in things)


Habit = Callable[[Random, Troubles, range], Iterator[Said]]
HABITS: dict[Habit, int] = {  # times `every`
    cpu: 1, memory: 1, disks: 5, requests: 1, firewall: 1, sshd: 1, nginx: 1, app: 1,
}  # fmt: skip


def simulate(
    seed: int = 1, servers: int = 8, days: float = 7, start: int = START, every: float = 60
) -> Iterator[Reading]:
    """(time in µs, source, kind, body) in the order of time, readings `every` seconds; same arguments, same bytes."""
    labels, end = truth(seed, servers, days, start), start + round(days * DAY)

    def live(source: str, habit: Habit, times: range, troubles: Troubles) -> Iterator[Reading]:
        for time, kind, body in habit(Random(f"{seed} {habit.__name__} {source}"), troubles, times):
            if time < end and not troubles.now("dead", time):
                yield time, source, kind, {**body, "simulated": True}

    lives: list[Iterator[Reading]] = []
    for source in names(servers):
        troubles = Troubles(label for label in labels if label["source"] == source)
        begin = start + Random(f"{seed} phase {source}").randrange(round(every * SECOND))
        for habit, times in HABITS.items():
            lives.append(live(source, habit, range(begin, end, times * round(every * SECOND)), troubles))
    return heapq.merge(*lives, key=itemgetter(0))


source = Source("simulate", scope=SCOPE)
year = groupby(simulate(days=365), key=lambda reading: reading[0] // MINUTE)


@source.every("1s")
def minute() -> Iterator[tuple[str, dict[str, Any], str]]:
    """The next simulated minute, told as if it were now."""
    for _, server, kind, body in next(year)[1]:
        yield kind, body, server


def main(argv: list[str]) -> None:
    """Print the readings, or what goes wrong, as lines of JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--servers", type=int, default=8)
    options.add_argument("--days", type=float, default=7)
    options.add_argument("--every", type=float, default=60, help="seconds between readings")
    options.add_argument("--truth", action="store_true", help="what goes wrong, instead of the readings")
    options.add_argument("--archive", metavar="DIR", help="keep the readings in an archive there, instead of printing")
    said = options.parse_args(argv)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `| head` is no fault
    if said.truth:
        for label in truth(said.seed, said.servers, said.days):
            print(json.dumps({**label, "start": rfc3339(label["start"]), "end": rfc3339(label["end"])}))
    elif said.archive:
        from minerlib.nodes.simulated import keep  # what a tiny node has not got

        keep(simulate(said.seed, said.servers, said.days, every=said.every), SCOPE, said.archive)
    else:
        for time, server, kind, body in simulate(said.seed, said.servers, said.days, every=said.every):
            print(json.dumps({"time": rfc3339(time), "source": server, "kind": kind, **body}))


if __name__ == "__main__":
    main(sys.argv[1:]) if sys.argv[1:] else source.run()
