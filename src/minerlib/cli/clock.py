"""`minerlib clock`: ticks, and environments for events that have none."""

import threading
from collections.abc import Callable
from functools import partial

import click

from minerlib import settings
from minerlib.event.key import check_scope
from minerlib.nodes.clock import run_clock
from minerlib.nodes.crew import Crew
from minerlib.nodes.program import run
from minerlib.nodes.unrouted import run_unrouted


@click.command()
@click.option(
    "--scope", "scopes", multiple=True, help="A company.system.environment to declare; default MINERLIB_SCOPE."
)
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
def clock(scopes: tuple[str, ...], url: str | None) -> None:
    """Tick once a second into every stream, until Ctrl-C.

    Declares the exchange and the streams that are missing, and makes an environment of every one that somebody
    publishes to. More clocks than one do no harm.

    \b
    Example:
      minerlib clock --scope acme.web.prod
    """
    wanted = [check_scope(scope) for scope in scopes or (settings.scope(),)]

    def main(url: str, stop: threading.Event, told: Callable[[str], None]) -> None:
        source = settings.source()
        with Crew(stop) as crew:
            unrouted = partial(run_unrouted, url, source, stop, told)
            run_clock(url, source, wanted, stop, told, ready=partial(crew.run, "unrouted", unrouted))

    run(main, url)
