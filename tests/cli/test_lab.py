"""`minerlib lab`, really opened."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from minerlib.cli.main import cli

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_lab_opens_and_ends(broker_url: str, tmp_path: Path, number: signal.Signals) -> None:
    """The address leads to the first notebook and asks for its token; a signal ends the lab and all parts with it."""
    environment = os.environ | {"MINERLIB_BROKER_URL": broker_url, "MINERLIB_STATE": str(tmp_path)}
    command = [sys.executable, "-m", "minerlib", "lab", "--json"]
    with (tmp_path / "said").open("w+") as said:
        lab = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True)
        try:
            assert lab.stdout
            line = lab.stdout.readline()
            said.seek(0)
            assert line, said.read()
            behind = psutil.Process(lab.pid).children(recursive=True)
            look_at(json.loads(line), behind, broker_url)
            lab.send_signal(number)
            assert lab.wait(60) == 0
        finally:
            lab.kill()
            lab.communicate()
    assert psutil.wait_procs(behind, timeout=10)[1] == []


def look_at(told: dict[str, str], behind: list[psutil.Process], broker_url: str) -> None:
    """The lab that is open there, and the processes behind it."""
    assert told["url"].startswith("http://127.0.0.1:")
    assert "/lab/tree/notebooks/01_first_loop.ipynb?token=" in told["url"]
    assert told["ssh"].startswith("ssh -L ")
    with urllib.request.urlopen(told["url"], timeout=20) as page:
        assert page.status == 200
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(told["url"].split("/lab/")[0] + "/api/contents", timeout=20)
    refused.value.close()
    spoken: list[str] = []
    for process in behind:
        with contextlib.suppress(psutil.NoSuchProcess):
            spoken.append(" ".join(process.cmdline()))
    assert any("jupyterlab" in words for words in spoken)
    for part in ("collect host", "collect processes", *(["collect journal"] if shutil.which("journalctl") else [])):
        assert any(part in words for words in spoken)
    secrets = [told["url"].partition("token=")[2], broker_url.split(":")[2].split("@")[0]]
    assert not any(secret in words for words in spoken for secret in secrets)


def test_lab_without_jupyter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without JupyterLab the sentence says how to get it, and nothing is started."""

    monkeypatch.setattr("minerlib.cli.lab.find_spec", lambda _name: None)
    done = CliRunner().invoke(cli, ["lab"])
    assert done.exit_code == 2
    assert "make lab" in done.stderr
