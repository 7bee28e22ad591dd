"""The command `minerlib`: its verbs, each in a module of its own that is loaded only when it is called."""

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from minerlib.errors import MinerlibError

# verb: where it is, and its line in the help (so that --help loads none of them)
VERBS = {
    "demo": ("minerlib.cli.demo:demo", "The whole loop on this machine, in three minutes."),
    "lab": ("minerlib.cli.lab:lab", "JupyterLab on the first notebook, with everything running behind it."),
    "up": ("minerlib.cli.up:up", "Run clock, archiver, collectors and rules until Ctrl-C."),
    "tap": ("minerlib.cli.tap:tap", "Watch events live, from any AMQP broker and exchange."),
    "load": ("minerlib.cli.load:load", "Take a CSV, NDJSON or Parquet file into the archive."),
    "send": ("minerlib.cli.send:send", "Publish lines of text, JSON or CSV as events."),
    "replay": ("minerlib.cli.replay:replay", "Publish what was archived once more, into a scratch environment."),
    "query": ("minerlib.cli.query:query", "Ask the archive in SQL: a table, CSV, JSON or Parquet."),
    "mine": ("minerlib.cli.mine:mine", "Mine the past: trends, seasons, gaps, talkers; suggest a rule."),
    "export": ("minerlib.cli.export:export", "Send a rule to the machines that run rules."),
    "rules": ("minerlib.cli.rules:rules", "Test rules; list the exported ones, withdraw one."),
    "archive": ("minerlib.cli.archive:archive", "How the archive stands; keep it in order, verify, repair, copy it."),
    "verify": ("minerlib.cli.verify:verify", "Compare what the rules said live with what the archive gives."),
    "node": ("minerlib.cli.node:node", "Run the exported rules; raise their alerts."),
    "clock": ("minerlib.cli.clock:clock", "Tick into every stream; declare what is missing."),
    "collect": ("minerlib.cli.collect:collect", "Run one collector."),
    "decode": ("minerlib.cli.decode:decode", "See what a bridge would make of captured messages."),
    "broker": ("minerlib.cli.broker:broker", "The private RabbitMQ: start, stop, status, url. Any: survey."),
}


class Verbs(click.Group):
    """A group whose commands are looked up in VERBS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module, attribute = VERBS[cmd_name][0].split(":")
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, line) for verb, (_, line) in VERBS.items()])

    def main(self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Errors of ours are one sentence on stderr and their own exit code; Ctrl-C ends with 130."""
        if not standalone_mode:
            return super().main(args, *rest, standalone_mode=False, **extra)
        code: object = 0
        try:
            code = super().main(args, *rest, standalone_mode=False, **extra)
        except MinerlibError as error:
            _end(str(error), error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _end("", 130)
        except BrokenPipeError:  # the reader of our output has gone, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)
        sys.exit(code if isinstance(code, int) else 0)


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="minerlib", message="minerlib %(version)s")
def cli() -> None:
    """Watch events live, mine the past, turn what was learnt into a rule, let the rule alert.

    \b
    Example:
      minerlib demo                     the whole loop in three minutes
      minerlib up                       keep what this machine says
      minerlib tap 'cpu.#'              watch some of it
      minerlib query 'from cpu_usage'   look at what was kept
      minerlib mine profile cpu.usage   find out what it does
      minerlib COMMAND --help           more about one of them

    Settings are environment variables: MINERLIB_BROKER_URL, MINERLIB_ARCHIVE, MINERLIB_STATE.
    """


def _end(said: str, code: int) -> None:
    if said:
        click.echo(said, err=True)
    sys.exit(code)
