"""`minerlib up`: everything a workbench needs, until Ctrl-C."""

import click

from minerlib import settings
from minerlib.bus import broker
from minerlib.bus.connect import shown
from minerlib.nodes.parts import COMMANDS, Parts, available
from minerlib.nodes.program import tell, until_stopped


@click.command()
@click.option("--url", help="Your broker; default MINERLIB_BROKER_URL, else a private one is started.")
@click.option("--without", "left_out", multiple=True, type=click.Choice(list(COMMANDS)), help="A part not to run.")
def up(url: str | None, left_out: tuple[str, ...]) -> None:
    """Run clock, archiver, collectors (readings, processes, the journal) and rules, until Ctrl-C.

    \b
    Example:
      minerlib up
      export MINERLIB_BROKER_URL=amqps://me:secret@rabbit.acme.com/ops
      minerlib up --without journal
    """
    stop = until_stopped()
    mine = not url and broker.running_url() is None
    where = url or broker.start()
    names = tuple(name for name in available() if name not in left_out)
    try:
        with Parts(where, names) as parts:
            tell(f"Running {', '.join(names)} on {shown(where)}; archive in {settings.archive_dir()}. Ctrl-C ends it.")
            parts.watch(stop, tell)
            tell("Stopping.")
    finally:
        if mine:
            broker.stop()
