"""The rabbitmq-server program: where it may be, and what to say where it is not."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from minerlib.errors import BrokerMissing, SettingError

DOCKER = (
    "docker run -d -p 127.0.0.1:5672:5672 rabbitmq:4, then set MINERLIB_BROKER_URL=amqp://guest:guest@localhost:5672/"
)

# Debian's wrapper on the PATH refuses ordinary users and becomes another user as root; the program itself comes first.
_PLACES = (
    "/usr/lib/rabbitmq/bin/rabbitmq-server",
    "/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server",
    "/usr/local/opt/rabbitmq/sbin/rabbitmq-server",
    "/opt/rabbitmq/sbin/rabbitmq-server",
)
_INSTALL = {
    "apt-get": "apt-get install -y --no-install-recommends rabbitmq-server",
    "brew": "brew install rabbitmq",
    "dnf": "dnf install -y rabbitmq-server",
    "pacman": "pacman -S --needed rabbitmq",
    "apk": "apk add rabbitmq-server",
}


def find_server() -> Path:
    """The program to run. Raises BrokerMissing with the command that installs it."""
    named = os.environ.get("MINERLIB_RABBITMQ_SERVER")
    if named:
        if not os.access(named, os.X_OK):
            raise SettingError(f"MINERLIB_RABBITMQ_SERVER is {named}, which cannot be run: name the program itself.")
        return Path(named).absolute()
    for place in _places():
        if os.access(place, os.X_OK):
            return place
    raise BrokerMissing(
        f"There is no rabbitmq-server on this machine and MINERLIB_BROKER_URL is not set: {install_command()}, "
        f"or, with docker: {DOCKER}."
    )


def install_command() -> str:
    """What installs RabbitMQ here, as a phrase that holds the exact command."""
    for program, command in _INSTALL.items():
        if shutil.which(program):
            as_root = "" if program == "brew" or os.geteuid() == 0 else "sudo "
            return f"install it with `{as_root}{command}`"
    return "install RabbitMQ 3.9 or later" + (" with Homebrew" if sys.platform == "darwin" else "")


def _places() -> Iterator[Path]:
    yield from map(Path, _PLACES)
    yield from sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/opt/homebrew/sbin"])
    if found := shutil.which("rabbitmq-server", path=path):
        yield Path(found)
