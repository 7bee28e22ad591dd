"""What a broker's refusal reads like: one sentence each, no password."""

import errno
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pika.exceptions as amqp
import pytest

from minerlib.bus import broker
from minerlib.bus.connect import broker_url as meant
from minerlib.bus.connect import connect, said_by_broker
from minerlib.bus.private import PrivateNode
from minerlib.errors import BrokerError, BrokerRefused, BrokerUnreachable, SettingError
from minerlib.nodes.clock import prepare

from .conftest import Distrusted


def why(url: str) -> BrokerError:
    with pytest.raises(BrokerError) as caught:
        connect(url)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return caught.value


def test_a_wrong_password(broker_url: str):
    """Refused for good, naming the user."""
    port = urlsplit(broker_url).port
    error = why(f"amqp://minerlib:secret@127.0.0.1:{port}/")
    assert isinstance(error, BrokerRefused)
    assert "refuses the user 'minerlib'" in str(error)


def test_a_virtual_host_that_is_not_there(broker_url: str):
    """Refused for good, naming it."""
    error = why(broker_url.rstrip("/") + "/nowhere")
    assert isinstance(error, BrokerRefused)
    assert "virtual host 'nowhere'" in str(error)


def test_nobody_there():
    """Worth another try; says how to start one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = why(f"amqp://me:secret@127.0.0.1:{port}/")
    assert isinstance(error, BrokerUnreachable)
    assert "Nothing listens" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        amqp.ChannelClosedByBroker(0, "Stream connection lost: ConnectionResetError(104, 'Connection reset by peer')"),
        amqp.ChannelClosedByBroker(406, "queue 'rules' does not have a replica on the local node"),
        amqp.ConnectionClosedByBroker(320, "CONNECTION_FORCED - broker forced connection closure"),
    ],
)
def test_a_broker_that_goes_or_comes_is_worth_another_try(error: amqp.AMQPError):
    said = said_by_broker(error, "amqp://me:secret@host/")
    assert isinstance(said, BrokerUnreachable)
    assert "trying again helps" in str(said)


def test_a_broker_that_is_killed_while_we_connect(monkeypatch: pytest.MonkeyPatch):
    """pika raises ValueError for a socket that is reset between its connecting and its first use."""

    def gone(_: socket.socket) -> None:
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    monkeypatch.setattr(socket.socket, "getpeername", gone)
    with socket.create_server(("127.0.0.1", 0)) as server:
        error = why(f"amqp://me:secret@127.0.0.1:{server.getsockname()[1]}/")
    assert isinstance(error, BrokerUnreachable)


def test_tls_where_there_is_none(broker_url: str):
    """amqps:// against a plain port."""
    port = urlsplit(broker_url).port
    assert "does not speak TLS" in str(why(f"amqps://me:secret@127.0.0.1:{port}/"))


def test_tls_expected(distrusted: Distrusted):
    """amqp:// against a TLS port says to write amqps://."""
    assert "write amqps://" in str(why(f"amqp://me:secret@127.0.0.1:{distrusted.port}/"))


def test_a_certificate_that_is_not_trusted(distrusted: Distrusted):
    """Refused for good, with the reason."""
    error = why(f"amqps://me:secret@127.0.0.1:{distrusted.port}/")
    assert isinstance(error, BrokerRefused)
    assert "not trusted" in str(error)


@pytest.mark.parametrize("url", ["", "http://a/", "amqp://", "host:5672", "amqp://h:notaport/"])
def test_what_is_no_url(url: str):
    """A setting that cannot be meant, with an example."""
    with pytest.raises(SettingError, match="amqp://user:password@host"):
        connect(url)


def test_no_broker_at_all():
    """Without URL, setting or private node there is nothing to mean."""
    with pytest.raises(BrokerUnreachable, match="minerlib up"):
        meant()


def test_a_broker_without_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real RabbitMQ whose streams are switched off: said in a sentence, with what still works there."""
    environment = PrivateNode.environment
    monkeypatch.setattr(
        PrivateNode, "environment", lambda node: {**environment(node), "RABBITMQ_FEATURE_FLAGS": "quorum_queue"}
    )
    monkeypatch.setattr(broker, "settle_coordinator", lambda *_: None)
    url = broker.start(tmp_path)
    try:
        with pytest.raises(BrokerRefused, match=r"has no streams .* RabbitMQ 3.9 or later"):
            prepare(url, "test", ["a.b.c"])
    finally:
        broker.stop(tmp_path)
