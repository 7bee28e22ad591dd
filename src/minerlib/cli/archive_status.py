"""`minerlib archive status`: the streams in SQLite, the kinds in Delta."""

import json

import click
from rich import filesize
from rich.console import Console
from rich.table import Table

from minerlib.cli.past import archive_option, json_option


@click.command()
@archive_option
@json_option("tables")
def status(archive: str | None, as_json: bool) -> None:
    """What the archive has of each stream and of each kind, and how large it is.

    \b
    Example:
      minerlib archive status
      minerlib archive status --json
    """
    from minerlib.archive import Archive
    from minerlib.archive.status import status as status_of

    path = Archive(archive).path
    with Console(stderr=True).status("looking at the archive"):
        found = status_of(path)
    if as_json:
        sides = {"streams": found.streams, "kinds": found.kinds}
        click.echo(json.dumps({name: [each._asdict() for each in some] for name, some in sides.items()}))
        return
    if not found.streams and not found.kinds:
        click.echo(f"No event is in {path} yet: minerlib up archives what happens, minerlib load takes files.")
        return
    streams = _table("stream", "up to", "offset", "not sealed", "lost", "days", "size")
    for each in found.streams:
        lost = f"[red]{each.gone:,}[/]" if each.gone else "0"
        at = "" if each.offset is None else f"{each.offset:,}"
        size = filesize.decimal(each.bytes)
        streams.add_row(each.scope, _short(each.seen), at, f"{each.unsealed:,}", lost, f"{each.days:,}", size)
    kinds = _table("kind", "sealed", "first", "last", "files", "size", "bytes an event")
    for each in found.kinds:
        share = f"{each.bytes / each.events:,.0f}" if each.events else ""
        size = filesize.decimal(each.bytes)
        kinds.add_row(each.kind, f"{each.events:,}", each.first, each.last, f"{each.files:,}", size, share)
    console = Console()
    for table in (streams, kinds):
        if table.row_count:
            console.print(table)
    size = sum(each.bytes for each in (*found.streams, *found.kinds))
    events = sum(each.unsealed for each in found.streams) + sum(each.events for each in found.kinds)
    click.echo(f"{events:,} events, {filesize.decimal(size)} in {path}")


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for at, column in enumerate(columns):
        text = at == 0 or column in ("up to", "first", "last")
        table.add_column(column, justify="left" if text else "right", no_wrap=at > 0)
    return table


def _short(moment: str) -> str:
    return moment[:19].replace("T", " ")
