"""`minerlib broker`: the private RabbitMQ of this directory."""

import json
from dataclasses import asdict

import click

from minerlib.bus import broker as private
from minerlib.bus.private import MB
from minerlib.cli.broker_survey import survey
from minerlib.errors import BrokerUnreachable
from minerlib.settings import given_broker_url

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")


@click.group()
def broker() -> None:
    """The private RabbitMQ in .minerlib/broker: start it, stop it, see how it is.

    It listens on this machine only, has a user and a password of its own, and outlives the command that started it.
    With MINERLIB_BROKER_URL set that broker is used, and nothing is started or stopped here.

    \b
    Example:
      minerlib broker start
      minerlib broker status
      minerlib broker survey
      amqp-publish --url "$(minerlib broker url)" -e events -r local.lab.dev.desk.note -b '{"text": "hello"}'
    """


@broker.command()
@as_json
def start(as_json: bool) -> None:
    """Start it, unless it runs already (5 seconds)."""
    if given_broker_url():
        _tell({"started": False, "given": True}, "MINERLIB_BROKER_URL is set: that broker is used.", as_json)
        return
    before = private.status().running
    private.start()
    now = private.status()
    said = f"The broker runs: RabbitMQ {now.version} on 127.0.0.1:{now.port}, process {now.pid}."
    _tell({"started": not before, **asdict(now)}, said, as_json)


@broker.command()
@as_json
def stop(as_json: bool) -> None:
    """Stop it, and its epmd. What is in its streams stays."""
    if given_broker_url():
        _tell({"stopped": False, "given": True}, "MINERLIB_BROKER_URL is set: that broker is left alone.", as_json)
        return
    stopped = private.stop()
    _tell({"stopped": stopped}, "The broker is stopped." if stopped else "No broker was running.", as_json)


@broker.command()
@as_json
def status(as_json: bool) -> None:
    """Whether it runs and answers; ends with 3 where it does not."""
    if given_broker_url():
        _tell({"given": True}, "MINERLIB_BROKER_URL is set: that broker is used, and none of our own.", as_json)
        return
    now = private.status()
    if not now.running:
        said = f"No broker runs in {now.home}: start one with `minerlib broker start`."
    elif not now.answers:
        said = f"The broker runs (process {now.pid}) but does not answer on 127.0.0.1:{now.port}; see {now.home}/log."
    else:
        memory, free = (now.memory or 0) // MB, (now.disk_free or 0) // MB
        said = (
            f"The broker runs: RabbitMQ {now.version} on 127.0.0.1:{now.port}, process {now.pid}, "
            f"{memory} MB of memory, {free} MB of disk free."
        )
        if now.disk_low:
            said += " The disk is nearly full: publishing waits until there is room."
    _tell(asdict(now), said, as_json)
    if not now.answers:
        raise click.exceptions.Exit(BrokerUnreachable.exit_code)


@broker.command()
@as_json
def url(as_json: bool) -> None:
    """Print its URL, password included, for other AMQP programs."""
    found = private.running_url()
    if found is None:
        raise BrokerUnreachable("No broker runs here: start one with `minerlib broker start`.")
    _tell({"url": found}, found, as_json)


broker.add_command(survey)


def _tell(data: dict[str, object], said: str, as_json: bool) -> None:
    click.echo(json.dumps(data) if as_json else said)
