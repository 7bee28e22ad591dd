"""`minerlib rules schema`: what editors complete and check rule files by."""

import json

import click

from minerlib.rule.schema import schema as schema_of


@click.command()
@click.option("--json", "as_json", is_flag=True, help="On one line; it is JSON either way.")
def schema(as_json: bool) -> None:
    """The JSON Schema of a rule file: editors complete and check by it.

    \b
    Example:
      minerlib rules schema > rule.schema.json
    """
    click.echo(json.dumps(schema_of(), indent=None if as_json else 2))
