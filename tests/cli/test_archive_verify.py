"""`minerlib archive verify`: what it says, as JSON too, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from minerlib.archive import Today, seal
from minerlib.cli.main import cli
from minerlib.event import Event
from minerlib.event.moment import DAY
from minerlib.event.order import Position

SCOPE = "acme.web.prod"


def run(*arguments: str | Path, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["archive", "verify", *map(str, arguments)], prog_name="minerlib")
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Six events in three commits."""
    for n in range(0, 6, 2):
        said = [{"time": 20_000 * DAY + i, "seen": 20_000 * DAY + i, "offset": i} for i in (n, n + 1)]
        where = {"company": "acme", "system": "web", "environment": "prod", "source": "a", "kind": "cpu.usage"}
        today = Today(tmp_path / "archive", SCOPE)
        events = [Event(**each, **where, epoch="e", part=0, body={"used": each["offset"]}) for each in said]
        today.write(events, Position("e", n + 1, "0" * 32, "{}"))
        today.close()
        seal(tmp_path / "archive", SCOPE)
    return tmp_path / "archive"


def parquet(root: Path) -> Path:
    return next((root / "sealed/cpu.usage").glob("date=*/*.parquet"))


def test_all_is_well(root: Path) -> None:
    assert run("--archive", root) == f"{root} is whole.\n"
    assert json.loads(run("--deep", "--archive", root, "--json")) == {
        "archive": str(root), "whole": True, "findings": [], "repairs": [],
    }  # fmt: skip


def test_something_is_broken(root: Path) -> None:
    """A sentence each: the file, what it held, what to do; the end says so too."""
    path = parquet(root)
    path.write_bytes(b"PAR1")
    said = run("--archive", root, code=5)
    assert said.startswith(f"{path}: 4 bytes, and its log says ")
    assert "it held 2 events of cpu.usage of acme.web.prod, offsets " in said
    assert "minerlib archive verify --repair puts it aside" in said
    found = json.loads(run("--archive", root, "--json", code=5))
    assert not found["whole"]
    assert [(each["fault"], each["kind"], each["events"]) for each in found["findings"]] == [
        ("file", "cpu.usage", 2), ("hole", "", 2),
    ]  # fmt: skip


def test_repair(root: Path) -> None:
    """What was found, what was done, that it is whole."""
    parquet(root).unlink()
    lines = run("--repair", "--archive", root).splitlines()
    assert "No such file" in lines[0]
    assert lines[-2] == f"{SCOPE}/e: 2 events are there again: 2 from SQLite."
    assert lines[-1] == f"{root} is whole."
    assert run("--repair", "--archive", root) == f"{root} is whole.\n"


def test_repair_without_a_broker(root: Path) -> None:
    """What could not be asked for is still broken."""
    next((root / SCOPE).glob("*.sqlite")).unlink()
    log = (root / "sealed/cpu.usage/_delta_log/00000000000000000003.json").read_text()
    added = next(json.loads(line)["add"]["path"] for line in log.splitlines() if '"add"' in line)
    (root / "sealed/cpu.usage" / added).unlink()
    found = json.loads(run("--repair", "--archive", root, "--json", code=5))
    assert found["repairs"][0]["what"] == "taken out of the table, and put aside"
    assert "no broker runs here" in found["repairs"][1]["what"]
    assert [each["fault"] for each in found["findings"]] == ["hole"]
