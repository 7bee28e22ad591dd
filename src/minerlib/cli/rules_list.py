"""`minerlib rules list` and `withdraw`: what is exported, and taking it back."""

import json

import click
from rich.console import Console
from rich.table import Table

from minerlib.deploy.export import read_rules
from minerlib.deploy.export import withdraw as withdraw_rule

_url = click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")


@click.command("list")
@_url
@_json
def list_(url: str | None, as_json: bool) -> None:
    """The rules that hosts run now.

    \b
    Example:
      minerlib rules list --json
    """
    found = read_rules(url).rules()
    if as_json:
        rows = [
            {"rule": r.name, "version": r.version, "scope": r.scope, "about": r.about, "fingerprint": r.fingerprint}
            for r in found
        ]
        click.echo(json.dumps(rows))
        return
    if not found:
        click.echo("No rule is exported. minerlib export RULE.yaml does it.")
        return
    table = Table(box=None, header_style="bold")
    for column in ("rule", "version", "scope", "fingerprint", "about"):
        table.add_column(column)
    for rule in found:
        table.add_row(rule.name, str(rule.version), rule.scope, rule.fingerprint[:12], rule.about)
    Console().print(table)


@click.command()
@click.argument("name")
@click.option("--scope", help="Which one, where several scopes have a rule of this name.")
@_url
@_json
def withdraw(name: str, scope: str | None, url: str | None, as_json: bool) -> None:
    """Take the rule NAME back. What it has raised is cleared.

    \b
    Example:
      minerlib rules withdraw disk-filling --scope acme.web.prod
    """
    receipt = withdraw_rule(name, scope, url)
    said = f"{receipt.rule} is withdrawn from {receipt.scope}."
    click.echo(json.dumps(receipt._asdict()) if as_json else said)
