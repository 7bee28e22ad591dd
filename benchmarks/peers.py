"""The peers of the rule engine: the same ten means by host as others would write them."""

import operator
import time
from collections import deque

import msgspec

from minerlib.event.order import Message

OVER = 60.0  # seconds


class Body(msgspec.Struct):
    """What a rule reads of a body."""

    time: float = 0.0
    usage_pct: float = 0.0


class Mean:
    """A mean over the last minute, by deque, compared with a line at each event."""

    def __init__(self, line: float) -> None:
        self.line, self.held, self.sum = line, deque[tuple[float, float]](), 0.0

    def take(self, time: float, value: float) -> bool:
        self.held.append((time, value))
        self.sum += value
        while self.held[0][0] <= time - OVER:
            self.sum -= self.held.popleft()[1]
        return self.sum / len(self.held) > self.line


def decoding(found: list[Message]) -> float:
    """Messages a second of nothing but decoding what a rule reads."""
    decode = msgspec.json.Decoder(Body).decode
    begun = time.perf_counter()
    for message in found:
        decode(message.body)
    return len(found) / (time.perf_counter() - begun)


def plain_python(found: list[Message], lines: list[float]) -> float:
    """Messages a second of a loop with a dictionary of hosts."""
    decode = msgspec.json.Decoder(Body).decode
    hosts: dict[str, list[Mean]] = {}
    begun = time.perf_counter()
    for message in found:
        if not message.key.endswith("cpu.usage"):
            continue
        body = decode(message.body)
        means = hosts.get(message.key)
        if means is None:
            means = hosts[message.key] = [Mean(line) for line in lines]
        for mean in means:
            mean.take(body.time, body.usage_pct)
    return len(found) / (time.perf_counter() - begun)


def bytewax(found: list[Message], lines: list[float]) -> float | None:
    """Messages a second of a bytewax flow with one stateful_map; None where bytewax is not installed."""
    try:
        import bytewax.operators as op
        from bytewax.dataflow import Dataflow
        from bytewax.testing import TestingSink, TestingSource, run_main
    except ImportError:
        return None
    decode = msgspec.json.Decoder(Body).decode

    def step(means: list[Mean] | None, body: Body) -> tuple[list[Mean], list[bool]]:
        means = means or [Mean(line) for line in lines]
        return means, [mean.take(body.time, body.usage_pct) for mean in means]

    out: list[object] = []
    flow = Dataflow("means")
    stream = op.input("in", flow, TestingSource(found, batch_size=1000))
    keyed = op.map("decode", stream, lambda message: (message.key, decode(message.body)))
    judged = op.stateful_map("means", keyed, step)
    op.output("out", op.filter("over", judged, lambda pair: any(pair[1])), TestingSink(out))
    begun = time.perf_counter()
    run_main(flow)
    return len(found) / (time.perf_counter() - begun)


def lines_of(rules: list) -> list[float]:
    """The thresholds of rules."""
    return [operator.attrgetter("number")(rule.levels[0].when) for rule in rules]
