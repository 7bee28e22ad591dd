"""One look at a target: what answers, and every way of not answering, in words."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from minerlib.bus.ports import free_ports
from minerlib.nodes.check import read_target
from minerlib.nodes.check.probe import probe

from .servers import Answers, dawdle, http, wire


def look(url: str, timeout: float = 5) -> dict[str, Any]:
    return probe(read_target(url), timeout, time.time())


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Whose certificates are trusted, as by SSL_CERT_FILE."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@pytest.fixture(autouse=True)
def asked() -> list[tuple[str, str | None]]:
    """Paths and authorizations of what was asked of HTTP servers."""
    Answers.asked.clear()
    return Answers.asked


def secured(authority: trustme.CA, name: str, until: datetime) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    begun = until - timedelta(days=100)
    authority.issue_cert(name, not_after=until, not_before=begun).configure_cert(context)
    return context


def test_a_port_that_takes_connections_is_up():
    """With how long it took."""
    with wire() as port:
        found = look(f"tcp://127.0.0.1:{port}")
    assert (found["up"], found["target"], "fault" in found) == (True, f"tcp://127.0.0.1:{port}", False)
    assert 0 < found["seconds"] < 5


def test_a_port_that_nobody_listens_to_is_down():
    """In the system's words; so for both sorts."""
    port = free_ports()[0]
    for scheme in ("tcp", "http", "https"):
        found = look(f"{scheme}://127.0.0.1:{port}")
        assert (found["up"], found["fault"]) == (False, "connection refused")


@pytest.mark.parametrize(("path", "up"), [("/", True), ("/301", True), ("/404", False), ("/503", False)])
def test_the_status_says_whether_it_is_up(path: str, up: bool):
    """Errors of client and server are none that a user would call up."""
    with http() as port:
        found = look(f"http://127.0.0.1:{port}{path}")
    status = int(path[1:] or 200)
    assert (found["up"], found["status"], found.get("fault")) == (up, status, None if up else f"answered {status}")


def test_user_password_and_query_reach_the_server_and_nobody_else(asked: list[tuple[str, str | None]]):
    """What is told of it has none of them."""
    with http() as port:
        found = look(f"http://me:s%40cret@127.0.0.1:{port}/health?token=hush")
    assert asked == [("/health?token=hush", "Basic bWU6c0BjcmV0")]
    assert found["up"]
    assert "hush" not in str(found)
    assert "cret" not in str(found)


def test_how_long_a_certificate_is_valid(authority: trustme.CA):
    """In days, where it is trusted."""
    until = datetime.now(UTC) + timedelta(days=20)
    with http(secured(authority, "localhost", until)) as port:
        found = look(f"https://localhost:{port}/")
    assert (found["up"], found["status"]) == (True, 200)
    assert 19.9 < found["certificate_days"] <= 20


@pytest.mark.parametrize(
    ("name", "days", "fault"), [("localhost", -1, "has expired"), ("acme.com", 20, "Hostname mismatch")]
)
def test_a_certificate_that_is_not_valid_is_down(authority: trustme.CA, name: str, days: int, fault: str):
    """Expired, or somebody else's: it says which."""
    with http(secured(authority, name, datetime.now(UTC) + timedelta(days=days))) as port:
        found = look(f"https://localhost:{port}/")
    assert found["up"] is False
    assert found["fault"].startswith("certificate: ")
    assert fault in found["fault"]


def test_what_is_no_http_is_down():
    """TLS asked of a plain port, and a server that hangs up."""
    with http() as port:
        assert "TLS" in look(f"https://127.0.0.1:{port}/")["fault"]
    with wire(lambda wire, stop: wire.close()) as port:
        found = look(f"http://127.0.0.1:{port}/")
    assert found["up"] is False
    assert found["fault"]


@pytest.mark.parametrize("server", [wire(), wire(dawdle)], ids=["silent", "dawdling"])
def test_one_that_does_not_answer_in_time_is_down(server: Any):
    """Not a byte, or a byte now and then: the timeout is for all of it."""
    with server as port:
        found = look(f"http://127.0.0.1:{port}/", timeout=0.3)
    assert (found["up"], found["fault"]) == (False, "no answer within 0.3 s")
    assert 0.3 <= found["seconds"] < 2


def test_a_host_that_is_not_there_is_down():
    """No name of it, no answer."""
    assert look("tcp://no-such-host.invalid:1")["fault"].startswith("no such host: ")
