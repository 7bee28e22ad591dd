"""`minerlib rules why`: what was observed, compared and waited for."""

import json
from pathlib import Path

import click

from minerlib.cli.past import archive_option, file_type, following, json_option, open_archive, since_option
from minerlib.rule import Rule
from minerlib.rule import backtest as fold
from minerlib.rule import why as ask


@click.command()
@click.argument("alert_id")
@click.option("--rule", "file", type=file_type, help="Ask a backtest of this rule instead of what its host said.")
@since_option
@archive_option
@json_option("text")
def why(alert_id: str, file: Path | None, since: str | None, archive: str | None, as_json: bool) -> None:
    """Say why the alert ALERT_ID was raised, cleared, or what else it says; its first characters are enough.

    The id is in the body of the alert's event. With --rule it is one out of a backtest of that rule, which has to begin
    where that backtest did (--since).

    \b
    Example:
      minerlib rules why 1f3c9a20
      minerlib rules why 1f3c9a20 --rule disk-filling.yaml --since 30d
    """
    rule = Rule.load(file) if file else None
    history = open_archive(archive, *([rule] if rule else []))
    if rule:
        with following(rule.name) as progress:
            found = fold(rule, history, since, progress=progress).why(alert_id)
    else:
        found = ask(alert_id, history)
    click.echo(json.dumps(found.to_dict()) if as_json else str(found))
