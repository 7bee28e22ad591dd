"""`minerlib rules`: a group of verbs about rules, each in a module of its own that is loaded only when it is called."""

import importlib
from importlib.util import find_spec

import click

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


class Rules(click.Group):
    """A group whose commands are looked up in VERBS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [verb for verb, (module, _, _) in VERBS.items() if find_spec(f"minerlib.cli.{module}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module, attribute, _ = VERBS[cmd_name]
        return getattr(importlib.import_module(f"minerlib.cli.{module}"), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, VERBS[verb][2]) for verb in self.list_commands(ctx)])


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
