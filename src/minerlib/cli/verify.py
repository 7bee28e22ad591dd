"""`minerlib verify`: what the rules said live, beside what the archive says now."""

import json
import sys

import click
from rich.console import Console
from rich.table import Table


@click.command()
@click.option("--since", default="1d", show_default=True, help="How far back: 2h, 1d, or a moment.")
@click.option("--rule", help="Only this rule.")
@click.option("--scope", default="*.*.*", help="Only these streams; default all.")
@click.option("--publish", is_flag=True, help="Say it on the streams too, as the archiver does every night.")
@click.option("--archive", help="The archive; default MINERLIB_ARCHIVE, else ./archive.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def verify(since: str, rule: str | None, scope: str, publish: bool, archive: str | None, as_json: bool) -> None:
    """Fold the archive through every rule that ran, and compare with the alerts it published.

    Ends with 1 where a rule said live what the archive does not give, or the other way round. With --publish it is
    compared as far as the nodes say they have come, and said on each stream: node.verified, or alert.replay-differs.

    \b
    Example:
      minerlib verify --since 1d
      minerlib verify --rule disk-filling --json
    """
    from minerlib import settings
    from minerlib.archive import Archive
    from minerlib.bus.connect import broker_url
    from minerlib.bus.publish import Publisher
    from minerlib.event.moment import now, when
    from minerlib.nodes.replay import replay
    from minerlib.nodes.verified import verify_aloud

    begin, history = when(since, now()) or 0, Archive(archive)
    with Console(stderr=True).status("reading the archive") as status:

        def told(name: str) -> None:
            status.update(f"folding the archive through {name}")

        if publish:
            with Publisher(broker_url(), f"verify.{settings.source()}") as publisher:
                found = verify_aloud(history, publisher, begin, rule, told, scope)
        else:
            found = replay(history, rule, since=begin, told=told, scope=scope)
    if as_json:
        rows = [
            {
                "rule": run.rule, "scope": run.stream.scope, "epoch": run.stream.epoch, "fingerprint": run.fingerprint,
                "published": len(run.published), "missing": run.missing, "extra": run.extra, "equal": run.equal,
            }
            for run in found
        ]  # fmt: skip
        click.echo(json.dumps(rows))
    elif not found:
        click.echo(f"No rule ran since {since}{f' by the name of {rule}' if rule else ''}: nothing to compare.")
    else:
        table = Table(box=None, header_style="bold")
        for column in ("rule", "scope", "said", "replay"):
            table.add_column(column)
        for run in found:
            wrong = f"[red]{len(run.missing)} missing, {len(run.extra)} extra[/]"
            said = "equals live [green]✓[/]" if run.equal else wrong
            table.add_row(run.rule, run.stream.scope, str(len(run.published)), said)
        Console().print(table)
        for run in found:
            for what, ids in (("only the archive gives", run.missing), ("only live was said", run.extra)):
                for each in ids[:10]:
                    click.echo(f"{run.rule}: {what} {each}")
    sys.exit(0 if all(run.equal for run in found) else 1)
