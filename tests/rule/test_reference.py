"""docs/rules.md: what it shows is read, and what it calls planned is refused as such."""

import re
from pathlib import Path

from minerlib.rule import Rule
from minerlib.rule.transition import SEVERITIES

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text()
SMALL = 'rule: r\nkind: k\nmeasure: {of: v}\nlevels: [{severity: info, when: "> 1"}]\n'


def test_the_example_is_a_rule_with_every_key() -> None:
    """The page's document can be read, and the table tells each of its keys."""
    text = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert text
    rule = Rule.read(text[1])
    assert [level.severity for level in rule.levels] == ["warning", "critical"]
    table = "\n".join(line.split(" | ")[0] for line in PAGE.splitlines() if line.startswith("| `"))
    assert [key for key in re.findall(r"^(\w+):", text[1], re.M) if key != "act" and f"`{key}`" not in table] == []


def test_defaults_are_as_told() -> None:
    """`by`, `lateness`, `ahead`, `every` and the order of severities are what the page says."""
    rule = Rule.read(SMALL)
    assert (rule.by, rule.lateness, rule.ahead, rule.scope, rule.version) == (
        ("source",), 5_000_000, 60_000_000, "local.lab.dev", 1,
    )  # fmt: skip
    assert " < ".join(SEVERITIES) in PAGE
    window = Rule.read(SMALL.replace("{of: v}", "{of: v, agg: mean, over: 5m}"))
    assert window.measure is not None
    assert window.measure.every == 60_000_000
