"""Servers to check: one that answers, one that never does, one that takes its time over every byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers(BaseHTTPRequestHandler):
    """/500 answers 500, everything else 200; what was asked is kept."""

    asked: list[tuple[str, str | None]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(int(self.path[1:4]) if self.path[1:4].isdecimal() else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def http(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server of HTTP, or of HTTPS; its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.handle_error = lambda *_: None  # whoever refuses the certificate goes without a word
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def wire(speak: Callable[[socket.socket, threading.Event], None] = lambda wire, stop: None) -> Iterator[int]:
    """A server that takes connections and does with each what it is told, on a thread; its port."""
    stop, wires, threads = threading.Event(), list[socket.socket](), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while not stop.is_set():
                try:
                    wires.append(server.accept()[0])
                except OSError:
                    return
                threads.append(threading.Thread(target=speak, args=(wires[-1], stop)))
                threads[-1].start()

        accepting = threading.Thread(target=serve)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            server.shutdown(socket.SHUT_RDWR)
            for each in (accepting, *threads):
                each.join()
            for each in wires:
                each.close()


def dawdle(wire: socket.socket, stop: threading.Event) -> None:
    """A byte of a header now and then, for ever."""
    try:
        wire.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.05):
            wire.sendall(b"x")
    except OSError:
        pass
