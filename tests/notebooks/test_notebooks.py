"""The notebooks run, from an archive that has only just begun, against a real broker and the real parts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from minerlib.bus import broker
from minerlib.nodes.parts import Parts, available

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What a notebook's kernel must know of a broker of its own with everything running; what `minerlib up` does."""
    home = tmp_path_factory.mktemp("notebooks")
    url = broker.start(home / "state")
    known = {
        "MINERLIB_BROKER_URL": url,
        "MINERLIB_ARCHIVE": str(home / "archive"),
        "MINERLIB_STATE": str(home / "state"),
    }
    patch = pytest.MonkeyPatch()
    for name, value in known.items():
        patch.setenv(name, value)
    try:
        with Parts(url, available(), home / "log"):
            yield known
    finally:
        patch.undo()
        broker.stop(home / "state")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs(running: dict[str, str], name: str, tmp_path: Path) -> None:
    """Every cell runs and what it asserts holds."""
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:doctest", "-c", os.devnull,
        "--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "120", str(NOTEBOOKS / name),
    ]  # fmt: skip
    environment = {**os.environ, **running, "IPYTHONDIR": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=NOTEBOOKS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_it_is_clean(name: str) -> None:
    """No outputs, no run numbers, no widgets: nothing of the machine it was written on."""
    notebook = json.loads((NOTEBOOKS / name).read_text())
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert set(notebook["metadata"]["language_info"]) == {"name"}
    for cell in notebook["cells"]:
        assert not cell["metadata"]
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
