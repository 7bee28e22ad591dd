"""The command line as a whole: help, errors, exit codes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from minerlib.cli.main import VERBS, cli
from minerlib.errors import MinerlibError, RuleError


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command below `group`, with the words that lead to it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def minerlib(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MINERLIB_BROKER_URL": "amqp://me:hush@127.0.0.1:1/"}
    command = [sys.executable, "-m", "minerlib", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_every_verb() -> None:
    """`minerlib --help` names every verb, with one line that it shares with the verb's own help."""
    told = CliRunner().invoke(cli, ["--help"]).output
    assert "Example:" in told
    for verb, (_, line) in VERBS.items():
        assert f"  {verb} " in told
        assert line.endswith(".")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_an_example(verb: str) -> None:
    """Each verb exists, and its help says what it does and shows one call of it that is spelled right."""
    told = CliRunner().invoke(cli, [verb, "--help"])
    assert told.exit_code == 0
    assert "Example:" in told.output
    assert f"minerlib {verb}" in told.output


def test_no_example_has_a_password() -> None:
    """What is on a command line, all on that machine can read: a URL with a password is exported."""
    lines = [line for _, command in commands(cli) for line in (command.help or "").splitlines()]
    assert any("export MINERLIB_FROM_URL=amqp://me:secret@" in line for line in lines)
    assert [line for line in lines if "minerlib " in line and re.search(r"://[^/\s]*@", line)] == []


def test_every_table_has_json() -> None:
    """Each command that ends with something to read can say it as JSON. (What runs until Ctrl-C says nothing.)"""
    running = {"up", "node", "clock"}
    without = [
        " ".join(path)
        for path, command in commands(cli)
        if not isinstance(command, click.Group)
        and path[0] not in running
        and not any("--json" in parameter.opts for parameter in command.params)
    ]
    assert without == []


def test_version() -> None:
    """`--version` says the version of the package that is installed."""
    assert CliRunner().invoke(cli, ["--version"]).output == f"minerlib {version('minerlib')}\n"


def test_unknown_verb() -> None:
    """An unknown verb is a usage error, in a sentence."""
    done = minerlib("tab")
    assert done.returncode == 2
    assert "No such command 'tab'" in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_are_sentences() -> None:
    """An error of ours is one sentence on stderr with its own exit code: no traceback, no password."""
    done = minerlib("tap", "--for", "1s")
    assert done.returncode == 3
    assert done.stdout == ""
    assert "127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hush" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (RuleError(["a.yaml:3: one", "a.yaml:4: two"]), 6, "a.yaml:3: one\na.yaml:4: two\n"),
        (MinerlibError("it is so: do this."), 1, "it is so: do this.\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_exit_codes(raised: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a verb raises decides the exit code and is all that is printed."""

    @click.command()
    def failing() -> None:
        raise raised

    monkeypatch.setattr(type(cli), "get_command", lambda *_: failing)
    done = CliRunner().invoke(cli, ["demo"])
    assert done.exit_code == code
    assert done.stderr.strip() == said.strip()
