"""`minerlib export`: a rule onto the bus."""

import json
from pathlib import Path

import click

from minerlib.deploy.export import export as export_rule
from minerlib.rule import Rule


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the rule, export nothing.")
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a sentence.")
def export(file: Path, dry_run: bool, url: str | None, as_json: bool) -> None:
    """Send the rule in FILE to every host; it replaces the one of its name and scope.

    \b
    Example:
      minerlib export disk-filling.yaml
    """
    rule = Rule.load(file)
    if dry_run:
        found = {"rule": rule.name, "version": rule.version, "scope": rule.scope, "fingerprint": rule.fingerprint}
        click.echo(
            json.dumps(found) if as_json else f"{file} is a rule: {rule.name} for {rule.scope}. Nothing exported."
        )
        return
    receipt = export_rule(rule, url)
    click.echo(json.dumps(receipt._asdict()) if as_json else str(receipt))
