"""`minerlib collect`: one collector."""

import json
import os
import runpy
import sys

import click
from rich.console import Console
from rich.table import Table

from minerlib.nodes.collectors import collectors, find_collector


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def collect(name: str | None, arguments: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """Run one collector until Ctrl-C; without a NAME, list them.

    A collector is a short program, in the folder collectors/; ARGUMENTS are its own, --help too.

    \b
    Example:
      minerlib collect
      minerlib collect host
      minerlib collect collectd --exchange amq.topic --key 'collectd.#'
    """
    if name in ("-h", "--help"):
        click.echo(click.get_current_context().get_help())
        return
    if name is None:
        found = collectors()
        if as_json:
            click.echo(json.dumps(found))
            return
        table = Table(box=None, header_style="bold")
        table.add_column("collector")
        table.add_column("what it does")
        for each, says in found.items():
            table.add_row(each, says)
        Console().print(table)
        return
    path = find_collector(name)
    if url:
        os.environ["MINERLIB_BROKER_URL"] = url
    sys.argv = [str(path), *arguments]
    runpy.run_path(str(path), run_name="__main__")
