"""`minerlib rules test`: what it prints, writes and ends with."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from minerlib.cli.rules_test import rules_test
from minerlib.errors import RuleError, SettingError

ROOT = Path(__file__).parents[2]
RULE = """\
rule: hot
kind: cpu.usage
measure: {of: used}
levels: [{severity: warning, when: "> 80"}]
"""
GOOD = """\
cases:
  - name: is quiet
    series: {used: 70x3}
    expect: []
  - name: heats up
    series: {used: 70 95 70}
    expect: [{at: 1m, what: raised}, {at: 2m, what: cleared}]
    perturb: [cut_at, repeat]
"""
BAD = GOOD.replace("at: 2m", "at: 3m")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a rule and its tests, which is the current one."""
    monkeypatch.chdir(tmp_path)
    Path("hot.yaml").write_text(RULE)
    Path("hot.test.yaml").write_text(GOOD)
    return tmp_path


def call(*words: str) -> Result:
    done = CliRunner().invoke(rules_test, words)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_line_a_case_then_what_was_never_shown():
    """All that passes is told in a few lines."""
    done = call()
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "ok   hot.test.yaml:2 is quiet",
        "ok   hot.test.yaml:5 heats up  (cut_at, repeat)",
        "",
        "hot: 2 of 2 transitions happened",
        "2 cases: all pass",
    ]


def test_a_failing_case_shows_the_difference():
    """And ends with 1."""
    Path("hot.test.yaml").write_text(BAD)
    done = call("hot.test.yaml")
    assert done.exit_code == 1
    assert done.output.splitlines()[1:] == [
        "FAIL hot.test.yaml:5 heats up",
        "         1m raised warning host-1 at 95, line 80",
        "       + 2m cleared warning host-1 at 70, line 80",
        "       - 3m cleared   <- at is 2m",
        "",
        "hot: 2 of 2 transitions happened",
        "2 cases: 1 failed",
    ]


def test_a_failing_perturbation_is_named():
    """With what it changed."""
    Path("hot.test.yaml").write_text(GOOD.replace("repeat", "skew: {by: -9s}"))
    done = call()
    assert done.exit_code == 1
    assert "       skew -9s changed what is said:\n         - 1m raised warning host-1 at 95, line 80\n" in done.output


def test_a_case_that_tests_nothing_says_so():
    """It passes; it is to be looked at."""
    Path("hot.test.yaml").write_text(GOOD.replace("used: 70x3", "used: 99x3, kind: gpu.usage"))
    assert "ok   hot.test.yaml:2 is quiet  (no event selected)" in call().output


def test_mutations_that_nobody_notices_are_told():
    """They fail only when they are to."""
    done = call("--mutate")
    assert done.exit_code == 0
    told = done.output.splitlines()
    assert "hot: 2 of 6 mutations noticed (33%)" in told
    at = told.index("  no test noticed: levels[0].when > 80 -> >= 80")
    assert told[at + 1] == "    would show it: a value of exactly 80"
    assert call("--mutate", "--strict").exit_code == 1
    Path("hot.test.yaml").write_text(
        GOOD.replace("used: 70x3", "used: 78 80x3 82 80x2").replace("expect: []", "expect: [{at: 4m}, {at: 5m}]")
        + "  - {name: two, series: [{source: a, used: 95x3}, {source: b, used: 70x3}], expect: [{at: 0}]}\n"
        + "  - {name: short, every: 1s, series: {used: 95x50 70}, expect: [{at: 0}, {at: 50s}]}\n"
    )
    done = call("--mutate", "--strict")
    assert "hot: 6 of 6 mutations noticed (100%)" in done.output, done.output
    assert done.exit_code == 0


def test_strict_needs_mutations():
    """Alone it would look as if it did something."""
    assert call("--strict").exit_code == 2


def test_what_fails_is_not_mutated():
    """Every mistake would be noticed."""
    Path("hot.test.yaml").write_text(BAD)
    done = call("--mutate")
    assert done.exit_code == 1
    assert "Nothing was mutated" in done.output
    assert "noticed (" not in done.output


def test_json_says_all_of_it():
    """One object."""
    Path("hot.test.yaml").write_text(BAD)
    done = call("--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert [(case["case"], case["passed"]) for case in told["cases"]] == [("is quiet", True), ("heats up", False)]
    wrong = told["cases"][1]
    assert (wrong["file"], wrong["line"], wrong["missing"]) == ("hot.test.yaml", 5, [7])
    assert [each["what"] for each in wrong["unexpected"]] == ["cleared"]
    assert wrong["perturbations"][0] == {"perturbation": "cut_at", "passed": True, "said": ""}
    assert told["coverage"] == [{"rule": "hot", "happened": ["warning raised", "cleared"], "never": []}]
    assert (told["passed"], "mutations" in told) == (False, False)
    Path("hot.test.yaml").write_text(GOOD)
    found = json.loads(call("--json", "--mutate").output)["mutations"]
    assert {"rule": "hot", "where": "by[0]", "was": "source", "now": None, "noticed": None} | found[-1] == found[-1]
    assert "hot.test.yaml:5 heats up" in {each["noticed"] for each in found}


def test_junit_is_written_where_it_is_wanted():
    """Folders are made; a file that cannot be read is an error in it."""
    assert call("--junit", "out/hot.xml").exit_code == 0
    assert len(ElementTree.parse("out/hot.xml").findall(".//testcase")) == 4
    Path("hot.test.yaml").write_text("cases: 3\n")
    with pytest.raises(RuleError):
        call("--junit", "out/hot.xml")
    assert len(ElementTree.parse("out/hot.xml").findall(".//testcase/error")) == 1


def test_faults_of_all_files_are_told_at_once():
    """Before anything is run."""
    Path("b.test.yaml").write_text("cases: 3\n")
    Path("a.test.yaml").write_text("case: 3\nrule: hot.yaml\n")
    with pytest.raises(RuleError) as caught:
        call()
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["a.test.yaml", "b.test.yaml", "b.test.yaml"]


def test_no_test_file_is_a_fault(here: Path):
    """Not a success."""
    (here / "sub").mkdir()
    with pytest.raises(SettingError, match="No test file in sub"):
        call("sub")
    assert call("nowhere").exit_code == 2


def test_the_page_about_test_files_is_true(here: Path):
    """Its rule and its test file run, and print what it says they do; each mistake is noticed."""
    page = (ROOT / "docs" / "rule-tests.md").read_text()
    rule, tests = re.findall(r"```yaml\n(.*?)```", page, re.S)[:2]
    (here / "page").mkdir()
    (here / "page" / "disk-filling.yaml").write_text(rule)
    (here / "page" / "disk-filling.test.yaml").write_text(tests)
    done = call("page", "--mutate", "--strict")
    assert done.exit_code == 0, done.output
    told = re.search(r"```text\n(.*?)```", page, re.S)
    assert told
    assert done.output.replace("page/", "") == told[1]
