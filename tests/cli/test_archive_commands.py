"""`minerlib archive`: what it prints, as JSON too, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from minerlib.archive import Today, seal
from minerlib.cli.archive import VERBS
from minerlib.cli.main import cli
from minerlib.event import Event
from minerlib.event.moment import DAY
from minerlib.event.order import Position

SCOPE = "acme.web.prod"


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(cli, [str(each) for each in arguments], prog_name="minerlib")
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two old days, each of three commits."""
    for n in range(6):
        time = 20_000 * DAY + n // 3 * DAY + n
        said = {"time": time, "seen": time, "epoch": "e", "offset": n, "part": 0, "source": "a", "kind": "cpu.usage"}
        where = {"company": "acme", "system": "web", "environment": "prod", "body": {"used": n}}
        today = Today(tmp_path / "archive", SCOPE)
        today.write([Event(**said, **where)], Position("e", n, "0" * 32, "{}"))
        today.close()
        seal(tmp_path / "archive", SCOPE)
    return tmp_path / "archive"


def test_status(root: Path) -> None:
    """Two tables and their sum."""
    lines = run("archive", "status", "--archive", root).splitlines()
    assert lines[0].split() == ["stream", "up", "to", "offset", "not", "sealed", "lost", "days", "size"]
    assert lines[1].split()[:7] == [SCOPE, "2024-10-05", "00:00:00", "5", "0", "0", "2"]
    assert lines[3].split()[:5] == ["cpu.usage", "6", "2024-10-04", "2024-10-05", "6"]
    assert lines[-1].startswith("6 events, ")
    said = json.loads(run("archive", "status", "--archive", root, "--json"))
    assert (said["streams"][0]["offset"], said["kinds"][0]["events"]) == (5, 6)
    assert "No event is in" in run("archive", "status", "--archive", root / "none")


def test_maintain(root: Path) -> None:
    """What was done, nothing the second time; what cannot be meant; what failed."""
    assert run("archive", "maintain", "--archive", root) == "cpu.usage: 6 files merged\n"
    assert run("archive", "maintain", "--archive", root).startswith("All is in order")
    said = json.loads(run("archive", "maintain", "--archive", root, "--keep", "cpu.#=9d", "--json"))
    assert (said[0]["expired"], said[0]["failed"]) == (6, "")
    assert "says not how long" in run("archive", "maintain", "--archive", root, "--keep", "cpu", code=2)
    (root / "sealed/cpu.usage/_delta_log/00000000000000000000.json").unlink()
    for path in (root / "sealed/cpu.usage/_delta_log").glob("*checkpoint*"):
        path.unlink()
    assert "cpu.usage is broken" in run("archive", "maintain", "--archive", root, code=5)


def test_copy(root: Path, tmp_path: Path) -> None:
    """Where it went and how large it is; never over something that is there."""
    assert run("archive", "copy", tmp_path / "a", "--archive", root).startswith(f"Copied {root} to {tmp_path / 'a'}: ")
    said = json.loads(run("archive", "copy", tmp_path / "b", "--archive", root, "--json"))
    assert said["bytes"] == sum(path.stat().st_size for path in (tmp_path / "b").rglob("*") if path.is_file())
    assert "is there already" in run("archive", "copy", tmp_path / "a", "--archive", root, code=5)


@pytest.mark.parametrize("verb", VERBS)
def test_help(verb: str) -> None:
    """Each verb has an example."""
    said = run("archive", verb, "--help")
    assert f"minerlib archive {verb}" in said.partition("Example:")[2]
