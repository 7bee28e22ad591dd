"""The simulated cloud: the same for the same seed, in order, and its truth is in the data."""

import json
import runpy
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minerlib.event.moment import DAY, MINUTE
from minerlib.nodes.source import Source

from .programs import load

PROGRAM = Path(__file__).parents[2] / "collectors" / "simulate.py"
Reading = tuple[int, str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def cloud() -> ModuleType:
    """The program as a module."""
    return load("simulate")


@pytest.fixture(scope="module")
def week(cloud: ModuleType) -> list[Reading]:
    """A week of eight servers."""
    return list(cloud.simulate(seed=5))


@pytest.fixture(scope="module")
def labels(cloud: ModuleType) -> Callable[[str], list[dict[str, Any]]]:
    """The labels of that week by what they say."""
    return lambda what: [label for label in cloud.truth(seed=5) if label["what"] == what]


def said(week: list[Reading], label: dict[str, Any], kind: str, inside: bool = True) -> list[dict[str, Any]]:
    """The bodies of a kind by the label's server while it lasts, or at all other times."""
    return [
        body
        for time, source, what, body in week
        if source == label["source"] and what == kind and inside == (label["start"] <= time < label["end"])
    ]


def test_the_same_seed_gives_the_same_bytes(cloud: ModuleType) -> None:
    """Everything follows from the arguments, nothing from the hour or the process."""
    command = [sys.executable, str(PROGRAM), "--seed", "3", "--days", "0.2", "--servers", "3"]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    assert len(first.splitlines()) == len(list(cloud.simulate(seed=3, days=0.2, servers=3))) > 1000
    other = subprocess.run([*command[:3], "4", *command[4:]], capture_output=True, check=True).stdout
    assert other != first


def test_readings_come_in_the_order_of_time_and_stay_in_their_days(cloud: ModuleType, week: list[Reading]) -> None:
    """A reader can fold them as they come."""
    times = [time for time, *_ in week]
    assert times == sorted(times)
    assert times[0] >= cloud.START
    assert times[-1] < cloud.START + 7 * DAY


def test_everything_is_marked_as_simulated(cloud: ModuleType, week: list[Reading]) -> None:
    """Nobody can take it for the life of real servers."""
    assert all(body["simulated"] is True for *_, body in week)
    assert cloud.SCOPE.startswith("simulated.")
    assert {kind for _, _, kind, _ in week} == {
        "cpu.usage", "memory.usage", "disk.usage", "http.requests", "firewall.drop", "log.sshd", "log.nginx", "log.app",
    }  # fmt: skip


def test_each_trouble_happens_at_least_once_even_on_one_short_day(cloud: ModuleType) -> None:
    """A first look needs no week."""
    for seed in range(10):
        found = Counter(label["what"] for label in cloud.truth(seed=seed, servers=2, days=0.5))
        assert set(found) == {"dead", "disk-full", "attack", "incident", "release"}
    assert "dead" not in {label["what"] for label in cloud.truth(servers=1)}


def test_the_dead_server_is_silent_and_comes_back(week: list[Reading], labels: Any) -> None:
    """Nothing at all from it between the two moments; something before and after."""
    (dead,) = labels("dead")
    times = [time for time, source, *_ in week if source == dead["source"]]
    assert not any(dead["start"] <= time < dead["end"] for time in times)
    assert any(time < dead["start"] for time in times)
    assert any(dead["end"] <= time < dead["end"] + 5 * MINUTE for time in times)


def test_disks_run_full_only_where_it_says_so(week: list[Reading], labels: Any) -> None:
    """A flooded disk reaches 99 %, is cleaned afterwards, and no other disk gets near it."""
    full: set[tuple[str, str]] = set()
    for label in labels("disk-full"):
        used = [body["used_pct"] for body in said(week, label, "disk.usage") if body["mount"] == label["mount"]]
        assert used[-1] == 99
        full.add((label["source"], label["mount"]))
        after = [
            body["used_pct"]
            for time, source, kind, body in week
            if (source, kind, body.get("mount")) == (label["source"], "disk.usage", label["mount"])
            and time >= label["end"]
        ]
        assert after[0] < 50
    quiet: list[float] = [
        body["used_pct"]
        for _, source, kind, body in week
        if kind == "disk.usage" and (source, body["mount"]) not in full
    ]
    assert max(quiet) < 86
    assert any(before - after > 30 for before, after in zip(quiet[:-24], quiet[24:], strict=True)), "none is cleaned"


def test_an_attacker_stands_out_from_the_noise(week: list[Reading], labels: Any) -> None:
    """His address drops ten packets a minute while he is there, and is never seen again; one port or many."""
    everything = Counter(body["source_ip"] for _, _, kind, body in week if kind == "firewall.drop")
    attacks = labels("attack")
    for label in attacks:
        his = [body for body in said(week, label, "firewall.drop") if body["source_ip"] == label["source_ip"]]
        minutes = (label["end"] - label["start"]) / MINUTE
        assert len(his) >= 10 * (minutes - 2)
        assert everything[label["source_ip"]] - len(his) <= 30  # those of the minute in which it ends
        ports = len({body["destination_port"] for body in his})
        assert ports == 1 if label["how"] == "brute-force" else ports > len(his) / 2
    attackers = {label["source_ip"] for label in attacks}
    assert max(count for src, count in everything.items() if src not in attackers) < 10


def test_an_incident_spreads_with_a_lag_and_is_seen_in_latency_errors_and_cpu(week: list[Reading], labels: Any) -> None:
    """Each server it reaches is slow, fails and works hard, minutes after the one before."""
    incidents = labels("incident")
    for label in incidents:
        ill, well = said(week, label, "http.requests"), said(week, label, "http.requests", inside=False)
        mean = {
            name: (sum(b[name] for b in ill) / len(ill), sum(b[name] for b in well) / len(well))
            for name in ("latency_ms", "errors")
        }
        assert mean["latency_ms"][0] > 2 * mean["latency_ms"][1]
        assert mean["errors"][0] > 5 * mean["errors"][1]
        cpu = [body["used_pct"] for body in said(week, label, "cpu.usage")]
        assert sum(cpu) / len(cpu) > 45
    for number in {label["incident"] for label in incidents}:
        starts = [label["start"] for label in incidents if label["incident"] == number]
        assert len(starts) >= 3
        assert all(b - a >= MINUTE for a, b in pairwise(starts))


def lines(bodies: list[dict[str, Any]], words: str) -> int:
    """How many messages hold these words."""
    return sum(words in body.get("message", "") for body in bodies)


def test_troubles_have_lines_of_their_own(week: list[Reading], labels: Any) -> None:
    """A guesser of passwords is in sshd's log with his address, an incident in nginx's and the application's."""
    guessing = [label for label in labels("attack") if label["how"] == "brute-force"]
    for label in guessing:
        assert lines(said(week, label, "log.sshd"), f"from {label['source_ip']} port") > 30
    assert lines([body for *_, body in week], "Failed password") == sum(
        lines([body for *_, body in week], f"from {label['source_ip']} port") for label in guessing
    )
    for label in labels("incident"):
        assert lines(said(week, label, "log.nginx"), "upstream timed out") > 30
        assert lines(said(week, label, "log.app"), "connection pool exhausted") > 15
        if sum(other["source"] == label["source"] for other in labels("incident")) == 1:  # none but its own minute's
            assert lines(said(week, label, "log.nginx", inside=False), "upstream timed out") <= 6
            assert lines(said(week, label, "log.app", inside=False), "connection pool exhausted") <= 1


def test_a_release_changes_what_a_server_says(week: list[Reading], labels: Any) -> None:
    """Up to it one message, from it on another, on each server, one server after the other."""
    releases = labels("release")
    assert len({label["source"] for label in releases}) == 8
    assert all(b["start"] == a["end"] for a, b in pairwise(releases))
    for label in releases:
        told = [
            (time, body["message"])
            for time, source, kind, body in week
            if (source, kind) == (label["source"], "log.app")
        ]
        assert max(time for time, message in told if "cache warmed" in message) < label["end"] + MINUTE
        assert min(time for time, message in told if "preloaded" in message) >= label["end"]


def test_load_follows_the_day_and_the_week(week: list[Reading], cloud: ModuleType) -> None:
    """Afternoons are busier than nights, and weekdays than weekends."""
    hours: dict[tuple[bool, int], list[float]] = {}
    for time_, _, kind, body in week:
        if kind == "http.requests":
            day, hour = divmod((time_ - cloud.START) // (60 * MINUTE), 24)
            hours.setdefault((day >= 5, hour), []).append(body["count"])
    mean = {key: sum(counts) / len(counts) for key, counts in hours.items()}
    assert mean[False, 16] > 5 * mean[False, 4]
    assert mean[False, 16] > 1.5 * mean[True, 16]


def test_a_week_takes_seconds(cloud: ModuleType) -> None:
    """At least 50,000 readings a second, so that a notebook need not wait for it."""
    begun = time.process_time()
    count = sum(1 for _ in cloud.simulate(days=1))
    assert count / (time.process_time() - begun) > 50_000


def test_the_command_line_gives_lines_and_labels() -> None:
    """NDJSON that `minerlib load` reads, and the truth beside it."""
    command = [sys.executable, str(PROGRAM), "--days", "0.05", "--servers", "2"]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    assert set(json.loads(lines[0])) >= {"time", "source", "kind", "simulated"}
    truth = subprocess.run([*command, "--truth"], capture_output=True, check=True, text=True).stdout.splitlines()
    assert all(set(json.loads(line)) >= {"what", "source", "start", "end", "kind"} for line in truth)


def test_live_each_second_tells_the_next_simulated_minute(cloud: ModuleType) -> None:
    """The source says a minute of all servers at a time, with no time of its own: it happens now."""
    first, second = cloud.source.take(), cloud.source.take()
    assert {source for _, _, source in first} == set(cloud.names(8))
    assert 16 <= len(second) < 80
    assert all("time" not in body for _, body, _ in first + second)


def test_without_options_it_publishes_as_every_collector_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """`minerlib collect simulate` runs the program bare; with options it prints."""
    ran: list[str] = []
    monkeypatch.setattr(Source, "run", lambda self: ran.append(self.scope))
    monkeypatch.setattr(sys, "argv", [str(PROGRAM)])
    runpy.run_path(str(PROGRAM), run_name="__main__")
    assert ran == ["simulated.cloud.demo"]
