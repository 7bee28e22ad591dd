"""Arguments of collectors that cannot be meant are refused, in a sentence."""

import subprocess
import sys

import pytest

from minerlib.nodes.collectors import find_collector
from minerlib.nodes.following import follow


def refused(name: str, *words: str) -> str:
    """What a collector says as it ends at once, for its arguments."""
    command = [sys.executable, str(find_collector(name)), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize("name", ["bandwidth", "processes"])
@pytest.mark.parametrize("top", ["0", "-1", "x"])
def test_a_top_of_nothing_is_refused(name: str, top: str):
    """It would say nothing at all, and -1 all but one."""
    assert "is no number of things" in refused(name, f"--top={top}")


def test_over_without_count_is_refused():
    """It would be taken and do nothing."""
    assert "say --count too" in refused("web", "/nowhere", "--over", "1m")


def test_no_log_file_says_what_else_there_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Many a machine has a journal and no log files."""
    monkeypatch.setattr("sys.argv", ["firewall"])
    with pytest.raises(SystemExit):
        follow("firewall", lambda text, at, zone: None, otherwise="read the journal with --journal")
    assert "name one, or read the journal with --journal." in capsys.readouterr().err
