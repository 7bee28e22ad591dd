"""The rule document: strict, and kind to whoever wrote it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import RuleError
from minerlib.rule import Rule

FULL = """\
rule: disk-filling
version: 3
scope: acme.web.prod
about: Disk fills faster than it is cleaned
kind: disk.usage
by: [source, mount]
measure: {of: used_pct, agg: max, over: 5m, every: 1m}
levels:
  - {severity: critical, when: "> 90", for: 2m}
  - {severity: warning, when: "> 80", for: 10m}
clear: {when: "< 75", for: 5m}
missing: {after: 3m, then: alert}
lateness: 5s
ahead: 1m
budget: {per_day: 3}
notify: [ops]
act: {}
evidence: {seen: 4}
"""
HEAD = "rule: r\nkind: a.b\n"
LEVEL = 'levels: [{severity: warning, when: "> 1"}]\n'
SMALL = HEAD + "measure: {of: v}\n" + LEVEL


def faults(text: str) -> list[str]:
    """What reading a text says, line by line."""
    with pytest.raises(RuleError) as caught:
        Rule.read(text, "r.yaml")
    return str(caught.value).splitlines()


def test_all_faults_are_told_at_once_with_their_lines():
    """One reading finds every fault, in order of lines, each with what to write instead."""
    said = faults(
        "rule: Disk Full\nkind: disk..usage\nmeasure: {of: used, agg: maen, over: 5 minutes}\nlevles: []\n"
        'levels:\n  - {severity: warnin, when: "above 80"}\n  - {severity: critical, when: "> 90", fro: 5m}\n'
        "lateness: 5\n"
    )
    text = "\n".join(said)
    for line, word in (
        (1, "small letters"), (2, "no pattern of kinds"), (3, "did you mean `mean`"), (3, "is no duration"),
        (4, "did you mean `levels`"), (6, "did you mean `warning`"), (6, "is no condition"),
        (7, "did you mean `for`"), (8, "write 5s, 5m or 5h"),
    ):  # fmt: skip
        assert any(each.startswith(f"r.yaml:{line}: ") and word in each for each in said), (line, word, text)
    assert [int(each.split(":")[1]) for each in said] == sorted(int(each.split(":")[1]) for each in said)


@pytest.mark.parametrize(
    "more",
    [
        "where: mount != '/boot'", "flap: {most: 6, per: 1h}", "retire: 30d", "missing: {after: 1m}",
        "missing: {after: 1m, then: hold}", "missing: {after: 1m, then: clear}", "act: {run: reboot}",
    ],
)  # fmt: skip
def test_what_is_planned_is_refused_in_these_words(more: str):
    """A key that the design knows and this version does not is told from a misspelt one."""
    (said,) = faults(SMALL + more + "\n")
    assert "not supported yet" in said
    assert said.startswith("r.yaml:5: ")


@pytest.mark.parametrize("agg", ["rate", "p99", "p999", "slope", "forecast", "distinct", "stddev", "delta", "first"])
def test_planned_aggregates_are_refused_in_these_words(agg: str):
    """So is an aggregate."""
    (said,) = faults(HEAD + f"measure: {{of: v, agg: {agg}, over: 5m}}\n" + LEVEL)
    assert said.startswith(f"r.yaml:3: the aggregate `{agg}` is not supported yet")


def test_usual_is_refused_in_these_words():
    """So is a comparison with what is usual."""
    (said,) = faults(HEAD + 'measure: {of: v}\nlevels: [{severity: info, when: "> usual + 5 * spread"}]\n')
    assert "`usual` is not supported yet" in said


def test_a_document_and_its_rule_are_one():
    """What `to_yaml` writes is read as an equal rule with the same fingerprint."""
    rule = Rule.read(FULL)
    again = Rule.read(rule.to_yaml())
    assert again == rule
    assert again.fingerprint == rule.fingerprint
    assert Rule.from_dict(rule.to_dict()) == rule
    assert [level.severity for level in rule.levels] == ["warning", "critical"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_threshold_is_written_to_the_last_bit(number: float):
    """No threshold is rounded by writing it."""
    rule = Rule.from_dict({"rule": "r", "kind": "a", "measure": {"of": "v"},
                           "levels": [{"severity": "info", "when": f"> {number!r}"}]})  # fmt: skip
    assert rule.levels[0].when.number == number
    assert Rule.read(rule.to_yaml()) == rule


@given(st.integers(1, 10**15))
def test_a_duration_is_written_to_the_last_microsecond(span: int):
    """No duration is rounded by writing it."""
    rule = Rule.read(SMALL + f"lateness: {span}us\n")
    assert rule.lateness == span
    assert Rule.read(rule.to_yaml()) == rule


def test_shared_evidence_is_written_out():
    """Evidence that stands in two places is written twice, for aliases are not read."""
    days = [1, 2]
    rule = replace(Rule.read(FULL), evidence={"a": days, "b": days})
    assert Rule.read(rule.to_yaml()) == rule


SAME: dict[str, Any] = {
    "version": 4, "about": "Other words", "notify": ["night"], "budget": {"per_day": 9}, "evidence": {"seen": 5},
}  # fmt: skip
OTHER: dict[str, Any] = {
    "rule": "disk-full", "scope": "acme.web.*", "kind": "disk.#", "by": ["source"],
    "measure": {"of": "used_pct", "agg": "mean", "over": "5m", "every": "1m"},
    "levels": [{"severity": "warning", "when": ">= 80", "for": "10m"}],
    "clear": {"when": "< 75", "for": "6m"}, "missing": {"after": "4m", "then": "alert"},
    "lateness": "6s", "ahead": "2m",
}  # fmt: skip


@pytest.mark.parametrize("key", SAME)
def test_the_fingerprint_passes_over_what_is_not_evaluated(key: str):
    """Words, addresses, budget and evidence may change without a rule beginning anew."""
    rule = Rule.read(FULL)
    assert Rule.from_dict(rule.to_dict() | {key: SAME[key]}).fingerprint == rule.fingerprint
    assert Rule.from_dict({k: v for k, v in rule.to_dict().items() if k != key}).fingerprint == rule.fingerprint
    assert Rule.from_dict(rule.to_dict() | {"act": {}}).fingerprint == rule.fingerprint


@pytest.mark.parametrize("key", OTHER)
def test_the_fingerprint_holds_all_that_is_evaluated(key: str):
    """Any other key changes it; together with the test above, that is all of them."""
    rule = Rule.read(FULL)
    assert Rule.from_dict(rule.to_dict() | {key: OTHER[key]}).fingerprint != rule.fingerprint
    assert set(rule.to_dict()) == set(SAME) | set(OTHER)
