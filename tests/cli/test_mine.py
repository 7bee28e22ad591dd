"""`minerlib mine`: what a notebook asks of the past, the command line asks too."""

import inspect
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from minerlib import mine
from minerlib.archive import Archive
from minerlib.cli.looks import LOOKS
from minerlib.cli.main import cli
from minerlib.cli.mine import mine as verbs
from minerlib.mine.finding import Finding
from minerlib.nodes.simulated import simulated_cloud
from minerlib.rule import Rule

ASKED = {
    "profile": "disk.usage",
    "spread": "http.requests latency_ms",
    "gaps": "cpu.usage",
    "trend": "disk.usage used_pct --by source,mount --since 12h",
    "season": "cpu.usage used_pct",
    "top": "firewall.drop source_ip,destination_port --n 3",
    "templates": "'log.#' --since-last 6h",
    "incidents": "http.requests --weight errors",
    "together": "http.requests:latency_ms cpu.usage:used_pct log.nginx --within 20m",
    "suggest": "cpu.usage used_pct --shapes constant,rate --most 1",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two days of four simulated servers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINERLIB_STATE", str(tmp_path_factory.mktemp("state")))
        yield simulated_cloud(days=2, servers=4).archive.path


def ask(root: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["mine", *words, "--archive", str(root)])


def command(name: str) -> click.Command:
    found = verbs.get_command(click.Context(verbs), name)
    assert found is not None
    return found


def test_each_function_of_mining_is_a_verb() -> None:
    """A notebook and a command line can do the same."""
    assert set(LOOKS) == {name for name in mine.__all__ if name.islower()} == set(ASKED)


@pytest.mark.parametrize("name", LOOKS)
def test_options_are_arguments_of_the_function(name: str) -> None:
    """Those of its own are named as in Python: of the function, or of the rule that follows."""
    function = getattr(mine, name)
    known = set(inspect.signature(function).parameters)
    given = {option.name for option in LOOKS[name].options}
    assert given - set(LOOKS[name].rule) <= known
    if LOOKS[name].by:
        assert "by" in known
    found = inspect.signature(function).return_annotation
    assert set(LOOKS[name].rule) <= set(inspect.signature(found.rule).parameters)


@pytest.mark.parametrize("name", LOOKS)
def test_examples_are_spelled_right(name: str) -> None:
    """What --help shows can be typed."""
    told = CliRunner().invoke(cli, ["mine", name, "--help"]).output
    assert len(LOOKS[name].examples) > 0
    for example in LOOKS[name].examples:
        assert f"minerlib mine {name} {example}" in told
        command(name).make_context(name, shlex.split(example))


@pytest.mark.parametrize("name", LOOKS)
def test_it_says_what_the_function_says(root: Path, name: str) -> None:
    """The sentence, then the rows; with --json every number of it."""
    words = [name, *shlex.split(ASKED[name])]
    shown = ask(root, *words)
    assert shown.exit_code == 0, shown.output
    told = json.loads(ask(root, *words, "--json").stdout)
    assert shown.stdout.startswith(f"{told['says']}\n\n")
    assert f"{len(told['rows'])} row" in shown.stdout
    assert len(told) > 2


def test_it_is_the_same_as_in_python(root: Path) -> None:
    """Number by number, over the same events."""
    told = json.loads(ask(root, "top", "firewall.drop", "source_ip", "--n", "3", "--json").stdout)
    found = mine.top(Archive(root).scan("firewall.drop"), "source_ip", n=3)
    assert told == {**json.loads(json.dumps(found.to_dict())), "rows": told["rows"]}
    assert [row["source_ip"] for row in told["rows"]] == found.frame["source_ip"].to_list()


def test_since_counts_from_the_newest_event(root: Path) -> None:
    """As it does for rules: an archive of last winter has a last day too."""
    told = json.loads(ask(root, "profile", "cpu.usage", "--since", "1d", "--json").stdout)
    assert told["since"].startswith("2026-01-05T23:59")
    assert told["events"] < 0.6 * json.loads(ask(root, "profile", "cpu.usage", "--json").stdout)["events"]


def test_a_picture_and_a_rule(root: Path, tmp_path: Path) -> None:
    """In files, said on stderr; the rule can be tried at once, and holds what was asked of it."""
    chart, rule = tmp_path / "bans.svg", tmp_path / "bans.yaml"
    asked = ("top", "firewall.drop", "source_ip", "--over", "20m", "--alerts-per-day", "2")
    done = ask(root, *asked, "--chart", str(chart), "--rule", str(rule))
    assert done.exit_code == 0, done.output
    assert chart.read_text().startswith("<svg")
    assert "over: 20m" in rule.read_text()
    assert done.stderr.splitlines() == [
        f"The chart is in {chart}.",
        f"The rule {Rule.load(rule).name} is in {rule}: minerlib rules backtest {rule} tries it.",
    ]
    tried = CliRunner().invoke(cli, ["rules", "backtest", str(rule), "--archive", str(root), "--json"])
    assert 0 < json.loads(tried.stdout)["alerts"] <= 4


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("profile", "disk.usag"), 5, "did you mean disk.usage?"),
        (("trend", "disk.usage", "used_pc"), 7, "did you mean used_pct?"),
        (("top", "firewall.drop"), 2, "Missing argument 'FIELD'"),
        (("profile", "cpu.usage", "--chart", "x.bmp"), 2, "x.bmp does not say what picture it is"),
        (("gaps", "cpu.usage", "--rule", "/nowhere/x.yaml"), 2, "/nowhere/x.yaml cannot be written"),
        (("profile", "cpu.usage", "--rule", "x.yaml"), 7, "No rule follows"),
        (("profile", "cpu.usage", "--since", "whenever"), 2, "whenever"),
        (("profile", "cpu.usage", "--scope", "acme.*.*"), 5, "acme.*.*"),
    ],
)
def test_errors(root: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """A sentence on stderr and an exit code, as with every verb."""
    done = ask(root, *words)
    assert done.exit_code == code, done.output
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_and_text_that_steers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and says nothing; what an event says never moves a cursor."""

    def interrupted(*_: object, **__: object) -> Finding:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mine, "profile", interrupted)
        done = ask(root, "profile", "cpu.usage")
        assert (done.exit_code, done.output.strip()) == (130, "")
    found = mine.profile(Archive(root).scan("cpu.usage"))
    evil = Finding(found.frame, {}, "\u202ered", found.given)
    monkeypatch.setattr(mine, "profile", lambda *_, **__: evil)
    assert ask(root, "profile", "cpu.usage").output.startswith("·red")
    assert "\u202e" not in ask(root, "profile", "cpu.usage", "--json").output
