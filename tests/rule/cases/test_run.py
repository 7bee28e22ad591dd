"""Running a case: the complete list, any subset of fields, and a difference that people can read."""

from pathlib import Path

import pytest

from minerlib.rule.cases import load, run

from .made import RULE, made, ran, write

SERIES = "70 81+1x4 92 92 70 70"  # above 80 from 1m on, above 90 at 5m and 6m, below 75 at 7m and 8m


def test_a_complete_list_passes(tmp_path: Path):
    """Whatever is said of each transition, and however little."""
    done = ran(tmp_path, SERIES, "at: 3m, what: raised", "severity: critical", "what: cleared, was: clearing")
    assert done.passed, done.diff
    assert done.selected == 9
    assert [transition.what for transition in done.transitions] == ["raised", "escalated", "cleared"]
    assert done.diff == [
        "  3m raised warning web-1 /data at 83, line 80",
        "  5m escalated critical web-1 /data at 92, line 90",
        "  8m cleared critical web-1 /data at 70, line 75",
    ]


def test_every_field_may_be_said(tmp_path: Path):
    """Numbers to 9 digits, an instance by some of its names, a window by its ends after the start."""
    rule = RULE.replace("{of: used_pct}", "{of: used_pct, agg: mean, over: 2m, every: 1m}")
    first = (
        "at: 3m, what: raised, severity: warning, instance: {mount: /data}, reason: value, was: pending, now: firing, "
        "value: 90.00000000001, threshold: 80, window: [1m, 3m], ordinal: 0, rule: disk-filling"
    )
    done = ran(tmp_path, "80 82 90x2", first, more="    until: 4m\n", rule=rule)
    assert done.passed, done.diff
    for field, other in [
        ("at: 3m", "at: 4m"), ("what: raised", "what: escalated"), ("y: warning", "y: critical"), ("/data", "/"),
        ("n: value", "n: missing"), ("pending", "ok"), ("firing", "ok"), ("90.00000000001", "90.0001"), ("80", "81"),
        ("[1m", "[2m"), ("ordinal: 0", "ordinal: 1"), ("90.00000000001", "~"),
    ]:  # fmt: skip
        done = ran(tmp_path, "80 82 90x2", first.replace(field, other), more="    until: 4m\n", rule=rule)
        assert (len(done.missing), len(done.unexpected)) == (1, 1), other


def test_what_is_not_listed_fails(tmp_path: Path):
    """With a `+`, among what agrees."""
    done = ran(tmp_path, SERIES, "what: raised", "what: cleared")
    assert not done.passed
    assert done.missing == []
    assert [transition.what for transition in done.unexpected] == ["escalated"]
    assert done.diff[1] == "+ 5m escalated critical web-1 /data at 92, line 90"
    assert [line[0] for line in done.diff] == [" ", "+", " "]


def test_what_did_not_happen_fails(tmp_path: Path):
    """With a `-`, where it should have been; what is nearly right is told apart from what is not there."""
    done = ran(
        tmp_path,
        SERIES,
        "at: 2m, what: raised, severity: warning",
        "what: escalated",
        "at: 9m, what: raised",
        "what: cleared",
    )
    assert not done.passed
    assert [wanted.line for wanted in done.missing] == [5, 7]
    assert done.diff == [
        "- 2m raised warning   <- at is 3m",
        "+ 3m raised warning web-1 /data at 83, line 80",
        "  5m escalated critical web-1 /data at 92, line 90",
        "- 9m raised   <- at is 3m",
        "  8m cleared critical web-1 /data at 70, line 75",
    ]


def test_what_is_expected_is_told_in_its_own_words(tmp_path: Path):
    """All that it says, and nothing else."""
    done = ran(
        tmp_path, "70", "at: 21m, what: raised, instance: {source: web-1, mount: ~}, value: 3, window: [16m, 21m]"
    )
    assert done.diff == ["- 21m raised web-1 ~ (value: 3, window: [16m, 21m])"]


def test_the_order_counts(tmp_path: Path):
    """What is said of one instance is listed as it is said."""
    done = ran(tmp_path, SERIES, "what: escalated", "what: raised", "what: cleared")
    assert (len(done.missing), len(done.unexpected)) == (1, 1)


@pytest.mark.parametrize("order", [("web-1", "web-2"), ("web-2", "web-1")])
def test_instances_may_be_listed_in_any_order(tmp_path: Path, order: tuple[str, str]):
    """Those that speak at the same instant, where it is said."""
    text = "    series: [{source: web-1, used_pct: 95}, {source: web-2, used_pct: 95}]\n    expect:\n"
    text += "".join(f"      - {{at: 0, what: raised, instance: {{source: {source}}}}}\n" for source in order)
    assert run(made(tmp_path, text)).passed


def test_one_instance_has_an_order_within_an_instant(tmp_path: Path):
    """Cleared before raised."""
    rule = RULE.replace('clear: {when: "< 75", for: 1m}', 'clear: {when: "> 94"}')
    series = "93 95"
    right = ("at: 0, what: raised", "at: 1m, what: cleared", "at: 1m, what: raised")
    assert ran(tmp_path, series, *right, rule=rule).passed
    assert not ran(tmp_path, series, right[0], right[2], right[1], rule=rule).passed


def test_an_empty_instance_is_the_whole(tmp_path: Path):
    """It does not stand for any."""
    assert not ran(tmp_path, "95", "what: raised, instance: {}").passed
    assert ran(tmp_path, "95", "what: raised, instance: {source: web-1}").passed


def test_what_became_of_events_is_told(tmp_path: Path):
    """Late, ahead, null, repeated, faulty: what an analyst looks for when nothing happens."""
    text = """\
    series: {source: web-1, used_pct: 95 ~, lag: 10s}
    events:
      - {at: 9m, seen: 1m, body: {used_pct: ~}}
      - {at: 1m, body: {used_pct: 95}, repeat: true}
      - {at: 2m, body: {used_pct: "95"}}
    expect: [what: raised]
"""
    done = run(made(tmp_path, text))
    assert done.notes == [
        "disk-filling: 2 of 5 events came more than `lateness` after their time, and were not evaluated",
        "disk-filling: 1 of 5 events were more than `ahead` before the clock, and taken for what happened then",
        "disk-filling: 1 of 5 events had no number to observe",
        "disk-filling: 1 of 5 events were repeats",
        "disk-filling: 1 of 5 events were faults: `used_pct`: text is no number",
    ]
    done = run(made(tmp_path, "    series: {used_pct: 95, kind: disk.used}\n    expect: []\n"))
    assert done.passed
    assert done.selected == 0
    assert done.notes == ["disk-filling selected none of the 1 events: is the kind 'disk.usage' right?"]


def test_several_rules_speak_in_order_of_time(tmp_path: Path):
    """Each of all events; which one it was may be said."""
    text = """\
rules: [disk.yaml, full.yaml]
cases:
  - name: it
    series: {source: web-1, used_pct: 95 99}
    expect:
      - {at: 0, what: raised, rule: disk-filling}
      - {at: 1m, what: raised, rule: full}
"""
    (tmp_path / "full.yaml").write_text(
        'rule: full\nkind: disk.usage\nmeasure: {of: used_pct}\nlevels: [{severity: info, when: "> 98"}]\n'
    )
    (case,) = load(write(tmp_path, text)).cases
    assert run(case).passed
    swapped = write(
        tmp_path,
        text.replace("disk-filling}", "full}").replace("1m, what: raised, rule: full", "1m, rule: disk-filling"),
    )
    assert len(run(load(swapped).cases[0]).missing) == 2
