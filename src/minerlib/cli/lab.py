"""`minerlib lab`: JupyterLab in front, the parts of a workbench behind it."""

import getpass
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from minerlib import settings
from minerlib.bus import broker
from minerlib.errors import MinerlibError, SettingError
from minerlib.nodes.parts import Parts, available
from minerlib.nodes.program import tell, until_stopped

FIRST = "notebooks/01_first_loop.ipynb"
PATIENCE = 60.0  # seconds until JupyterLab must answer


@click.command()
@click.option("--url", help="Your broker; default MINERLIB_BROKER_URL, else a private one is started.")
@click.option("--port", type=int, help="JupyterLab's port on this machine; default a free one.")
@click.option("--json", "as_json", is_flag=True, help="Where the lab is, as one JSON line.")
def lab(url: str | None, port: int | None, as_json: bool) -> None:
    """JupyterLab on the first notebook, with clock, archiver, collectors and rules running behind it.

    The last line is the address to open. Ctrl-C ends the lab and everything behind it.

    \b
    Example:
      minerlib lab
      export MINERLIB_BROKER_URL=amqps://me:secret@rabbit.acme.com/ops
      minerlib lab --port 8888
    """
    if find_spec("jupyterlab") is None:
        raise SettingError("JupyterLab is not installed here: run `make lab`, or pip install 'minerlib[lab]'.")
    stop = until_stopped()
    state = settings.state_dir()
    mine = not url and broker.running_url() is None
    tell("Starting the broker, the parts and JupyterLab ...")
    where = url or broker.start()
    try:
        with (
            Parts(where, available(), state / "logs") as parts,
            jupyter(where, port, state / "lab.log") as (address, process),
        ):
            watch = threading.Thread(target=parts.watch, args=(stop, tell), name="parts", daemon=True)
            watch.start()
            if not _wait_until_open(address, process, stop):
                if stop.is_set():
                    return
                raise MinerlibError(f"JupyterLab did not start: the reason is at the end of {state / 'lab.log'}.")
            _say_where(address, as_json)
            while not stop.wait(0.25) and process.poll() is None:
                pass
            tell("Stopping." if stop.is_set() else "JupyterLab was shut down; stopping the rest.")
            stop.set()
            watch.join()
    finally:
        if mine:
            broker.stop()


@contextmanager
def jupyter(url: str, port: int | None, log: Path) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """JupyterLab as a process of its own, and its address; ended with its kernels on leaving."""
    port = port or _free_port()
    token = secrets.token_hex(24)
    folder = _folder_of(FIRST)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    if os.geteuid() == 0:
        command.append("--allow-root")
    # By environment, not by command line: any user can read that. Kernels start in the notebook's folder, hence the
    # absolute paths.
    environment = os.environ | {
        "JUPYTER_TOKEN": token,
        "MINERLIB_BROKER_URL": url,
        "MINERLIB_STATE": str(settings.state_dir()),
        "MINERLIB_ARCHIVE": str(settings.archive_dir()),
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as said:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, process_group=0
        )
    page = f"/tree/{FIRST}" if (folder / FIRST).exists() else ""
    try:
        yield f"http://127.0.0.1:{port}/lab{page}?token={token}", process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_open(address: str, process: subprocess.Popen[bytes], stop: threading.Event) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline and not stop.wait(0.1):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            continue
    return False


def _say_where(address: str, as_json: bool) -> None:
    port = address.split("/")[2].split(":")[1]
    tunnel = f"ssh -L {port}:127.0.0.1:{port} {getpass.getuser()}@{socket.gethostname()}"
    if as_json:
        click.echo(json.dumps({"url": address, "ssh": tunnel}))
        return
    click.echo("The lab is open; this machine's events flow behind it. Ctrl-C ends everything.")
    click.echo(f"From another machine, first:  {tunnel}")
    click.echo(address)


def _folder_of(notebook: str) -> Path:
    """The folder JupyterLab shows: the current one, or the checkout this package runs from if it has the notebook."""
    here, checkout = Path.cwd(), Path(__file__).resolve().parents[3]
    return next((folder for folder in (here, checkout) if (folder / notebook).exists()), here)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
