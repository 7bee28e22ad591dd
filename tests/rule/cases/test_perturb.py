"""Perturbations: what is not to matter does not, and where it does, its name is told."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from minerlib.rule import State
from minerlib.rule.cases import Disturbed, run
from minerlib.rule.evaluate import evaluate

from .made import RULE, made

SERIES = "70 81+1x4 92 92 70 70"
WINDOW = (
    RULE.replace("{of: used_pct}", "{of: used_pct, agg: mean, over: 3m, every: 1m}")
    + "missing: {after: 4m, then: alert}\n"
)
COUNT = """\
rule: many
scope: acme.web.prod
kind: disk.usage
measure: {agg: count, over: 2m, every: 1m}
levels: [{severity: warning, when: "> 3"}]
"""


def disturbed(folder: Path, perturb: str, series: str = SERIES, rule: str = RULE) -> list[Disturbed]:
    """What perturbations of two servers come to; what is expected is not looked at."""
    text = (
        f"    series: [{{source: web-1, used_pct: {series}}}, {{source: web-2, used_pct: {series}, at: 7s, lag: 2s}}]\n"
    )
    return run(made(folder, f"{text}    expect: []\n    perturb: [{perturb}]\n", rule)).disturbed


@pytest.mark.parametrize("rule", [RULE, WINDOW, COUNT])
def test_nothing_is_changed_by_what_is_not_to_matter(tmp_path: Path, rule: str):
    """Cuts, crashes, shuffles, repeats, clocks that are a little wrong: of events, windows and silence."""
    found = disturbed(tmp_path, "cut_at, crash_at, shuffle_within, repeat, skew", rule=rule)
    assert [each.name for each in found] == ["cut_at", "crash_at", "shuffle_within", "repeat", "skew"]
    assert [each.said for each in found] == [""] * 5
    assert run(made(tmp_path, f"    series: {{used_pct: {SERIES}}}\n    expect: []\n", RULE)).unexpected


@pytest.mark.parametrize(
    ("perturb", "name"),
    [
        ("cut_at: 3", "cut_at 3"), ("crash_at: {at: 4}", "crash_at 4"), ("shuffle_within: 2s", "shuffle_within 2s"),
        ("shuffle_within: {seed: 9}", "shuffle_within"), ("skew: -1s", "skew -1s"), ("skew: {by: +2s}", "skew 2s"),
    ],
)  # fmt: skip
def test_each_may_be_told_how(tmp_path: Path, perturb: str, name: str):
    """At which event, how far, from which seed."""
    assert disturbed(tmp_path, f"{{{perturb}}}") == [Disturbed(name)]


@pytest.mark.parametrize(
    "perturb", ["skew: {by: -6s, expect: changed}", "shuffle_within: {within: 1m, expect: changed}"]
)
def test_a_change_may_be_expected(tmp_path: Path, perturb: str):
    """What makes events late changes what is said."""
    (found,) = disturbed(tmp_path, f"{{{perturb}}}")
    assert found.passed
    (found,) = disturbed(tmp_path, f"{{{perturb.replace(', expect: changed', '')}}}")
    assert not found.passed
    first, *lines = found.said.splitlines()
    assert first.endswith("changed what is said:")
    assert "- 3m raised warning web-1 ~ at 83, line 80" in lines


def test_a_change_that_is_expected_must_come(tmp_path: Path):
    """It is no leave to change something."""
    (found,) = disturbed(tmp_path, "{repeat: {expect: changed}}")
    assert found.said == "repeat was expected to change something, and changed nothing"


def test_a_state_that_forgets_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """By a cut, and by a crash."""

    read = State.from_bytes

    def forget(data: bytes) -> State:
        state = read(data)
        state.intake = state.intake.refusing(np.ones(state.intake.waiting.size, np.bool_))
        return state

    monkeypatch.setattr(State, "from_bytes", forget)
    cut, crash = disturbed(tmp_path, "cut_at, {crash_at: 17}")
    assert cut.said.startswith("cut_at (behind event 3) changed what is said:\n")
    assert crash.said.startswith("crash_at (behind event 17, state from behind event 8) changed what is said:")


def test_other_ids_after_a_crash_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What is said again is the same, by name."""
    folds: list[int] = []

    def other(*given: Any) -> tuple[State, list[Any]]:
        state, said = evaluate(*given)
        folds.append(1)
        return state, [msgspec.structs.replace(each, ordinal=len(folds)) for each in said]

    monkeypatch.setattr("minerlib.rule.cases.perturb.evaluate", other)
    (crash,) = disturbed(tmp_path, "{crash_at: 17}")
    assert "~ 3m7s raised warning web-2 ~ at 83, line 80, but with other ordinal" in crash.said.splitlines()


def test_repeats_that_count_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where each event is one more."""

    def counting(rule: Any, state: State, events: Any, clock: int) -> Any:
        return evaluate(rule, state, [msgspec.structs.replace(each, repeat=False) for each in events], clock)

    monkeypatch.setattr("minerlib.rule.cases.fold.evaluate", counting)
    (repeat,) = disturbed(tmp_path, "repeat", rule=COUNT)
    assert repeat.said.startswith("repeat changed what is said:\n+ ")


def test_values_that_depend_on_the_order_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where the sums of a window are added as events arrive."""

    def hasty(rule: Any, state: State, events: Any, clock: int | None = None) -> Any:
        return evaluate(rule, state, [msgspec.structs.replace(each, time=each.seen) for each in events], clock)

    monkeypatch.setattr("minerlib.rule.cases.fold.evaluate", hasty)
    monkeypatch.setattr("minerlib.rule.cases.perturb.evaluate", hasty)
    (shuffle,) = disturbed(tmp_path, "shuffle_within")
    assert shuffle.said.startswith("shuffle_within 5s (seed 0) changed what is said:")


def test_events_of_one_time_keep_their_order(tmp_path: Path):
    """Those that are late stay late, and those of the future what they are."""
    rule = RULE.replace("[source, mount]", "[]").replace(", for: 2m", "").replace(", for: 1m", "")
    text = """\
    series: [{source: web-1, used_pct: 70x9}, {source: web-2, used_pct: 81x9}]
    events:
      - {at: 1m, seen: 2m, body: {used_pct: 99}}
      - {at: 9m, seen: 3m30s, body: {used_pct: 99}}
    expect: []
    perturb: [shuffle_within]
"""
    done = run(made(tmp_path, text, rule))
    assert [each.what for each in done.transitions[:3]] == ["raised", "cleared", "raised"]
    assert done.disturbed == [Disturbed("shuffle_within")]


def test_the_end_of_the_clock_is_wrong_with_the_clocks(tmp_path: Path):
    """What was just said in time is so with times that are shifted, and no more."""
    text = "    series: {used_pct: 81x3}\n    until: 2m6s\n    expect: [{at: 2m}]\n    perturb: [skew]\n"
    assert run(made(tmp_path, text)).passed
