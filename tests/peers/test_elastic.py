"""Elastic's own cases of watches: rules of ours, in the folder `elastic`, decide the same of their events."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from statistics import median, pstdev
from typing import Any

import pytest
from beside import files, text

from minerlib.event import Event
from minerlib.event.moment import HOUR, MINUTE, SECOND
from minerlib.rule import Rule

from .folding import START, event, firing, fold, merged, observed

FOLDER = Path(__file__).with_name("elastic")
# What a watch writes of each instance that it tells of: a value, a name, or both.
TOLD = {
    "cpu_iowait_hosts": r"(?P<name>\w+):(?P<value>[\d.]+)% iowait change:",
    "errors_in_logs": r"(?P<value>\d+) Errors have occured",
    "filesystem_usage": r"(?P<value>\d+)%-(?P<name>\w+):",
    "port_scan": r"(?P<name>\w+ to \w+):",
}
SCALE = {"filesystem_usage": 100}
# The events of a case of which alone no watch would tell.
QUIET: dict[str, Callable[[Event], bool]] = {
    "cpu_iowait_hosts": lambda each: each.time < START,
    "errors_in_logs": lambda each: each.body["loglevel"] == "INFO" and "Error" not in each.body["message"],
    "filesystem_usage": lambda each: each.body["used_p"] < 0.9,
    "port_scan": lambda each: each.time <= START - MINUTE,
}
Told = dict[str | None, float | None]


def _case(name: str) -> tuple[Rule, list[Event], Told]:
    """Our rule, the events of the case up to START, and what the watch then tells of."""
    case = json.loads(text(f"elastic_watches/{name}", "tests_test1.json"))
    rule = Rule.load(FOLDER / f"{name}.yaml")
    told: Told = {}
    for found in re.finditer(TOLD[name], case["expected_response"]):
        said: dict[str, Any] = found.groupdict()
        about = said.get("name")
        told[about and about.replace(" to ", "_")] = float(said["value"]) if "value" in said else None
    assert bool(told) == case.get("match", True)
    return rule, merged(*[[_event(rule.kind, each)] for each in case["events"]]), told


def _event(kind: str, said: dict[str, Any]) -> Event:
    body = {name: value for name, value in said.items() if name != "offset"}
    return event(int(said.get("offset", 0)) * SECOND, kind, body, 0)


def _fires(rule: Rule, events: list[Event], at: int = 0) -> set[str | None]:
    """The instances that fire so long after START."""
    return {next(iter(each.values()), None) for each in firing(fold(rule, events, at)[1])}


def test_every_watch_is_a_rule() -> None:
    """4 watches, with a case each."""
    watches = [path.parent.name for path in files("elastic_watches", "*/watch.json")]
    cases = [path.parent.name for path in files("elastic_watches", "*/tests_*.json")]
    assert watches == cases == sorted(TOLD) == sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert len(cases) == 4


@pytest.mark.parametrize("name", TOLD)
def test_the_same_is_told_of(name: str) -> None:
    """The instances that fire when the watch runs, and where it writes a value, the same."""
    rule, events, told = _case(name)
    assert _fires(rule, events) == set(told)
    values: Told = {
        next(iter(each.instance.values()), None): each.value * SCALE.get(name, 1)
        for each in observed(rule, events, 0) if each.due == START and each.value is not None
    }  # fmt: skip
    for about, value in told.items():
        assert value is None or values[about] == value


@pytest.mark.parametrize("name", TOLD)
def test_what_is_over_is_not_told_of(name: str) -> None:
    """When the events have left the window the watch finds nothing, and nothing fires."""
    rule, events, _ = _case(name)
    assert not _fires(rule, events, HOUR)


@pytest.mark.parametrize("name", TOLD)
def test_without_what_decides_nothing_is_told_of(name: str) -> None:
    """The events of the case that the watch would not tell of, by themselves: nothing is said at any time."""
    rule, events, _ = _case(name)
    quiet = [each for each in events if QUIET[name](each)]
    assert quiet
    assert fold(rule, quiet, 0)[1] == []


def test_a_host_that_fell_silent_is_told_of_while_it_is_in_the_window() -> None:
    """The watch ten minutes earlier, and five minutes later."""
    rule, events, _ = _case("filesystem_usage")
    assert _fires(rule, events, -10 * MINUTE) == {"test_server2"}
    assert _fires(rule, events, -5 * MINUTE) == set()


def test_what_is_usual_of_ports() -> None:
    """The centre and spread in our rule are what the watch works out of its case: of the ports of each minute."""
    rule, events, _ = _case("port_scan")
    ports: dict[int, set[int]] = {}
    for each in events:
        ports.setdefault(each.time // MINUTE, set()).add(each.body["dest_port"])
    counts = [len(each) for each in ports.values()]
    usual = rule.to_dict()["usual"]["shared"]
    assert [usual["centre"], usual["spread"]] == [[median(counts)], [round(pstdev(counts))]]
