"""`minerlib demo`: the whole loop on this machine."""

import json
import signal
import sys

import click
from rich.console import Console


@click.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(20, 600), help="How long to watch first.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line; the story goes to standard error.")
def demo(seconds: int, as_json: bool) -> None:
    """From a live event to an alert and back, on this machine's own life, in three minutes.

    Starts a broker and the parts, watches, suggests a rule on the processor, proves it on what was seen, exports
    it, loads the processor until it alerts and waits until it clears; then shows that the archive says the same.

    \b
    Example:
      minerlib demo
      minerlib demo --json | tail -1
    """
    from minerlib.cli.story import Story

    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal ends it as cleanly as Ctrl-C
        signal.signal(number, signal.default_int_handler)
    console = Console(stderr=as_json, highlight=False)
    outcome = Story(console, seconds).tell()
    if as_json:
        click.echo(json.dumps(outcome.to_dict()))
    if not outcome.good:
        sys.exit(8)
