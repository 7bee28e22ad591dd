"""`minerlib rules`: the verbs about rules."""

import click

from minerlib.cli.verbs import Group

# verb: its module, its name there, and its line in the help
VERBS = {
    "list": ("rules_list", "list_", "The rules that hosts run now."),
    "withdraw": ("rules_list", "withdraw", "Take a rule back."),
    "check": ("rules_check", "check", "Every fault of rule files, and what looks wrong."),
    "schema": ("rules_schema", "schema", "The JSON Schema of a rule file, for editors."),
    "test": ("rules_test", "rules_test", "Run test files: events in, what the rule says out."),
    "backtest": ("rules_backtest", "backtest", "What a rule would have said of the past."),
    "compare": ("rules_compare", "compare", "What a new rule would say that the old one does not."),
    "why": ("rules_why", "why", "Why an alert was raised, or cleared."),
}


class Rules(Group):
    """The verbs about rules."""

    verbs = VERBS


@click.group(cls=Rules)
def rules() -> None:
    """Check and test rules, try them on the past, ask them why; list the exported ones, withdraw one.

    \b
    Example:
      minerlib rules check disk-filling.yaml
      minerlib rules test rules/
      minerlib rules backtest disk-filling.yaml --since 30d
      minerlib rules list
    """
