"""CrowdSec's test cases beside the checkout: real log lines, the scenarios that watch them, the alerts expected."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from beside import files, text


class Case(NamedTuple):
    """One folder: the lines, how CrowdSec calls their format, the scenarios that watch them, the alerts expected."""

    name: str
    family: str
    lines: list[str]
    scenarios: list[str]
    alerts: list[dict[str, Any]]


def names() -> list[str]:
    """The folders of all cases."""
    return sorted(each.parent.name for each in files("crowdsec", "*/expected.json"))


def scenarios() -> dict[str, dict[str, Any]]:
    """Every scenario by its name."""
    return json.loads(text("crowdsec", "scenarios.json"))


def case(name: str) -> Case:
    """One case, its scenarios by their full names; one that is named there but is not given is left out."""
    said = json.loads(text(f"crowdsec/{name}", "expected.json"))
    lines = text(f"crowdsec/{name}", "input.log").splitlines()
    asked = {Path(each).name.removesuffix(".yaml") for each in said["scenarios"]}
    watching = [each for each in scenarios() if each.partition("/")[2] in asked]
    alerted = [each["scenario"] for each in said["alerts"]]
    return Case(name, said["log_type"], lines, list(dict.fromkeys(watching + alerted)), said["alerts"])
