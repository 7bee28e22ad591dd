"""`minerlib node`: the rule host."""

import threading
from collections.abc import Callable

import click

from minerlib import settings
from minerlib.nodes.host import run_host
from minerlib.nodes.program import run


@click.command()
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
def node(url: str | None) -> None:
    """Run every exported rule on every stream, until Ctrl-C.

    Alerts are events. Where it is, it keeps in .minerlib/node: stopped or killed, it goes on exactly there.

    \b
    Example:
      minerlib node
    """

    def main(url: str, stop: threading.Event, told: Callable[[str], None]) -> None:
        run_host(url, settings.state_dir() / "node", stop, told)

    run(main, url)
