"""The test file: what it says, and every fault of it at once."""

from pathlib import Path

import pytest

from minerlib.errors import RuleError, SettingError
from minerlib.event.moment import MINUTE, SECOND, rfc3339
from minerlib.rule.cases import find, load
from minerlib.rule.cases.document import settled

from .made import RULE, made, write


def faults(file: Path) -> list[str]:
    """The faults of a file, its path left out."""
    with pytest.raises(RuleError) as caught:
        load(file)
    return [fault.replace(f"{file.parent}/", "") for fault in caught.value.faults]


def test_series_and_literal_events_arrive_in_order(tmp_path: Path):
    """By the stream's clock; a series says what stays the same, when it begins, and how late it comes."""
    case = made(
        tmp_path,
        """\
    every: 30s
    series:
      - {source: web-1, mount: /data, used_pct: 70 _ ~, body: {disk: {size: 3}}}
      - {source: web-2, up: "'yes' _", load: _ 2, at: 10s, lag: 1s, kind: host.load}
    events: [{at: 15s, seen: 12s, body: {a: 1}, repeat: true}]
    expect: []
""",
    )
    told = [
        ((e.time - case.start) / SECOND, (e.seen - case.start) / SECOND, e.source, e.kind, e.body) for e in case.events
    ]
    assert told == [
        (0, 0, "web-1", "disk.usage", {"disk": {"size": 3}, "mount": "/data", "used_pct": 70}),
        (10, 11, "web-2", "host.load", {"up": "yes"}),
        (15, 12, "host-1", "disk.usage", {"a": 1}),
        (40, 41, "web-2", "host.load", {"load": 2}),
        (60, 60, "web-1", "disk.usage", {"disk": {"size": 3}, "mount": "/data", "used_pct": None}),
    ]
    assert [event.repeat for event in case.events] == [False, False, True, False, False]
    assert {event.scope for event in case.events} == {"acme.web.prod"}
    assert len({event.offset for event in case.events}) == 5


def test_a_number_is_a_series_of_one_step(tmp_path: Path):
    """Where it is the only one."""
    case = made(tmp_path, "    series: {source: web-1, mount: /data, used_pct: 95}\n    expect: []\n")
    assert [event.body for event in case.events] == [{"mount": "/data", "used_pct": 95}]


def test_the_clock_ends_when_all_is_said(tmp_path: Path):
    """By default so long behind the last step, be there an event or not, that all that follows from it is said."""
    case = made(tmp_path, "    series: {used_pct: 70x3 _x2}\n    expect: []\n")
    assert case.until - case.start == 5 * MINUTE + 2 * MINUTE + 1 * MINUTE + 5 * SECOND + SECOND
    rule = RULE.replace("{of: used_pct}", "{of: used_pct, agg: max, over: 5m}") + "missing: {after: 7m, then: alert}\n"
    case = made(tmp_path, "    series: {used_pct: 70}\n    expect: []\n", rule)
    assert settled(case.rules[0]) == (5 + 1 + 2 + 1 + 7) * MINUTE + 6 * SECOND


def test_what_all_cases_share_is_said_once(tmp_path: Path):
    """A case that says it too is heard itself."""
    text = """\
rule: disk.yaml
scope: acme.shop.test
start: 2026-03-02T08:00:00+01:00
every: 10s
until: 30m
perturb: [repeat]
cases:
  - {name: a, series: {used_pct: 1x2}, expect: []}
  - {name: b, series: {used_pct: 1x2}, expect: [], every: 1m, until: "2026-03-02T09:00:00Z", perturb: [], scope: a.b.c}
"""
    a, b = load(write(tmp_path, text)).cases
    assert rfc3339(a.start) == rfc3339(b.start) == "2026-03-02T07:00:00.000000Z"
    assert [case.events[1].time - case.start for case in (a, b)] == [10 * SECOND, MINUTE]
    assert [(case.until - case.start) / MINUTE for case in (a, b)] == [30, 120]
    assert [len(case.perturb) for case in (a, b)] == [1, 0]
    assert [case.scope for case in (a, b)] == ["acme.shop.test", "a.b.c"]


def test_a_case_begins_on_a_monday_at_midnight(tmp_path: Path):
    """Where nothing else is said, so that hours of the week are easy to count; wildcards of the scope are words."""
    case = made(tmp_path, "    series: {used_pct: 1}\n    expect: []\n", RULE.replace("acme.web.prod", "acme.*.*"))
    assert rfc3339(case.start) == "2024-01-01T00:00:00.000000Z"
    assert case.scope == "acme.any.any"


