"""A group of verbs, each in a module of its own that is loaded only when it is called."""

import importlib
from collections.abc import Mapping

import click

Verbs = Mapping[str, tuple[str, str, str]]  # verb: its module, its name there, its line in the help


class Group(click.Group):
    """A group whose commands are looked up in `verbs`, which an inheriting class gives."""

    verbs: Verbs = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.verbs:
            return None
        module, attribute, _ = self.verbs[cmd_name]
        return getattr(importlib.import_module(f"minerlib.cli.{module}"), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, _, line) in self.verbs.items()])
