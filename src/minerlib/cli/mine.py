"""`minerlib mine`: the functions of `minerlib.mine`, each a verb, with what they found as a table, JSON, a picture or a
rule."""

import importlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TimeElapsedColumn

from minerlib.cli.looks import LOOKS, Look
from minerlib.cli.past import archive_option, json_option, open_archive, since_option, until_option
from minerlib.cli.rows import show
from minerlib.cli.shown import CONTROL, json_line
from minerlib.cli.waiting import waiting
from minerlib.errors import SettingError
from minerlib.event.moment import SECOND, when

if TYPE_CHECKING:
    from minerlib.archive import Archive

PICTURES = (".svg", ".png", ".html")
_file = click.Path(dir_okay=False, path_type=Path)


class Mine(click.Group):
    """A group whose commands are the looks at the past."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(LOOKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _command(cmd_name, LOOKS[cmd_name]) if cmd_name in LOOKS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, look.line) for name, look in LOOKS.items()])


@click.group(cls=Mine)
def mine() -> None:
    """Mine the past: what is there, what it does by itself, what stands out, and the rule that follows.

    What a look found is a sentence and a table; --json has all its numbers, --chart FILE draws it, --rule FILE writes
    the rule that follows from it. KIND may be a pattern: 'log.#'.

    \b
    Example:
      minerlib mine profile disk.usage
      minerlib mine trend disk.usage used_pct --by source,mount --since 30d --chart disks.svg
      minerlib mine suggest cpu.usage used_pct --alerts-per-day 0.5 --rule cpu.yaml
    """


def _command(name: str, look: Look) -> click.Command:
    """The verb of a look."""
    arguments: list[click.Parameter] = [click.Argument(["kind"])]
    if look.given == "scans":
        arguments = [click.Argument(["what"], nargs=-1, required=True, metavar="KIND[:FIELD]...")]
    elif look.field:
        arguments.append(click.Argument(["field"], required=look.field == "must"))
    by = [click.Option(["--by"], help=look.by)] if look.by else []
    examples = "\n".join(f"  minerlib mine {name} {each}" for each in look.examples)
    command = click.Command(
        name,
        params=[*arguments, *by, *look.options],
        callback=partial(_look, name, look),
        help=f"{look.about}\n\n\b\nExample:\n{examples}",
    )
    for option in (
        since_option,
        until_option,
        click.option("--scope", help="company.system.environment; * is any word."),
        archive_option,
        json_option("a table"),
        click.option("--chart", "chart_file", type=_file, help="Draw it into this file: .svg, .png or .html."),
        click.option("--rule", "rule_file", type=_file, help="Write the rule that follows to this file (YAML)."),
    ):
        option(command)
    return command


def _look(
    name: str,
    look: Look,
    since: str | None,
    until: str | None,
    scope: str | None,
    archive: str | None,
    as_json: bool,
    chart_file: Path | None,
    rule_file: Path | None,
    kind: str = "",
    what: tuple[str, ...] = (),
    **own: Any,
) -> None:
    """Look, and tell what was found."""
    if chart_file and chart_file.suffix.lower() not in PICTURES:
        raise SettingError(f"{chart_file} does not say what picture it is: end it in .svg, .png or .html.")
    past = open_archive(archive)
    clock = max((past.clock(stream) or 0 for stream in past.streams(scope or "*.*.*")), default=0)
    bounds = {"since": _moment(since, clock), "until": _moment(until, clock), "scope": scope}
    named = {key: _listed(key, value) for key, value in own.items() if value is not None}
    asked = {key: named.pop(key) for key in look.rule if key in named}
    kinds = what or (kind,)
    with waiting(
        f"mining {kind or ' and '.join(what)}", BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    ) as told:
        found = _found(name, look, past, kinds, bounds, {**named, "progress": told})
    if as_json:
        click.echo(json_line({**found.to_dict(), "rows": found.frame.to_dicts()}))
    else:
        click.echo(f"{found.says.translate(CONTROL)}\n")
        console = Console()
        show(found.frame, console if console.is_terminal else Console(width=10_000), more="--json")
    if chart_file:
        from minerlib.views.charts import save  # Altair is not loaded before somebody draws

        save(found.chart(), chart_file)
        click.echo(f"The chart is in {chart_file}.", err=True)
    if rule_file:
        with waiting("choosing a line", TimeElapsedColumn()):
            rule = found.rule(**asked)
        _write(rule_file, rule.to_yaml())
        click.echo(f"The rule {rule.name} is in {rule_file}: minerlib rules backtest {rule_file} tries it.", err=True)


def _found(
    name: str, look: Look, past: "Archive", kinds: tuple[Any, ...], bounds: dict[str, Any], named: dict[str, Any]
) -> Any:
    """What the function of `minerlib.mine` found, asked as it wants to be."""
    function = getattr(importlib.import_module("minerlib.mine"), name)
    if look.given == "archive":
        return function(past, named.pop("field"), kind=kinds[0], **bounds, **named)
    if look.given == "scan":
        field = [named.pop("field")] if "field" in named else []
        return function(past.scan(kinds[0], **bounds), *field, **named)
    scans: dict[str, Any] = {}
    for each in kinds:
        kind, _, field = each.partition(":")
        scan = past.scan(kind, **bounds)
        scans[each] = (scan, field) if field else scan
    return function(scans, **named)


def _listed(name: str, value: Any) -> Any:
    """What may be several, written with commas, as these."""
    if name == "field":
        return value if "," not in value else tuple(part.strip() for part in value.split(","))
    return tuple(part.strip() for part in value.split(",")) if name in ("by", "shapes") else value


def _moment(said: str | None, clock: int) -> float | None:
    moment = when(said, clock)
    return None if moment is None else moment / SECOND


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{file} cannot be written: {error.strerror or error}.") from None
