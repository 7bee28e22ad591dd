"""Streams to measure with: messages as a broker gives them, and rules over them."""

import msgspec

from minerlib.event.moment import SECOND
from minerlib.event.order import Message
from minerlib.rule import Rule

START = 1_728_000_000 * SECOND
KIND = "cpu.usage"


def messages(events: int, hosts: int, rate: int) -> list[Message]:
    """So many events of so many hosts, `rate` a second of the stream's clock, with a tick a second."""
    found: list[Message] = []
    encode = msgspec.json.Encoder().encode
    for number in range(events):
        time = START + number * SECOND // rate
        if number % rate == 0:
            found.append(Message(len(found), "acme.web.prod.clock.tick", encode({"time": time / SECOND, "epoch": "e"})))
        value = 30 + (number * 7919 % 1000) / 25  # 30 to 70
        body = {"time": time / SECOND, "usage_pct": value, "user": value / 2, "cores": 8, "state": "running"}
        found.append(Message(len(found), f"acme.web.prod.web-{number % hosts}.{KIND}", encode(body)))
    return found


def rules(count: int, kind: str = KIND, first: int = 0, where: str = "") -> list[Rule]:
    """So many rules: a mean over 60 s by host, each with a line of its own, from one on that nobody reaches; `where`
    may hold the rule's number as `{}`."""
    return [
        Rule.from_dict(
            {
                "rule": f"r-{first + number}", "scope": "acme.web.prod", "kind": kind,
                "measure": {"of": "usage_pct", "agg": "mean", "over": "60s"},
                "levels": [{"severity": "warning", "when": f"> {80 + (first + number) % 20}"}],
                **({"where": where.format(first + number)} if where else {}),
            }
        )
        for number in range(count)
    ]  # fmt: skip
