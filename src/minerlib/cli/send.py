"""`minerlib send`: lines onto the bus."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.progress import SpinnerColumn, TimeElapsedColumn

from minerlib import settings
from minerlib.bus.connect import broker_url, connect
from minerlib.bus.publish import Publisher
from minerlib.cli.shown import CONTROL
from minerlib.cli.waiting import waiting
from minerlib.errors import BrokerUnreachable, SettingError
from minerlib.event.key import check_scope, make_key
from minerlib.event.pattern import check_kind
from minerlib.event.written import FORMS, LONGEST, read_lines
from minerlib.nodes.mappings import read_zone
from minerlib.nodes.send import Left, Sending, Terms

_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_SAID = 10  # lines that were left out are said one by one; then only how many
_PATIENCE, _GOODBYE = 30.0, 5.0  # seconds for the last confirms; after Ctrl-C


@click.command()
@click.argument("kind")
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--source", help="What they are about, for example web-1; default MINERLIB_SOURCE, else this machine.")
@click.option("--source-column", help="The field or column that says what each line is about, instead.")
@click.option("--scope", help="company.system.environment; default MINERLIB_SCOPE, else local.lab.dev.")
@click.option("--time", "field", help="The field or column of times; default: time, @timestamp, timestamp, ts, ...")
@click.option("--zone", help="Of times that name none, as in Europe/Berlin or UTC; default MINERLIB_ZONE.")
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: what a file's name or its first line says.")
@click.option("--url", help="The broker; default MINERLIB_BROKER_URL, else the private one.")
@click.option("--json", "as_json", is_flag=True, help="What was sent as JSON, instead of words.")
def send(
    kind: str,
    files: tuple[str, ...],
    source: str | None,
    source_column: str | None,
    scope: str | None,
    field: str | None,
    zone: str | None,
    form: str | None,
    url: str | None,
    as_json: bool,
) -> int:
    """Publish each line of FILES, or of standard input, as an event of KIND.

    A line is a JSON object, a row of a CSV whose first line names the columns (on standard input with --format csv), or
    text, which becomes the field message. Lines are published as they come. One that cannot be read is left out and
    said, and the exit code is 1 then. Sending a file twice publishes it twice. Old files go straight into the archive
    by minerlib load.

    \b
    Example:
      minerlib send backup.done done.ndjson --source web-1 --scope acme.web.prod
      minerlib send disk.usage disks.csv --source-column host --time when --zone Europe/Berlin
      tail -F app.log | minerlib send log.app
    """
    if source is not None and source_column is not None:
        raise SettingError("Say what the lines are about once: --source web-1, or --source-column host.")
    zone = zone or settings.zone()
    terms = Terms(
        check_kind(kind), check_scope(scope or settings.scope()), source or settings.source(), source_column, field,
        read_zone(zone) if zone else None,
    )  # fmt: skip
    make_key(terms.scope, terms.source, kind)
    inputs = [(called, _open(called)) for called in files or ("-",)]
    where = broker_url(url)
    connect(where, "minerlib send").close()  # a wrong URL is said at once, and not tried again and again
    left = _Left()
    ended: BaseException | None = None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with waiting("sending", SpinnerColumn(), TimeElapsedColumn()) as told:
        publisher = Publisher(where, f"send.{settings.source()}", told=_tell)
        sending = Sending(publisher, terms, left.take, _timeless)
        try:
            for called, file in inputs:
                shape = form or _SUFFIXES.get(Path(called).suffix.lower())
                lines = read_lines(_watched(file, sending, told), shape, "standard input" if called == "-" else called)
                sending.send(lines, called)
        except (KeyboardInterrupt, SettingError) as error:  # what was read before is sent all the same
            ended = error
        try:
            _finish(publisher, _PATIENCE if ended is None else _GOODBYE)
        finally:
            publisher.abandon()
    _report(terms, sending.sent, left, isinstance(ended, KeyboardInterrupt), as_json)
    if isinstance(ended, SettingError):
        raise ended
    return 130 if ended else int(left.count > 0)


class _Left:
    """The lines that were left out: how many, and the first of them, each of which is said."""

    def __init__(self) -> None:
        self.count, self.first = 0, list[Left]()

    def take(self, what: Left) -> None:
        self.count += 1
        if self.count <= _SAID:
            self.first.append(what)
            _tell(f"{_place(what)} {what.said}: left out.")


def _timeless(what: Left) -> None:
    _tell(f"{_place(what)} {what.said}: where that is so, the time is that of arrival (see --time and --zone).")


def _open(called: str) -> BinaryIO:
    try:
        return sys.stdin.buffer if called == "-" else Path(called).open("rb")
    except OSError as error:
        raise SettingError(f"{called} cannot be read: {error.strerror or error}. Nothing was sent.") from None


def _watched(file: BinaryIO, sending: Sending, told: Any) -> Iterator[bytes]:
    """The lines of a file, each as soon as it is there; of one that is too long no more than shows it."""
    shown = 0.0
    with file:
        while line := file.readline(LONGEST + 3):
            yield line
            while len(line) == LONGEST + 3 and not line.endswith(b"\n"):
                line = file.readline(LONGEST + 3)
            if time.monotonic() - shown > 0.2:
                shown = time.monotonic()
                told(said=f"sending: {sending.sent:,} events")


def _finish(publisher: Publisher, patience: float) -> None:
    """Wait for the last confirms. Raises BrokerUnreachable that says how much is certainly there."""
    try:
        publisher.flush(patience)
    except BrokerUnreachable as error:
        raise BrokerUnreachable(f"{error} The first {publisher.settled():,} are.") from None


def _report(terms: Terms, sent: int, left: _Left, stopped: bool, as_json: bool) -> None:
    if as_json:
        lines = [{"file": each.called, "line": each.line, "said": each.said} for each in left.first]
        said = {"kind": terms.kind, "scope": terms.scope, "sent": sent, "left_out": left.count, "lines": lines}
        click.echo(json.dumps({**said, "stopped": stopped}))
        return
    end = " Stopped before the end." if stopped else ""
    out = f" {left.count:,} line{'s' * (left.count > 1)} left out." if left.count else ""
    click.echo(f"Sent {sent:,} event{'s' * (sent != 1)} of {terms.kind} to {terms.scope}.{out}{end}")


def _place(what: Left) -> str:
    return f"Line {what.line:,}" + ("" if what.called == "-" else f" of {what.called}")


def _tell(said: str) -> None:
    click.echo(said.translate(CONTROL), err=True)
