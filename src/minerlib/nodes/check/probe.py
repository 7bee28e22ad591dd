"""One look at a target: whether it answers, how fast, and what is wrong if it does not."""

import base64
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Generator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any

from minerlib.nodes.check.target import Target

AGENT = "minerlib-check"


def probe(target: Target, timeout: float, at: float) -> dict[str, Any]:
    """`target`, `up`, `seconds` until it answered, and `fault`, what is wrong, where it is not up.

    An HTTP target is up when it answers 200 to 399 (no redirection is followed): `status`. `certificate_days` is how
    long the certificate of https is still valid after `at` (s since 1970). Takes about `timeout` s at most, but for a
    name that is not resolved and a server that dawdles over TLS.
    """
    begun = time.monotonic()
    try:
        found = _tcp(target, timeout) if target.scheme == "tcp" else _http(target, timeout, at)
    except (OSError, HTTPException, ValueError) as error:
        late = time.monotonic() - begun >= timeout
        found = {"up": False, "fault": f"no answer within {timeout:g} s" if late else sentence(error)}
    return {"target": target.shown, "up": found.pop("up"), "seconds": round(time.monotonic() - begun, 4), **found}


def sentence(error: Exception) -> str:
    """What went wrong, as people say it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, socket.gaierror):
        return f"no such host: {error.strerror}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"no answer of HTTP: {error}" if isinstance(error, HTTPException) else str(error)


def _tcp(target: Target, timeout: float) -> dict[str, Any]:
    with socket.create_connection((target.host, target.port), timeout):
        return {"up": True}


def _http(target: Target, timeout: float, at: float) -> dict[str, Any]:
    headers = {"User-Agent": AGENT, "Connection": "close"}
    if target.user is not None:
        both = f"{target.user}:{target.password or ''}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(both).decode()}"
    make = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = make(target.host, target.port, timeout=timeout)
    deadline = time.monotonic() + timeout
    try:
        connection.connect()
        with _cut(connection.sock, deadline):
            days = _days(connection.sock, at)
            connection.request("GET", target.path, headers=headers)
            status = connection.getresponse().status
        if time.monotonic() >= deadline:  # what was cut short can look like the end of the headers
            raise TimeoutError
    finally:
        connection.close()
    found: dict[str, Any] = {"up": 200 <= status < 400, "status": status, **days}
    return found if found["up"] else {**found, "fault": f"answered {status}"}


@contextlib.contextmanager
def _cut(wire: socket.socket, deadline: float) -> Generator[None]:
    """Ends a connection at the deadline: a server that sends a byte now and then never runs into its timeout."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(wire, socket.SHUT_RDWR)  # not TLS's own, whose state another thread is using

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _days(wire: socket.socket, at: float) -> dict[str, float]:
    until = (wire.getpeercert() or {}).get("notAfter") if isinstance(wire, ssl.SSLSocket) else None
    if not isinstance(until, str):
        return {}
    return {"certificate_days": round((ssl.cert_time_to_seconds(until) - at) / 86_400, 2)}
