"""The archiver end to end, from a stream to committed SQLite rows, beside bare consumers that discard: pika's, and C's.

python benchmarks/collect.py [--json] [--quick]
"""

import contextlib
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import pika
from drain import build, drain
from report import Row, arguments, in_turn, report

from minerlib.bus import broker
from minerlib.bus.connect import parameters
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import stream_name
from minerlib.nodes.archiver import archive_stream
from minerlib.nodes.clock import prepare

BODY = {"used_pct": 41.5, "used": 123456789, "total": 512000000000, "mount": "/var/lib", "inodes_pct": 12.25}


def fill(url: str, scope: str, messages: int, each: int) -> None:
    """So many messages of so many events each, behind the stream's first tick."""
    prepare(url, "benchmark", [scope])
    with Publisher(url, "benchmark") as publisher:
        for number in range(messages):
            if each == 1:
                publisher.publish(scope, f"web-{number % 50}", "disk.usage", {**BODY, "n": number})
            else:
                bodies = ({**BODY, "n": number * each + part} for part in range(each))
                publisher.publish_lines(scope, f"web-{number % 50}", "disk.usage", bodies)
        publisher.flush(300)


def discard(url: str, scope: str, messages: int) -> float:
    """Messages a second of a bare pika consumer that drops everything."""
    connection = pika.BlockingConnection(parameters(url, "benchmark"))
    channel = connection.channel()
    channel.basic_qos(prefetch_count=2000)
    seen = 0

    def take(channel, method, properties, body) -> None:
        nonlocal seen
        seen += 1
        if seen % 1000 == 0:
            channel.basic_ack(method.delivery_tag, multiple=True)

    begun = time.perf_counter()
    channel.basic_consume(stream_name(scope), take, arguments={"x-stream-offset": "first"})
    while seen < messages + 1:
        connection.process_data_events(time_limit=0.05)
    spent = time.perf_counter() - begun
    connection.close()
    return messages / spent


def stored(folder: Path) -> int:
    """The offset up to which everything is committed."""
    for file in folder.glob("*/*.sqlite"):
        with contextlib.suppress(sqlite3.OperationalError), sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            row = db.execute("select offset from position").fetchone()
            return row[0] if row else -1
    return -1


def archive(url: str, scope: str, messages: int) -> float:
    """Messages a second of the archiver, until the last of them is committed."""
    stop = threading.Event()
    with tempfile.TemporaryDirectory() as folder, Publisher(url, "benchmark") as publisher:
        begun = time.perf_counter()
        arguments = (url, scope, Path(folder), publisher, Counter(), stop, print)
        thread = threading.Thread(target=archive_stream, args=arguments)
        thread.start()
        while stored(Path(folder)) < messages:
            time.sleep(0.05)
        spent = time.perf_counter() - begun
        stop.set()
        thread.join()
    return messages / spent


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    messages, runs = (40_000, 3) if options.quick else (200_000, 5)
    with tempfile.TemporaryDirectory() as state:
        url = broker.start(Path(state))
        try:
            fill(url, "bench.single.dev", messages, 1)
            fill(url, "bench.ten.dev", messages // 4, 10)
            program = build(Path(state))
            ours, theirs, ten, fastest = in_turn(
                runs,
                lambda: archive(url, "bench.single.dev", messages),
                lambda: discard(url, "bench.single.dev", messages),
                lambda: 10 * archive(url, "bench.ten.dev", messages // 4),
                lambda: drain(program, url, stream_name("bench.single.dev"), messages) if program else 0.0,
            )
        finally:
            broker.stop(Path(state))
    peer = "librabbitmq in C, discarding" if fastest else "librabbitmq: not there (apt-get install gcc librabbitmq-dev)"
    rows = [
        Row("stream to SQLite, events a second", ours, "bare pika consumer, discarding", theirs, "≥ 0.8"),
        Row("stream to SQLite, events a second", ours, peer, fastest or None, "≥ 0.9"),
        Row("10 events a message, events a second", ten, "the same, single events", ours, "≥ 5"),
    ]
    report(rows, options.json)


if __name__ == "__main__":
    main()
