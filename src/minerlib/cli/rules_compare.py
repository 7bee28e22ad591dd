"""`minerlib rules compare`: two rules over the same past."""

import json
from pathlib import Path

import click

from minerlib.cli.past import (
    archive_option,
    file_type,
    following,
    json_option,
    open_archive,
    since_option,
    until_option,
)
from minerlib.rule import Rule
from minerlib.rule import compare as fold


@click.command()
@click.argument("old", type=file_type)
@click.argument("new", type=file_type)
@since_option
@until_option
@archive_option
@json_option("text")
def compare(old: Path, new: Path, since: str | None, until: str | None, archive: str | None, as_json: bool) -> None:
    """Fold the rules in the files OLD and NEW over the archive, and say which alerts stay, which are gone or new.

    Alerts are the same where they are about the same instance and overlap in time.

    \b
    Example:
      minerlib rules compare disk-filling.yaml disk-filling-new.yaml --since 30d
    """
    first, second = Rule.load(old), Rule.load(new)
    history = open_archive(archive, first, second)
    with following(f"{first.name} and {second.name}") as progress:
        found = fold(first, second, history, since, until, progress)
    click.echo(json.dumps(found.to_dict()) if as_json else str(found))
