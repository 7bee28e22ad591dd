"""Editing a rule's text keeps what its author wrote around it."""

from pathlib import Path

import pytest

from minerlib.errors import RuleError
from minerlib.rule.edit import Draft

TEXT = """\
# Written after the outage of March.
rule: disk-filling   # the name on the pager
kind: disk.usage
measure:
  of: 'used_pct'     # per cent
  agg: max
  over: 5m
levels:
  # night shift agreed to this one
  - {severity: warning, when: "> 80", for: 10m}
  - {severity: critical, when: "> 90"}
clear: {when: "< 75"}
"""


def test_a_change_changes_one_line():
    """Comments, order and quotes of everything else stay."""
    draft = Draft(TEXT)
    draft["levels", 0, "when"] = "> 85"
    assert str(draft) == TEXT.replace("> 80", "> 85")
    assert draft.rule().levels[0].when.number == 85
    assert draft["levels", 0, "when"] == "> 85"


def test_keys_come_and_go():
    """A new one stands at the end, one that goes takes nothing else along."""
    draft = Draft(TEXT)
    draft["missing"] = {"after": "5m", "then": "alert"}
    del draft["clear"]
    assert draft.rule().missing is not None
    assert draft.rule().clear is None
    assert str(draft).startswith("# Written after the outage of March.\nrule: disk-filling   # the name on the pager\n")
    assert "# night shift agreed to this one" in str(draft)


def test_what_is_no_rule_is_not_taken():
    """The draft stays as it was, and the faults are named."""
    draft = Draft(TEXT)
    with pytest.raises(RuleError, match="did you mean `mean`"):
        draft["measure", "agg"] = "maen"
    assert str(draft) == TEXT
    with pytest.raises(RuleError, match="`kind` is missing"):
        del draft["kind"]
    with pytest.raises(KeyError, match="no 'ratio'"):
        del draft["measure", "ratio"]
    with pytest.raises(KeyError, match="no 7"):
        draft["levels", 7, "when"] = "> 1"
    assert str(draft) == TEXT


def test_a_file(tmp_path: Path):
    """Read, changed, written back."""
    file = tmp_path / "rule.yaml"
    file.write_text(TEXT)
    draft = Draft.load(file)
    draft["measure", "over"] = "10m"
    file.write_text(str(draft))
    assert file.read_text() == TEXT.replace("over: 5m", "over: 10m")
