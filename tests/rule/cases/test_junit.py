"""JUnit XML, as CI systems read it."""

from pathlib import Path
from xml.etree import ElementTree

from minerlib.rule.cases import Outcome, junit, load, run

from .made import write

TEXT = """\
cases:
  - {name: quiet, series: {used_pct: 70x3}, expect: []}
  - {name: "wrong \\x01 <b>", series: {used_pct: 95x3}, expect: [{what: cleared}], perturb: [repeat, skew: {by: -9s}]}
"""


def read(folder: Path) -> ElementTree.Element:
    suite = load(write(folder, TEXT))
    found: list[Outcome] = [run(case) for case in suite.cases]
    return ElementTree.fromstring(junit({suite.file: found}))


def test_a_test_case_for_each_case_and_perturbation(tmp_path: Path):
    """Named, with file and line, a failure where it failed, and what was wrong in it."""
    (suite,) = read(tmp_path)
    assert (suite.get("tests"), suite.get("failures")) == ("4", "2")
    quiet, wrong, repeat, skew = suite
    assert (quiet.get("name"), quiet.get("line"), len(quiet)) == ("quiet", "2", 0)
    assert (wrong.get("name"), wrong.get("line")) == ("wrong \ufffd <b>", "3")
    assert wrong[0].get("message") == "1 expected and missing, 1 not expected"
    assert (wrong[0].text or "").splitlines() == ["- cleared", "+ 0s raised critical host-1 ~ at 95, line 90"]
    assert (repeat.get("name"), len(repeat)) == ("wrong \ufffd <b>, repeat", 0)
    assert (skew[0].get("message") or "").startswith("skew -9s changed what is said:")


def test_files_that_cannot_be_read_are_errors():
    """So that a CI system does not take the results of yesterday for those of today."""
    (suite,) = ElementTree.fromstring(junit({}, ["a.test.yaml:3:5: `name` is missing."]))
    (case,) = suite
    assert (suite.get("errors"), case.get("name")) == ("1", "a.test.yaml:3:5")
    assert case[0].get("message") == "`name` is missing."
