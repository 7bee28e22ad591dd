"""The private broker: a real RabbitMQ of one's own in `.minerlib/broker`, on loopback, with a user of its own.

`start` returns its URL at once if it runs, else starts it, which takes about five seconds; it outlives the program
that started it. `stop` ends it together with its epmd. What is in its streams stays, whatever ended it. With
MINERLIB_BROKER_URL set and no state directory named, that broker is meant and nothing is started or stopped.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pika
import psutil
from pika.exceptions import AMQPError

from minerlib.bus.private import DISK_FREE_LIMIT, MB, PrivateNode, make_node, read_node
from minerlib.bus.server import find_server
from minerlib.bus.settle import settle_coordinator
from minerlib.errors import BrokerError, BrokerUnreachable
from minerlib.settings import given_broker_url, state_dir

PATIENCE = 90.0  # seconds until a start counts as failed; a small board with a slow card takes its time

# A stream takes two file handles and its reader one. No more than this, for Erlang reserves memory for each.
_LAUNCH = 'ulimit -S -n 65536 2>/dev/null || ulimit -S -n "$(ulimit -H -n)"; "$0" >>"$1" 2>&1 </dev/null &'


@dataclass(frozen=True)
class BrokerStatus:
    """What can be told about the private broker without its password. Sizes in bytes."""

    running: bool
    answers: bool
    home: str
    host: str = "127.0.0.1"
    port: int | None = None
    pid: int | None = None
    version: str | None = None
    memory: int | None = None
    disk_free: int | None = None
    disk_low: bool = False


def start(state: Path | None = None) -> str:
    """The broker's URL, with the broker running and answering.

    Raises BrokerMissing where no RabbitMQ is installed, BrokerError where it does not start.
    """
    if state is None and (given := given_broker_url()):
        return given
    home = _home(state)
    with _only_one(home):
        node = read_node(home)
        if node is None or node.pid() is None:
            server = find_server()
            _check_room(home)
            node = make_node(home)
            _launch(node, server)
        elif not _wait_until_it_answers(node):
            raise BrokerUnreachable(f"{_name(node)} runs but does not answer; see {home}/log, or stop and start it.")
        return node.url


def stop(state: Path | None = None) -> bool:
    """Ends the private broker and its epmd; says whether there was one to end."""
    home = _home(state)
    if not home.is_dir():
        return False
    with _only_one(home):
        node = read_node(home)
        return node is not None and _end(node)


def status(state: Path | None = None) -> BrokerStatus:
    """How the private broker is."""
    home = _home(state)
    node = read_node(home)
    if node is None:
        return BrokerStatus(running=False, answers=False, home=str(home))
    pid = node.pid()
    version = _probe(node) if pid else None
    free = shutil.disk_usage(home).free
    memory = None
    with suppress(psutil.Error):
        memory = psutil.Process(pid).memory_info().rss if pid else None
    return BrokerStatus(
        running=pid is not None,
        answers=version is not None,
        home=str(home),
        port=node.amqp,
        pid=pid,
        version=version,
        memory=memory,
        disk_free=free,
        disk_low=free < DISK_FREE_LIMIT,
    )


def running_url(state: Path | None = None) -> str | None:
    """The URL of the private broker if its process runs, else None (of MINERLIB_BROKER_URL where that is set)."""
    if state is None and (given := given_broker_url()):
        return given
    node = read_node(_home(state))
    return node.url if node is not None and node.pid() is not None else None


def _home(state: Path | None) -> Path:
    return (state or state_dir()).absolute() / "broker"


def _name(node: PrivateNode) -> str:
    return f"The private broker in {node.home} (port {node.amqp})"


@contextmanager
def _only_one(home: Path) -> Generator[None]:
    """Two programs that start or stop at the same moment do it one after the other."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "lock").open("w")
    except OSError as error:
        raise BrokerError(
            f"{home} cannot be written ({error.strerror}): set MINERLIB_STATE to a place that can."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_room(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < DISK_FREE_LIMIT:
        raise BrokerError(
            f"Only {free // MB} MB are free at {home} and the broker accepts nothing below {DISK_FREE_LIMIT // MB} MB: "
            "make room, or set MINERLIB_STATE to another disk."
        )


def _launch(node: PrivateNode, server: Path) -> None:
    """Starts the server in a session of its own, not as our child, and waits until AMQP answers."""
    node.write_files()
    (node.home / "pid").unlink(missing_ok=True)
    said = node.home / "log" / "console.log"
    said.unlink(missing_ok=True)
    shell = subprocess.Popen(
        ["/bin/sh", "-c", _LAUNCH, str(server), str(said)],
        env=node.environment(),
        cwd=node.home,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        shell.wait()
        if _wait_until_it_answers(node, group=shell.pid):
            settle_coordinator(node.url, node.home / "data")
            return
    except BaseException:
        _end(node, group=shell.pid)  # Ctrl-C while it starts leaves nothing behind
        raise
    _end(node, group=shell.pid)
    raise BrokerError(f"{_name(node)} did not start: the reason is at the end of {said}.")


def _wait_until_it_answers(node: PrivateNode, group: int | None = None) -> bool:
    """False when it did not in time, or when its processes (of the process group `group`) are gone."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", node.amqp), 1).close()
            if _probe(node):
                return True
        if not (_group_lives(group) if group else node.pid()):
            return False
        time.sleep(0.05)
    return False


def _probe(node: PrivateNode) -> str | None:
    """RabbitMQ's version if it lets our user in."""
    parameters = pika.URLParameters(node.url)
    parameters.socket_timeout = parameters.stack_timeout = parameters.blocked_connection_timeout = 5
    try:
        socket.create_connection(("127.0.0.1", node.amqp), 1).close()  # pika would log a refusal as an error
        connection = pika.BlockingConnection(parameters)
    except (AMQPError, OSError, ValueError):  # ValueError: a socket that is reset while pika opens it
        return None
    properties = connection._impl.server_properties  # pyright: ignore  # the only place where pika keeps them
    connection.close()
    return str(properties.get("version", "unknown"))


def _group_lives(group: int) -> bool:
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, PermissionError):
            if os.getpgid(process.pid) == group and _lives(process):
                return True
    return False


def _end(node: PrivateNode, group: int | None = None) -> bool:
    """SIGTERM, patience, SIGKILL; then epmd, which outlives its node, by its own port."""
    pid = node.pid()
    family = _family(pid)
    if group:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)
    for process in family[:1]:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + 30
    while (any(map(_lives, family)) or (group and _group_lives(group))) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in filter(_lives, family):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    if group:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    (node.home / "pid").unlink(missing_ok=True)
    _end_epmd(node.epmd)
    return pid is not None


def _family(pid: int | None) -> list[psutil.Process]:
    """The node, what it started, and the shell that waits for it."""
    with suppress(psutil.Error):
        if pid:
            node = psutil.Process(pid)
            parent = node.parent()
            waiting = [parent] if parent and any("rabbitmq-server" in word for word in parent.cmdline()) else []
            return [node, *node.children(recursive=True), *waiting]
    return []


def _lives(process: psutil.Process) -> bool:
    """A zombie does not: where nothing reaps orphans (a container without init) it stays for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_epmd(port: int) -> None:
    """epmd's own KILL request. It says NO while a node is registered, which is right: then it is not ours to end."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as connection:
                connection.sendall(b"\x00\x01k")
                connection.recv(2)
        except OSError:
            return  # nobody there any more
        time.sleep(0.05)