def test_every_fault_is_told_with_its_place(tmp_path: Path):
    """In order, each with what to write instead; those of the rule too."""
    text = """\
caes: []
cases:
  - nam: one
    every: 5
    series: {source: web-1, used_pct: 70 71y 9q, mount: /a}
    expext: []
  - name: b
    series: [{used_pct: 90y4}, 7, {a: 1x2, b: 1x3}]
    events: [{body: 3, at: 3, sen: 2s}, 7, {kind: a.*, at: 1m}, {}]
    until: tomorrow
    start: 2026-03-02T08:00:00
    scope: acme
    expect:
      - {at: 3m, what: risen, severity: warnin, instance: {mont: 3}, value: x, window: 3}
      - {when: 3m}
      - {ordinal: -1, at: 5}
      - raised
    perturb: [cut, {cut_at: 900}, {skew: {bye: 3s}}, {repeat: 3}, {shuffle_within: {within: 5, expect: x}}]
  - {name: b, expect: []}
  - c
"""
    told = faults(write(tmp_path, text))
    wanted = [
        (1, "did you mean `cases`"), (3, "`name` is missing"), (3, "`expect` is missing"), (3, "did you mean `name`"),
        (4, "write 5s, 5m or 5h"), (5, "`71y`, `9q` are no steps"), (6, "did you mean `expect`"),
        (8, "no field of this map is a series"), (8, "a series is a map"), (8, "`a` has 2, `b` has 3"),
        (9, "`at: 3` has no unit"), (9, "did you mean `seen`"), (9, "an event is a map"), (9, "one kind, not 'a.*'"),
        (9, "an event needs `at`"), (10, "`until: 'tomorrow'` is no duration"), (11, "no time with a zone"),
        (12, "scope 'acme'"), (14, "did you mean `raised`"), (14, "did you mean `warning`"),
        (14, "did you mean `mount`"), (14, "`value` is a number"), (14, "`window` is its two ends"),
        (15, "unknown key `when`"), (16, "from 0 on"),
        (16, "`at: 5` has no unit"), (17, "what is expected is a map"), (18, "did you mean `cut_at`"),
        (18, "write 1 to"), (18, "did you mean `by`"), (18, "`repeat` takes nothing"), (18, "`within: 5` has no unit"),
        (18, "same or changed"), (19, "in line 7, is called 'b' too"), (19, "needs `series` or `events`"),
        (20, "a case is a map"),
    ]  # fmt: skip
    for line, word in wanted:
        assert any(fault.startswith(f"disk.test.yaml:{line}:") and word in fault for fault in told), (line, word, told)
    assert len(told) == len(wanted), told
    assert told == sorted(told, key=lambda fault: [int(part) for part in fault.split(":")[1:3]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 3\n", "disk.test.yaml:1:1: a test file is a map with `cases`"),
        ("cases: []\n", "disk.test.yaml:1:1: a test file needs `cases`"),
        ("cases: 3\n", "disk.test.yaml:1:1: `cases` is a list"),
        (
            "rule: disk.yaml\nrules: [disk.yaml]\ncases: [{name: a, series: {v: 1}, expect: []}]\n",
            "disk.test.yaml:2:1: write either",
        ),
        (
            "rules: [disk.yaml, disk.yaml]\ncases: [{name: a, series: {v: 1}, expect: []}]\n",
            "disk.test.yaml:1:20: two of the rules",
        ),
        (
            "rule: dsk.yaml\ncases: [{name: a, series: {v: 1}, expect: []}]\n",
            "disk.test.yaml:1:1: there is no rule dsk.yaml",
        ),
        ("rule: 3\ncases: [{name: a, series: {v: 1}, expect: []}]\n", "disk.test.yaml:1:1: `rule` is a list"),
        ("cases: [\n", "disk.test.yaml:2"),
    ],
)
def test_a_file_that_is_no_test_file(tmp_path: Path, text: str, said: str):
    """One sentence each."""
    (told,) = faults(write(tmp_path, text))
    assert told.startswith(said)


def test_faults_of_the_rule_are_told_with_those_of_its_tests(tmp_path: Path):
    """A test file is not to be read without its rule, but both are looked through."""
    told = faults(
        write(tmp_path, "cases: [{nme: a, name: a, series: {v: 1}, expect: []}]\n", RULE.replace("kind:", "kin:"))
    )
    assert told[0].startswith("disk.test.yaml:1:")
    assert any(fault.startswith("disk.yaml:") and "did you mean `kind`" in fault for fault in told[1:])


def test_a_pattern_of_kinds_is_no_kind(tmp_path: Path):
    """An event needs one of its own."""
    rule = RULE.replace("disk.usage", "disk.*")
    (told,) = faults(write(tmp_path, "    series: {used_pct: 1}\n    expect: []\n", rule))
    assert told.startswith("disk.test.yaml:3:13: `kind` is missing")
    case = made(tmp_path, "    series: {used_pct: 1, kind: disk.io}\n    expect: []\n", rule)
    assert case.events[0].kind == "disk.io"


def test_test_files_are_found(tmp_path: Path):
    """Below a folder, hidden ones aside; a file is itself."""
    for name in ("b.test.yaml", "sub/a.test.yml", ".venv/c.test.yaml", "d.yaml", "e.test.yxml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [str(file.relative_to(tmp_path)) for file in find(tmp_path)] == ["b.test.yaml", "sub/a.test.yml"]
    assert find(tmp_path / "d.yaml") == [tmp_path / "d.yaml"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingError, match=r"No test file in .*empty: write one beside a rule"):
        find(tmp_path / "empty")
