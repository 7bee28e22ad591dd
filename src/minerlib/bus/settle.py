"""The first second of a broker's first stream, made safe.

RabbitMQ's stream coordinator begins with the first stream ever declared, and its name reaches the disk up to half a
second later. A node that is killed in between never finds its streams again, not even later ones (measured with
3.10.8). So the private node declares a stream of no use at its very first start and waits until the name is written.
"""

import time
from pathlib import Path

import pika

_NAME = b"rabbit_stream_coordinator"
_PATIENCE = 3.0  # seconds; later versions may keep the name elsewhere, and then this must not hold up the start


def settle_coordinator(url: str, data: Path) -> None:
    """Returns once the stream coordinator of the node with its data in `data` survives a kill -9."""
    if _written(data):
        return
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.queue_declare("minerlib.first", durable=True, arguments={"x-queue-type": "stream"})
        deadline = time.monotonic() + _PATIENCE
        while not _written(data) and time.monotonic() < deadline:
            time.sleep(0.02)
        channel.queue_delete("minerlib.first")


def _written(data: Path) -> bool:
    return any(_NAME in names.read_bytes() for names in data.glob("*/coordination/*/names.dets"))
