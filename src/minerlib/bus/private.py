"""The private node on disk: its directory, its ports, its user, its configuration.

.minerlib/broker/
  node.json          ports, user, password (0600); written once, kept, so that the URL stays the same
  home/              HOME of the node with a cookie of its own (0400)
  data/  log/  pid   the streams, what the node says, its process id
  rabbitmq.conf      written anew at each start (0600: it holds the password)
"""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from minerlib.bus.ports import free_ports, is_epmd, is_free
from minerlib.errors import BrokerError

MB = 1024 * 1024
DISK_FREE_LIMIT = 200 * MB  # below this the node accepts nothing: better waiting than a full disk
NAME = "minerlib@localhost"  # the epmd port is the node's own, so the name need not be unique


@dataclass(frozen=True)
class PrivateNode:
    """What must stay the same between two starts of the node in `home`."""

    home: Path
    amqp: int
    distribution: int
    epmd: int
    user: str
    password: str

    @property
    def url(self) -> str:
        # No / at its end: to amqp-publish that is a virtual host without a name.
        return f"amqp://{self.user}:{self.password}@127.0.0.1:{self.amqp}"

    def __repr__(self) -> str:
        return f"PrivateNode({self.home}, port {self.amqp})"  # a repr ends up in logs: no password

    def pid(self) -> int | None:
        """The process id of the running node, or None. A stale pid file, also one whose number was given to
        another process since, is seen through: the command line of ours names our home."""
        try:
            pid = int((self.home / "pid").read_text())
            process = psutil.Process(pid)
            ours = str(self.home / "home") in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if ours else None

    def environment(self) -> dict[str, str]:
        """The environment the server is started with: nothing of a system-wide RabbitMQ's is left in it."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_", "MINERLIB_"))}
        home = self.home
        return inherited | {
            "HOME": str(home / "home"),
            "RABBITMQ_NODENAME": NAME,
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.amqp),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            # Without the first the distribution port listens everywhere; without the second idle schedulers spin.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none",
            "ERL_EPMD_PORT": str(self.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP": str(home / "log" / "erl_crash.dump"),
        }

    def write_files(self) -> None:
        """Everything the server reads at its start."""
        for name in ("home", "data", "log"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        cookie = self.home / "home" / ".erlang.cookie"
        if not cookie.exists():
            _write(cookie, secrets.token_hex(20), 0o400)
        memory = max(256 * MB, min(2048 * MB, psutil.virtual_memory().total * 2 // 5))
        settings = {
            "listeners.tcp.1": f"127.0.0.1:{self.amqp}",
            "default_user": self.user,
            "default_pass": self.password,
            "default_user_tags.administrator": "true",
            "vm_memory_high_watermark.absolute": memory,
            "disk_free_limit.absolute": DISK_FREE_LIMIT,
            "log.file.rotation.size": 10 * MB,
            "log.file.rotation.count": 2,
        }
        _write(self.home / "rabbitmq.conf", "".join(f"{k} = {v}\n" for k, v in settings.items()))
        _write(self.home / "advanced.config", "[].\n")
        _write(self.home / "enabled_plugins", "[].\n")


def read_node(home: Path) -> PrivateNode | None:
    """The node kept in `home`, or None where there never was one."""
    try:
        return PrivateNode(home=home, **json.loads((home / "node.json").read_text()))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise BrokerError(f"The private broker in {home} belongs to another user: use that user.") from error
    except (ValueError, TypeError) as error:
        raise BrokerError(f"{home}/node.json cannot be read: remove {home} to begin with a new broker.") from error


def make_node(home: Path) -> PrivateNode:
    """The node of `home`, to be started: with its ports of before where they are free, else with new ones."""
    node = read_node(home)
    if node is None:
        if any((home / "data").glob("*")):
            raise BrokerError(
                f"{home} has a broker's data but no node.json with its user: remove {home} to begin anew."
            )
        amqp, distribution, epmd = free_ports()
        node = PrivateNode(home, amqp, distribution, epmd, "minerlib", secrets.token_hex(20))
    else:
        node = _with_free_ports(node)
    home.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in asdict(node).items() if key != "home"}
    _write(home / "node.json", json.dumps(kept, indent=1) + "\n")
    return node


def _with_free_ports(node: PrivateNode) -> PrivateNode:
    """The same ports, but for those that somebody else has taken. A node that was killed this moment still holds
    its own for a little while; its epmd is there until `stop` and serves the next node."""
    deadline = time.monotonic() + 5
    while not (is_free(node.amqp) and is_free(node.distribution)) and time.monotonic() < deadline:
        time.sleep(0.05)
    amqp, distribution, epmd = free_ports()
    return replace(
        node,
        amqp=node.amqp if is_free(node.amqp) else amqp,
        distribution=node.distribution if is_free(node.distribution) else distribution,
        epmd=node.epmd if is_free(node.epmd) or is_epmd(node.epmd) else epmd,
    )


def _write(path: Path, text: str, mode: int = 0o600) -> None:
    """The whole file or nothing of it, never readable by others."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    draft.replace(path)
