"""What `import minerlib` gives, and what it costs."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import minerlib
from minerlib.cli.main import VERBS

ROOT = Path(__file__).parent.parent
ANALYSTS = {"IPython", "altair", "anywidget", "dask", "ipywidgets", "jupyter_server", "pandas", "polars", "pyarrow"}


def fresh(code: str) -> str:
    """What a Python that has loaded nothing yet prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", minerlib.__all__)
def test_names_are_true(name: str) -> None:
    """Every name handed on is there, has its own name, and says what it does."""
    found = getattr(minerlib, name)
    assert found.__name__ == name
    assert found.__doc__


def test_names_are_sorted_and_listed() -> None:
    """`dir` shows the names before they are loaded; a wrong one is an AttributeError."""
    assert minerlib.__all__ == sorted(minerlib.__all__)
    assert set(minerlib.__all__) <= set(dir(minerlib))
    with pytest.raises(AttributeError, match="no attribute 'tab'"):
        minerlib.tab  # noqa: B018


def test_command_line_is_light() -> None:
    """The help of the command loads no broker client and nothing of the analyst's."""
    told = "from minerlib.cli.main import cli; cli.main(['--help'], standalone_mode=False)"
    code = f"import sys; {told}; print(*sys.modules)"
    loaded = set(fresh(code).split())
    assert "click" in loaded
    assert not loaded & (ANALYSTS | {"pika", "rich"})


def test_tiny_node_pulls_nothing_of_the_analysts() -> None:
    """Clock, host of rules, publisher and private broker run on the bare package."""
    verbs = ["clock", "node", "broker", "export", "rules"]
    modules = "; ".join(f"import {VERBS[verb][0].split(':')[0]}" for verb in verbs)
    assert not set(fresh(f"import sys; {modules}; print(*sys.modules)").split()) & ANALYSTS


def test_base_package_is_small() -> None:
    """The bare package depends on a handful of small packages, none of them Jupyter's or a frame library."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=~! ]", wanted)[0].lower() for wanted in project["dependencies"]}
    assert names <= {
        "click",
        "msgspec",
        "numpy",
        "pika",
        "psutil",
        "rich",
        "ruamel.yaml",
        "sqlglot",
        "tenacity",
        "tzdata",
    }
    assert not names & {name.lower() for name in ANALYSTS | {"jupyterlab", "ipykernel", "duckdb", "deltalake"}}


@pytest.mark.parametrize("name", ["archive", "build", "dev", "lab"])
def test_locks_are_for_anybody(name: str) -> None:
    """A lock pins each package to a version and its hashes, and names no index, host or path."""
    text = (ROOT / "locks" / f"{name}.txt").read_text()
    assert not re.search(r"://|--index|--find-links|--extra-index|file:", text)
    assert all(re.match(r"[a-z0-9._-]+==\S+|    --hash=sha256:[0-9a-f]{64}", line) for line in text.splitlines())


def test_locks_agree() -> None:
    """A smaller set has the versions of the bigger one, so that installing one after the other changes nothing."""

    def pins(name: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for package, version in re.findall(r"^(\S+)==(\S+)", (ROOT / "locks" / f"{name}.txt").read_text(), re.M):
            found.setdefault(package, set()).add(version)
        return found

    biggest = pins("dev")
    for name in ("archive", "lab"):
        assert pins(name).items() <= biggest.items()
