"""The private broker, really started and stopped."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import psutil
import pytest
from click.testing import CliRunner

from minerlib.bus import broker
from minerlib.bus.private import read_node
from minerlib.bus.server import find_server
from minerlib.cli.main import cli
from minerlib.errors import BrokerError, BrokerMissing, SettingError

START = "import sys, pathlib; from minerlib.bus import broker; print(broker.start(pathlib.Path(sys.argv[1])))"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    broker.stop(tmp_path)


def until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes_in(home: Path) -> list[psutil.Process]:
    """Living processes whose environment or command line names this state directory."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            named = str(home) in " ".join([*process.cmdline(), *process.environ().values()])
            if named and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_start_stop(state: Path) -> None:
    """It answers where the URL says, on loopback only, and stop leaves no process and no port behind."""
    url = broker.start(state)
    pika.BlockingConnection(pika.URLParameters(url)).close()
    now = broker.status(state)
    assert now.running
    assert now.answers
    assert now.pid
    addresses = {c.laddr.ip for c in psutil.Process(now.pid).net_connections() if c.status == psutil.CONN_LISTEN}
    assert addresses == {"127.0.0.1"}
    assert broker.running_url(state) == url
    node = read_node(state / "broker")
    assert node
    assert broker.stop(state)
    assert not any(map(listens, (node.amqp, node.distribution, node.epmd)))
    assert processes_in(state) == []
    assert broker.running_url(state) is None
    assert not broker.stop(state)


def test_secrets_are_private(state: Path) -> None:
    """No other user reads the password, nothing but the URL shows it, and guest is not let in."""
    url = broker.start(state)
    node = read_node(state / "broker")
    assert node
    assert node.password not in repr(node)
    assert node.password not in repr(broker.status(state))
    for path in (state / "broker").rglob("*"):
        if path.is_file() and node.password.encode() in path.read_bytes():
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert all(node.password not in " ".join(process.cmdline()) for process in processes_in(state))
    guest = pika.URLParameters(url.replace(f"{node.user}:{node.password}", "guest:guest"))
    with pytest.raises(pika.exceptions.AMQPError):
        pika.BlockingConnection(guest)


def test_kill_keeps_streams(state: Path) -> None:
    """After kill -9 it starts again with the same URL, and a confirmed message is still in its stream."""
    url = broker.start(state)
    arguments = {"x-queue-type": "stream"}
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("kept", durable=True, arguments=arguments)
        channel.basic_publish("", "kept", b"still here")
    pid = broker.status(state).pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: not broker.status(state).running)
    assert broker.running_url(state) is None
    assert broker.start(state) == url
    got: list[bytes] = []
    until(lambda: read_first(url, "kept", got), 60)
    assert got == [b"still here"]


def read_first(url: str, stream: str, into: list[bytes]) -> bool:
    """Reads the stream's first message, or nothing while the node still brings the stream back (404: down)."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=10)
        try:
            channel.basic_consume(
                stream, lambda _c, _m, _p, body: into.append(body), arguments={"x-stream-offset": "first"}
            )
        except pika.exceptions.ChannelClosedByBroker:
            return False
        deadline = time.monotonic() + 20
        while not into and time.monotonic() < deadline:
            connection.process_data_events(0.1)
    return True


def test_two_starters(state: Path) -> None:
    """Two programs that start it at the same moment get the same broker, and it outlives them."""
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(state)], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    urls = [starter.communicate(timeout=60)[0] for starter in starters]
    assert urls[0] == urls[1]
    assert urls[0].strip() == broker.running_url(state)


def test_interrupted_start_leaves_nothing(state: Path) -> None:
    """Ctrl-C while it starts ends what was begun."""
    # Whoever runs the tests in the background of a shell runs them with SIGINT ignored, which is inherited.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    with subprocess.Popen(
        [sys.executable, "-c", heed + START, str(state)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as starter:
        until(lambda: (state / "broker" / "log" / "console.log").exists())
        starter.send_signal(signal.SIGINT)
        starter.communicate(timeout=60)
    assert starter.returncode != 0
    assert processes_in(state) == []


def test_taken_port(state: Path) -> None:
    """A port that somebody took meanwhile is replaced; the user and the data stay."""
    before = broker.start(state)
    node = read_node(state / "broker")
    assert node
    broker.stop(state)
    with socket.create_server(("127.0.0.1", node.amqp)):
        after = broker.start(state)
    assert after != before
    assert after.split("@")[0] == before.split("@")[0]
    assert broker.status(state).answers


def test_stale_pid(state: Path) -> None:
    """A pid file that names another process is not believed."""
    home = state / "broker"
    home.mkdir()
    (home / "node.json").write_text('{"amqp": 1, "distribution": 2, "epmd": 3, "user": "u", "password": "p"}')
    (home / "pid").write_text(str(os.getpid()))
    assert not broker.status(state).running
    assert broker.running_url(state) is None


def test_failed_start_says_where(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ends while starting is one sentence that names its log."""
    monkeypatch.setenv("MINERLIB_RABBITMQ_SERVER", "/bin/false")
    with pytest.raises(BrokerError, match=r"did not start: the reason is at the end of .*console\.log"):
        broker.start(state)


def test_data_without_user(state: Path) -> None:
    """A broker's data whose password is lost is not started, and never removed."""
    (state / "broker" / "data" / "minerlib@localhost").mkdir(parents=True)
    with pytest.raises(BrokerError, match=r"no node\.json"):
        broker.start(state)


def test_missing_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no RabbitMQ the sentence holds a command that installs it, and docker's."""
    monkeypatch.setattr("minerlib.bus.server._places", lambda: iter([Path("/nowhere/rabbitmq-server")]))
    with pytest.raises(BrokerMissing, match=r"install it with `.*rabbitmq.*docker run .* MINERLIB_BROKER_URL"):
        find_server()


def test_named_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong MINERLIB_RABBITMQ_SERVER is said, not passed over."""
    monkeypatch.setenv("MINERLIB_RABBITMQ_SERVER", "/nowhere/rabbitmq-server")
    with pytest.raises(SettingError, match="/nowhere/rabbitmq-server"):
        find_server()


def test_given_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """With MINERLIB_BROKER_URL set that one is meant, and nothing is started."""
    monkeypatch.setenv("MINERLIB_BROKER_URL", "amqp://me:secret@elsewhere/")
    assert broker.start() == broker.running_url() == "amqp://me:secret@elsewhere/"
    told = CliRunner().invoke(cli, ["broker", "status"])
    assert "MINERLIB_BROKER_URL is set" in told.output
    assert "secret" not in told.output


def test_command_line(tmp_path: Path) -> None:
    """start, status, url and stop from the command line; only url shows the password."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"MINERLIB_STATE": str(tmp_path)}
        command = [sys.executable, "-m", "minerlib", "broker", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    try:
        down = run("status")
        assert down.returncode == BrokerError.exit_code
        assert "minerlib broker start" in down.stdout
        started = run("start", "--json")
        assert '"started": true' in started.stdout
        url = run("url").stdout.strip()
        assert url == broker.running_url(tmp_path)
        up = run("status")
        assert up.returncode == 0
        secret = url.split(":")[2].split("@")[0]
        assert secret not in up.stdout + started.stdout + started.stderr
    finally:
        assert "stopped" in run("stop").stdout
    assert run("url").returncode == BrokerError.exit_code
