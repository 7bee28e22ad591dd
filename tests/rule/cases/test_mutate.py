"""Mistakes in a rule, and which of them its tests notice."""

from pathlib import Path

from minerlib.rule import Rule
from minerlib.rule.cases import attempt, load, mutations

from .made import RULE, write

WINDOW = Rule.read("""\
rule: r
kind: k
by: [source, mount]
measure: {of: v, agg: max, over: 5m, every: 1m}
levels:
  - {severity: warning, when: "> 80", for: 10m}
  - {severity: critical, when: "<= 0"}
clear: {when: "< 75", for: 5m}
missing: {after: 3m, then: alert}
""")


def test_each_part_of_a_rule_is_mistaken():
    """Threshold, operator, `for`, window, key, `clear`, `missing`: each as its document says it."""
    assert list(map(str, mutations(WINDOW))) == [
        "levels[0].when > 80 -> > 84", "levels[0].when > 80 -> > 76", "levels[0].when > 80 -> >= 80",
        "levels[0].when > 80 -> < 80", "levels[0].for 10m -> 5m", "levels[0].for 10m -> 15m",
        "levels[0] warning removed",
        "levels[1].when <= 0 -> <= 1", "levels[1].when <= 0 -> <= -1", "levels[1].when <= 0 -> < 0",
        "levels[1].when <= 0 -> >= 0", "levels[1].for 0s -> 1m", "levels[1] critical removed",
        "clear.when < 75 -> < 78.75", "clear.when < 75 -> < 71.25", "clear.when < 75 -> <= 75",
        "clear.when < 75 -> > 75",
        "clear.for 5m -> 2m30s", "clear.for 5m -> 7m30s", "clear < 75 removed",
        "measure.over 5m -> 2m30s", "measure.over 5m -> 10m", "by[0] source removed", "by[1] mount removed",
        "missing.after 3m -> 6m", "missing 3m removed",
    ]  # fmt: skip


def test_a_mutation_is_another_rule_that_can_be_read():
    """What means the same is left out, and what is no rule; the rule itself stays as it is."""
    before = WINDOW.to_dict()
    found = mutations(WINDOW)
    assert WINDOW.to_dict() == before
    prints = [mutation.rule.fingerprint for mutation in found]
    assert len({*prints, WINDOW.fingerprint}) == len(prints) + 1
    assert {mutation.rule.name for mutation in found} == {"r"}
    silent = Rule.read("rule: r\nkind: k\nmissing: {after: 3m, then: alert}\n")
    assert [str(mutation) for mutation in mutations(silent)] == ["by[0] source removed", "missing.after 3m -> 6m"]
    single = Rule.read(
        'rule: r\nkind: k\nmeasure: {of: v, agg: sum, over: 1m, every: 1m}\nlevels: [{severity: info, when: "== 1"}]\n'
    )
    told = [str(mutation) for mutation in mutations(single)]
    assert "measure.over 1m -> 30s" not in told  # shorter than its step
    assert "measure.over 1m -> 2m" in told
    assert "levels[0].when == 1 -> != 1" in told


def test_what_is_not_noticed_is_told(tmp_path: Path):
    """A test is as good as the mistakes that it notices; it is told what would show the others."""
    text = """\
cases:
  - name: quiet
    series: {source: web-1, mount: /data, used_pct: 70x9}
    expect: []
  - name: fills
    series: {source: web-1, mount: /data, used_pct: 70 81x3 91 70x2}
    expect: [{at: 3m, what: raised}, {at: 4m, what: escalated}, {at: 6m, what: cleared}]
"""
    suite = load(write(tmp_path, text, RULE))
    (rule,) = suite.rules
    found = {str(each): attempt(rule, each, suite.cases) for each in mutations(rule)}
    names = {name: each.noticed and each.noticed.name for name, each in found.items()}
    assert names["levels[0].when > 80 -> > 84"] == "fills"
    assert names["levels[0].when > 80 -> < 80"] == "quiet"
    assert names["levels[1].for 0s -> 1m"] == "fills"
    assert names["clear < 75 removed"] == "fills"
    survivors = {name for name, noticed in names.items() if noticed is None}
    assert survivors == {
        "levels[0].when > 80 -> > 76", "levels[0].when > 80 -> >= 80", "levels[1].when > 90 -> > 85.5",
        "levels[1].when > 90 -> >= 90", "clear.when < 75 -> < 78.75", "clear.when < 75 -> < 71.25",
        "clear.when < 75 -> <= 75", "clear.for 1m -> 30s", "by[0] source removed", "by[1] mount removed",
    }  # fmt: skip
    assert found["levels[0].when > 80 -> > 76"].mutation.hint == "a value between 80 and 76, for 2m"
    assert found["levels[0].for 2m -> 3m"].mutation.hint == "a spell shorter than 3m, of 2m or more"
    assert found["levels[1].for 0s -> 1m"].mutation.hint == "a spell shorter than 1m"


def test_the_hints_are_true(tmp_path: Path):
    """Cases that follow them notice all that was not noticed."""
    text = """\
every: 30s
cases:
  - name: hints
    series:
      - {source: web-1, mount: /data, used_pct: 70x4 78x6 80x6 70x4 81x7 86 90 91 78x4 75x4 73x2 78 72x4}
      - {source: web-1, mount: /, used_pct: 70x44}
      - {source: web-2, mount: /, used_pct: 81x7 70x37}
    expect:
      - {at: 2m, what: raised, instance: {source: web-2}}
      - {at: 4m30s, what: cleared, instance: {source: web-2}}
      - {at: 12m, what: raised}
      - {at: 14m30s, what: escalated}
      - {at: 21m, what: cleared}
"""
    suite = load(write(tmp_path, text, RULE))
    (rule,) = suite.rules
    tried = [attempt(rule, each, suite.cases) for each in mutations(rule)]
    assert [str(each.mutation) for each in tried if not each.noticed] == []
