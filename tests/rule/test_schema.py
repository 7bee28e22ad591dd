"""The schema for editors: what reads is valid, and what it refuses does not read."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from test_document import FULL

from minerlib.errors import RuleError
from minerlib.rule import Rule
from minerlib.rule.schema import schema

VALIDATOR = jsonschema.Draft202012Validator(schema())
DOCS = Path(__file__).parents[2] / "docs"
BASE: dict[str, Any] = {
    "rule": "r",
    "kind": "k",
    "measure": {"of": "v"},
    "levels": [{"severity": "info", "when": "> 1"}],
}


def test_it_is_a_schema():
    """By its own standard."""
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("text", [FULL, *re.findall(r"```yaml\n(rule:.*?)```", (DOCS / "rules.md").read_text(), re.S)])
def test_what_reads_is_valid(text: str):
    """As it was written, and with all defaults written out."""
    assert list(VALIDATOR.iter_errors(YAML(typ="safe").load(text))) == []
    assert list(VALIDATOR.iter_errors(Rule.read(text).to_dict())) == []


@pytest.mark.parametrize(
    "more",
    [
        {"levles": []}, {"rule": "Disk Full"}, {"kind": "a..b"}, {"scope": "acme"}, {"scope": "*.a.b"}, {"lateness": 5},
        {"lateness": "5 minutes"}, {"measure": {"of": "v", "agg": "maen", "over": "5m"}}, {"measure": {"agg": "count"}},
        {"measure": {}}, {"levels": [{"severity": "warnin", "when": "> 1"}]}, {"levels": [{"severity": "info"}]},
        {"levels": [{"severity": "info", "when": "above 1"}]}, {"missing": {"then": "hold"}}, {"flap": {"most": 1}},
        {"missing": {"after": "5m", "then": "hodl"}}, {"instances": 0}, {"usual": {}}, {"act": {"run": "reboot"}},
        {"usual": {"shared": {"centre": [1, 2], "spread": [1]}}}, {"budget": {"per_day": 0}}, {"version": 0},
    ],
)  # fmt: skip
def test_what_it_refuses_does_not_read(more: dict[str, Any]):
    """No editor underlines what is a rule."""
    document = BASE | more
    assert list(VALIDATOR.iter_errors(document)) != []
    with pytest.raises(RuleError):
        Rule.from_dict(document)
