"""From an event to its alert, live: published, folded by a rule host, published again, seen by a tap.

    python benchmarks/latency.py [--json] [--quick]

An alert cannot be earlier than the first tick behind `time + lateness`: the bar is lateness, one tick and 250 ms.
"""

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from report import Row, arguments, progress, report

from minerlib.bus import broker
from minerlib.bus.publish import Publisher
from minerlib.bus.tap import Tap
from minerlib.deploy.export import export
from minerlib.event.moment import SECOND, now, read_time
from minerlib.nodes.clock import prepare
from minerlib.nodes.parts import Parts
from minerlib.rule import Rule

LATENESS, TICK, ROOM = 1.0, 1.0, 0.25
RULE = """
rule: latency
version: 1
scope: local.lab.dev
kind: bench.value
by: [source]
measure: {of: value}
levels: [{severity: warning, when: "> 10"}]
lateness: 1s
"""


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    alerts = 30 if options.quick else 200
    with tempfile.TemporaryDirectory() as state:
        os.environ["MINERLIB_STATE"] = state
        os.environ["MINERLIB_ARCHIVE"] = str(Path(state) / "archive")
        url = broker.start(Path(state))
        try:
            prepare(url, "benchmark", ["local.lab.dev"])
            with Parts(url, logs=Path(state) / "logs"):
                spent = measure(url, alerts)
        finally:
            broker.stop(Path(state))
    bar = LATENESS + TICK + ROOM
    p50, p99 = statistics.median(spent), sorted(spent)[max(0, int(len(spent) * 0.99) - 1)]
    rows = [
        Row("event to alert, p99, seconds", p99, "lateness + one tick + 250 ms", bar, "≤ 1"),
        Row("event to alert, median, seconds", p50, "lateness + one tick + 250 ms", bar, "≤ 1"),
    ]
    report(rows, options.json)


def measure(url: str, alerts: int) -> list[float]:
    """Seconds from an event's time to the moment its alert was seen, for so many alerts."""
    spent: list[float] = []
    with (
        Tap("node.began", url=url) as began,
        Tap("alert.latency", url=url) as tap,
        Publisher(url, "bench") as publisher,
    ):
        export(Rule.read(RULE), url)
        began.wait(1, within=30)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                for event in tap.take(timeout=0.02):
                    if event.body["what"] == "raised":
                        spent.append((now() - (read_time(event.body["due"]) or 0)) / SECOND)

        listener = threading.Thread(target=listen)
        listener.start()
        for number in range(alerts):
            progress(f"alert {number + 1} of {alerts} ...")
            source = f"web-{number}"
            publisher.publish("local.lab.dev", source, "bench.value", {"value": 99}, time=now())
            time.sleep(random.uniform(0.1, 0.3))
        deadline = time.monotonic() + 15
        while len(spent) < alerts and time.monotonic() < deadline:
            time.sleep(0.05)
        done.set()
        listener.join()
    progress("")
    if len(spent) < alerts:
        sys.exit(f"{alerts - len(spent)} of {alerts} alerts never came.")
    return spent


if __name__ == "__main__":
    main()
