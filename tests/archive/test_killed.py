"""Sealing and upkeep are killed, kill -9, at every call by which they change a file: nothing is lost or doubled.

strace kills at the nth such call of any thread, for all n until it lives; `make test` takes a few of each call, and
`make chaos` all.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import keeper

ALL = "MINERLIB_CHAOS_ROUNDS" in os.environ
# the call, and which of them `make test` tries: sealing and upkeep make a commit by linkat, a checkpoint by rename
CALLS = {
    "linkat": range(1, 20),
    "rename": range(1, 20),
    "mkdir": range(1, 20, 3),
    "unlink": range(1, 40, 6),
    "fdatasync": range(1, 80, 16),
    "pwrite64": range(1, 400, 64),
    "write": range(30, 1000, 160),
}
KILLED = -9


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "archive"
    keeper.make(root)
    return root


def killed(root: Path, call: str, nth: int) -> bool:
    """Whether the nth such call of a thread was there to be killed at."""
    kill = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", f"--inject={call}:signal=KILL:when={nth}"]
    run = [sys.executable, "-m", "archive.keeper", str(root)]
    done = subprocess.run([*kill, *run], capture_output=True, text=True, cwd=Path(__file__).parents[1], timeout=120)
    assert done.returncode in (0, KILLED, 128 - KILLED), done.stderr + done.stdout
    return done.returncode != 0


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here: there is one for Linux")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("call", CALLS)
def test_killed_at(call: str, template: Path, tmp_path: Path) -> None:
    """Read at once, kept in order again, read again."""
    times = 0
    for nth in range(1, CALLS[call].stop) if ALL else CALLS[call]:
        root = tmp_path / f"{nth}"
        shutil.copytree(template, root)
        died = killed(root, call, nth)
        keeper.check(root, done=not died)
        assert keeper.keep(root) == []
        keeper.check(root, done=True)
        shutil.rmtree(root)
        times += died
        if not died:
            break
    assert times
