"""Streams to test with: an environment with its own clock, and a wire that can be cut."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import trustme

from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Reader
from minerlib.event import Event
from minerlib.event.order import Order
from minerlib.nodes.clock import beat, prepare

from .bench import Bench
from .wire import Wire


@pytest.fixture
def environment(broker_url: str, scope: str) -> str:
    """A scope whose stream stands and has its first tick."""
    prepare(broker_url, "test", [scope])
    return scope


@pytest.fixture
def wire(broker_url: str) -> Iterator[Wire]:
    """A way to the broker that a test can cut."""
    parts = urlsplit(broker_url)
    with Wire(parts.hostname or "", parts.port or 0, broker_url) as wire:
        yield wire


@pytest.fixture
def tick(broker_url: str, environment: str) -> Iterator[Callable[[], None]]:
    """Publishes a confirmed tick into the environment."""
    with Publisher(broker_url, "test-clock") as publisher:

        def once() -> None:
            beat(publisher, environment, "test", Order(epoch=""))
            publisher.flush()

        yield once


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Clock, archiver and rule host on a broker of their own."""
    found = Bench(tmp_path)
    try:
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench that the tests of a module share: each adds events of sources of its own."""
    found = Bench(tmp_path_factory.mktemp("kept"))
    try:
        yield found
    finally:
        found.close()


class Distrusted(NamedTuple):
    """A port, and what it was told by those who trusted its certificate."""

    port: int
    told: list[bytes]


@pytest.fixture
def distrusted() -> Iterator[Distrusted]:
    """A port that expects TLS, with a certificate nobody has reason to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = socket.create_server(("127.0.0.1", 0))
    told: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as heard:
                    told.append(heard.recv(1000))
            except OSError:
                plain.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield Distrusted(server.getsockname()[1], told)
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def read_until(reader: Reader, enough: Callable[[list[Event]], bool], seconds: float = 20) -> list[Event]:
    """The events of a reader until there are enough of them, ticks left out."""
    found: list[Event] = []
    alarm = threading.Timer(seconds, reader.stop.set)
    alarm.start()
    for batch in reader.batches(wait=0.2):
        if batch:
            found += [event for event in batch.events if event.kind != "tick"]
        if enough(found):
            alarm.cancel()
            return found
    raise AssertionError(f"not enough after {seconds} s: {found[-5:]}")
