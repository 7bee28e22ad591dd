"""A real JupyterLab in a real Chromium, both of which may talk to this machine only."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
_FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--js-flags=--expose-gc",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_NO_NEWS = '{"checkForUpdates": false, "fetchNews": "false", "doNotDisturbMode": true}'

Opened = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Chromium, headless. Without one these tests are skipped; under CI=true that is a failure.

    It ends with this folder's tests: Playwright's event loop runs as long as it does, and no other can beside it.
    """
    if not CHROMIUM.exists():
        said = f"The browser tests want Chromium at {CHROMIUM} (apt-get install chromium, or set CHROMIUM)."
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(said)
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(broker_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """JupyterLab's URL (with a `{path}` to fill in) and the folder it serves; its kernels know the broker."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    for each in (folder, settings):
        each.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(_NO_NEWS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    own = {
        "HOME": home, "IPYTHONDIR": home / "ipython", "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data", "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings", "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "MINERLIB_BROKER_URL": broker_url, "MINERLIB_ARCHIVE": home / "archive", "MINERLIB_STATE": home / "state",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    if os.geteuid() == 0:
        command.append("--allow-root")
    with (home / "lab.log").open("wb") as log:
        environment = {**os.environ, **{name: str(value) for name, value in own.items()}}
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home, env=environment)
        try:
            _until_it_answers(f"http://127.0.0.1:{port}/api?token={token}", process, home / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/{{path}}?token={token}&reset", folder
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def opened(chromium: Browser, lab: tuple[str, Path], request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Opens a notebook made of these cells, with all of them run. Requests that leave this machine fail the test."""
    url, folder = lab
    left: list[str] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            left.append(route.request.url)
            route.abort()

    context.route(lambda url: urlsplit(url).scheme not in ("data", "blob"), guard)

    def open_(*cells: str, dark: bool = False) -> Page:
        name = f"{request.node.name}.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / name)
        page = context.new_page()
        page.goto(url.format(path=name))
        page.wait_for_function("window.jupyterapp && window.jupyterapp.shell.currentWidget", timeout=60_000)
        page.evaluate("window.jupyterapp.restored")
        theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
        page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', theme)", theme)
        page.wait_for_selector(f"body[data-jp-theme-light={'false' if dark else 'true'}]", state="attached")
        page.wait_for_function(
            "(window.jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status ?? '') === 'idle'",
            timeout=60_000,
        )
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return page

    yield open_
    for page in context.pages:  # the kernel goes with the notebook
        page.evaluate("window.jupyterapp.shell.currentWidget?.sessionContext?.shutdown()")
    context.close()
    assert left == [], "requests that left this machine"


def _until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
