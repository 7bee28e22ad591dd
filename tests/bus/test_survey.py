"""To whom a survey tells the broker's password, and how much of what it sees it keeps."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from minerlib.bus.survey import Carried, exchanges
from minerlib.event.decode import Delivery

URL = "amqp://me:secret@rabbit.acme.com/"


@contextmanager
def serving(to: str = "") -> Iterator[tuple[str, list[str | None]]]:
    """A server that names one exchange, or redirects; its URL, and the `Authorization` of each request it heard."""
    heard = list[str | None]()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["Authorization"])
            self.send_response(302 if to else 200)
            self.send_header("Location", to)
            self.end_headers()
            self.wfile.write(json.dumps([{"name": "orders"}]).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is told."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", heard
        finally:
            server.shutdown()
            thread.join()


def test_no_redirect_hears_the_password() -> None:
    """Where the management API sends us elsewhere, it names no exchanges, and elsewhere nobody asks."""
    with serving() as (other, there), serving(to=other) as (api, here):
        assert exchanges(URL, api) is None
    assert len(here) == 1
    assert there == []


def test_no_proxy_hears_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes to loopback goes there itself, also where the environment names a proxy."""
    for name in ("no_proxy", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    with serving() as (proxy, there), serving() as (api, here):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.setattr(urllib.request, "_opener", None)  # the one of the process read the environment long ago
        assert exchanges(URL, api) == ["orders"]
    assert len(here) == 1
    assert there == []


def test_few_bytes_are_kept() -> None:
    """However large the messages of an exchange are, those that are looked at have 8 MB; all are counted."""
    carried, large = Carried("pictures"), Delivery(body=b"." * 3_000_000)
    for each in [large] * 20:
        carried.keep(each)
    assert (carried.messages, carried.size, len(carried.samples)) == (20, 60_000_000, 2)
    carried.keep(Delivery(body=b"small"))
    carried.keep(Delivery(body=b"small", headers={"large": "." * 3_000_000}))
    assert len(carried.samples) == 3
    for each in [Delivery(body=b"")] * 1000:
        carried.keep(each)
    assert (carried.messages, len(carried.samples)) == (1022, 500)
