"""CrowdSec's test cases beside the checkout: real log lines, the scenarios that watch them, the alerts expected."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "crowdsec"


class Case(NamedTuple):
    """One folder: the lines, how CrowdSec calls their format, the scenarios that watch them, the alerts expected."""

    name: str
    family: str
    lines: list[str]
    scenarios: list[str]
    alerts: list[dict[str, Any]]


def _found(path: Path) -> Path:
    """What is there; the test skips where it is not, and fails in CI."""
    if not path.exists():
        said = f"{path.relative_to(Path(__file__).parents[4])} is not beside the checkout"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return path


def names() -> list[str]:
    """The folders of all cases."""
    return sorted(each.parent.name for each in _found(FOLDER).glob("*/expected.json"))


def scenarios() -> dict[str, dict[str, Any]]:
    """Every scenario by its name."""
    return json.loads(_found(FOLDER / "scenarios.json").read_text())


def case(name: str) -> Case:
    """One case, its scenarios by their full names; one that is named there but is not given is left out."""
    said = json.loads(_found(FOLDER / name / "expected.json").read_text())
    lines = _found(FOLDER / name / "input.log").read_text(errors="replace").splitlines()
    asked = {Path(each).name.removesuffix(".yaml") for each in said["scenarios"]}
    watching = [each for each in scenarios() if each.partition("/")[2] in asked]
    alerted = [each["scenario"] for each in said["alerts"]]
    return Case(name, said["log_type"], lines, list(dict.fromkeys(watching + alerted)), said["alerts"])
