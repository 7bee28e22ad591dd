"""README and docs tell the truth: commands, options, targets, names and links are there, and page one is simple."""

import ast
import csv
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import minerlib
from minerlib import settings
from minerlib.cli.main import cli
from minerlib.errors import MinerlibError

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *(page for folder in ("archive", "notebooks", "benchmarks") for page in sorted((ROOT / folder).glob("README.md"))),
]
README = (ROOT / "README.md").read_text()


def commands() -> Iterator[str]:
    """Every indented line of a page that calls make or minerlib."""
    for page in PAGES:
        for line in re.findall(r"^    ((?:\.venv/bin/)?(?:minerlib|make) .*)$", page.read_text(), re.M):
            yield f"{page.relative_to(ROOT)}: {line}"


def words_of(line: str) -> list[str]:
    return shlex.split(line.partition(": ")[2].removeprefix(".venv/bin/"), comments=True)


@pytest.mark.parametrize("line", list(commands()))
def test_commands_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line in the docs names a target of the Makefile, or a verb with arguments and options that it takes."""
    program, *words = words_of(line)
    if program == "make":
        targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
        assert [word for word in words if "=" not in word and word not in targets] == []
        return
    monkeypatch.chdir(tmp_path)
    for word in words:
        if re.fullmatch(r"[\w-]+\.(csv|yaml|ndjson|parquet)", word):
            Path(word).touch()
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, f"there is no {words[0]}"
        command, words = found, words[1:]
    command.make_context(command.name, words, resilient_parsing="--help" in words)  # UsageError says what is wrong


def test_no_password_on_a_command_line() -> None:
    """What is on a command line, all on that machine can read: a URL with a password is exported."""
    assert [line for line in commands() if re.search(r"://[^/\s]*:[^/\s]*@", line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file leads to one."""
    links = re.findall(r"\]\(([^)#]+)", page.read_text())
    gone = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert gone == []


def test_names_in_python_are_true() -> None:
    """What the README calls on minerlib is among its names."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.S)
    assert len(blocks) == 2
    for block in blocks:
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "minerlib":
                assert node.attr in minerlib.__all__
    assert isinstance(minerlib, ModuleType)


def test_page_one_needs_four_words() -> None:
    """Until the chapter about brokers nothing is asked of the reader but event, archive, rule and alert."""
    page = README.partition("## Your own broker")[0].lower()
    assert all(f"**{word}**" in page for word in ("event", "archive", "rule", "alert"))
    ours = "stream|offset|epoch|exchange|queue|transition|tick|fold|checkpoint|collector|partition|fingerprint|routing"
    assert re.findall(rf"\b({ours})s?\b", page) == []


def test_history_as_in_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading one's own history and the Python below it run as printed; a second load adds nothing."""
    monkeypatch.chdir(tmp_path)
    with Path("cpu.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["timestamp", "value"])
        for n in range(6 * 24 * 30):  # a month at ten minutes: daily load, and a bad hour every fifth day
            day, of_day = divmod(n, 144)
            bad = day % 5 == 3 and 60 <= of_day < 66
            out.writerow([f"2026-03-{day + 1:02}T{of_day // 6:02}:{of_day % 6}0:00Z", 95 if bad else 20 + of_day % 37])
    line = re.search(r"^    (minerlib load .*)$", README, re.M)
    assert line
    counts = []
    for _ in range(2):
        done = CliRunner().invoke(cli, shlex.split(line[1])[1:], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        counts.append(len(minerlib.Archive().scan("cpu.usage").collect()))
    assert counts == [4320, 4320]
    block = re.findall(r"```python\n(.*?)```", README, re.S)[1]
    names: dict[str, object] = {"minerlib": minerlib}
    exec(compile(block, "README.md", "exec"), names)
    rule = names["suggestions"].best.rule()  # type: ignore[attr-defined]
    assert minerlib.Rule.read(rule.to_yaml()) == rule


def test_settings_are_told() -> None:
    """docs/settings.md names each setting that settings.py does, and each exit code of our errors."""
    told = (ROOT / "docs" / "settings.md").read_text()
    wanted = set(re.findall(r"MINERLIB_\w+", settings.__doc__ or ""))
    assert wanted == set(re.findall(r"`(MINERLIB_\w+)`", told))

    def tree(kind: type[MinerlibError]) -> Iterator[type[MinerlibError]]:
        yield kind
        for below in kind.__subclasses__():
            yield from tree(below)

    codes = set(map(int, re.findall(r"^\| (\d+) \|", told, re.M)))
    assert {kind.exit_code for kind in tree(MinerlibError)} <= codes


def test_make_help_lists_all() -> None:
    """`make help` lists each target with a comment, itself included."""
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert phony
    assert set(phony[1].split()) == set(re.findall(r"^([a-z]+):.*## ", text, re.M))
