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
where: mount <> '/boot' and used > 0
by: [source, mount]
measure: {of: used / total * 100, agg: max, over: 5m, every: 1m}
usual:
  zone: Europe/Berlin
  shared: {centre: [50], spread: [null]}
  of: [{instance: {source: a, mount: /}, centre: [70], spread: [5.5]}]
levels:
  - {severity: critical, when: "> usual + 3 * spread", for: 2m}
  - {severity: warning, when: "> 80", for: 10m}
clear: {when: "< 75", for: 5m}
missing: {after: 3m, then: alert}
flap: {most: 6, per: 1h}
retire: 10d
instances: 500
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


def test_all_faults_are_told_at_once_with_their_places():
    """One reading finds every fault, in the order of the text, each with what to write instead."""
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
        assert any(each.startswith(f"r.yaml:{line}:") and word in each for each in said), (line, word, text)
    places = [tuple(int(number) for number in each.split(":")[1:3]) for each in said]
    assert places == sorted(places)
    assert (7, 40) in places


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ("act: {run: reboot}", "not supported yet"),
        ("where: used >", "cannot stand there"),
        ("where: sum(used) > 5", "is of many events"),
        ("where: [1]", "is a text"),
        ("missing: {after: 1m, then: hodl}", "`hold`"),
        ("missing: {then: hold}", "needs `after`"),
        ("flap: {most: 6}", "needs `per`"),
        ("flap: {most: -1, per: 1h}", "from 0"),
        ("flap: {most: 1.5, per: 1h}", "whole number"),
        ("retire: 0s", "must not be shorter"),
        ("instances: 0", "from 1"),
        ("instances: 2000000", "1,000,000"),
        ("usual: {}", "needs a table"),
        ("usual: {zone: Mars, shared: {centre: [1], spread: [1]}}", "no time zone"),
        ("usual: {zone: ../../etc/passwd, shared: {centre: [1], spread: [1]}}", "no time zone"),
        ("usual: {shared: {centre: [1, 2], spread: [1]}}", "168"),
        ("usual: {shared: {centre: [x], spread: [1]}}", "168"),
        ("usual: {shared: {centre: [1], spread: [-1]}}", "never below 0"),
        ("usual: {of: [{instance: {mount: /}, centre: [1], spread: [1]}]}", "as `by` says"),
        ("usual: {of: 5}", "is a list"),
    ],
)
def test_what_is_wrong_is_said(more: str, word: str):
    """One fault, one sentence, at its line."""
    (said,) = faults(SMALL + more + "\n")
    assert word in said
    assert said.startswith("r.yaml:5:")


@pytest.mark.parametrize(
    ("measure", "word"),
    [
        ("{of: v, agg: forecast, over: 5m}", "needs `to`"),
        ("{of: v, agg: mean, to: 5, over: 5m}", "belongs to"),
        ("{agg: rtae, over: 5m}", "did you mean `rate`"),
        ("{agg: p0, over: 5m}", "unknown aggregate"),
        ("{agg: p00, over: 5m}", "unknown aggregate"),
        ("{agg: p1234, over: 5m}", "unknown aggregate"),
        ("{agg: p95, over: 5m}", "needs `of`"),
        ("{of: v, over: 5m}", "needs an `agg`"),
        ("{ratio: {to: v}, over: 5m}", "needs `of`"),
        ("{ratio: {of: v}, agg: mean, over: 5m}", "exclude"),
        ("{ratio: {of: v}}", "needs `over`"),
        ("{of: v, agg: forecast, to: x, over: 5m}", "is a number"),
        ("{of: v +, agg: mean, over: 5m}", "cannot stand there"),
    ],
)
def test_what_is_wrong_with_a_measure_is_said(measure: str, word: str):
    """So are the aggregates and what they need."""
    assert any(word in said for said in faults(HEAD + f"measure: {measure}\n" + LEVEL))


@pytest.mark.parametrize(
    "agg", ["rate", "count", "p01", "p50", "p99", "p999", "slope", "distinct", "stddev", "delta", "first", "last"]
)
def test_every_aggregate_is_read(agg: str):
    """And written again."""
    rule = Rule.read(HEAD + f"measure: {{of: v, agg: {agg}, over: 5m}}\n" + LEVEL)
    assert rule.measure is not None
    assert rule.measure.agg == agg
    assert Rule.read(rule.to_yaml()) == rule


@pytest.mark.parametrize(
    "more",
    [
        "measure: {ratio: {of: status >= 500, to: status > 0}, over: 5m}",
        "measure: {ratio: {of: errors}, over: 5m}",
        "measure: {of: v, agg: forecast, to: 100, over: 6h}",
    ],
)
def test_a_measure_is_written_as_it_is_read(more: str):
    """Ratios and forecasts too."""
    rule = Rule.read(f"{HEAD}{more}\n{LEVEL}")
    assert Rule.read(rule.to_yaml()) == rule


def test_what_is_usual_has_to_be_said():
    """A line that compares with it needs the tables."""
    (said,) = faults(HEAD + 'measure: {of: v}\nlevels: [{severity: info, when: "> usual + 5 * spread"}]\n')
    assert "the rule needs `usual`" in said


def test_a_document_and_its_rule_are_one():
    """What `to_yaml` writes is read as an equal rule with the same fingerprint."""
    rule = Rule.read(FULL)
    again = Rule.read(rule.to_yaml())
    assert again == rule
    assert again.fingerprint == rule.fingerprint
    assert Rule.from_dict(rule.to_dict()) == rule
    assert [level.severity for level in rule.levels] == ["warning", "critical"]
    assert rule.usual is not None
    assert list(rule.usual.tables) == ['["a","/"]']


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
    "clear": {"when": "< 75", "for": "6m"}, "missing": {"after": "3m", "then": "hold"},
    "lateness": "6s", "ahead": "2m", "where": "mount = '/'", "flap": {"most": 5, "per": "1h"}, "retire": "11d",
    "instances": 501, "usual": {"shared": {"centre": [50], "spread": [1]}},
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
    changed = rule.to_dict() | {key: OTHER[key]}
    if key == "by":  # the tables of what is usual name instances
        changed["usual"] = {"shared": {"centre": [50], "spread": [None]}}
    assert Rule.from_dict(changed).fingerprint != rule.fingerprint
    assert set(rule.to_dict()) == set(SAME) | set(OTHER)
