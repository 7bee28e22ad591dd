"""`minerlib rules` on an archive: check, backtest, compare, why, as a person or a script runs them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from minerlib.archive import Archive, load
from minerlib.cli.main import cli
from minerlib.cli.rules import VERBS, rules

RULE = """
rule: hot
scope: acme.web.prod
kind: cpu.usage
measure: {of: used_pct}
levels: [{severity: warning, when: "> 80"}]
"""


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["rules", *map(str, words)])


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    file = tmp_path / "hot.yaml"
    file.write_text(RULE)
    return file


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two hours of a server, by the minute: hot at 0:10 for three minutes, and at 1:00 for two."""
    rows = ["time,used_pct"]
    for minute in range(120):
        hot = 10 <= minute < 13 or 60 <= minute < 62
        rows.append(f"2026-11-23T{minute // 60:02}:{minute % 60:02}:00Z,{95 if hot else 20}")
    file = tmp_path / "cpu.csv"
    file.write_text("\n".join(rows))
    load(file, "cpu.usage", "web-1", "acme.web.prod", archive=tmp_path / "archive")
    return tmp_path / "archive"


def test_verbs_are_there() -> None:
    """Each verb is listed with one line and is found; another is a usage error."""
    told = run("--help").output
    context = click.Context(rules)
    for verb, (_, _, line) in VERBS.items():
        assert f"  {verb} " in told
        assert line in " ".join(told.split())
        assert rules.get_command(context, verb)
        helped = run(verb, "--help").output
        assert f"minerlib rules {verb}" in helped
        assert "Example:" in helped
    assert run("tets").exit_code == 2


def test_check_says_all_faults_of_all_files(tmp_path: Path, rule: Path) -> None:
    """Each with its place; the good ones are counted, and the exit code is 1."""
    bad, worse = tmp_path / "bad.yaml", tmp_path / "worse.yaml"
    bad.write_text(RULE.replace("measure", "mesure").replace("warning", "wraning"))
    worse.write_text("rule: [")
    done = run("check", bad, worse, rule, tmp_path / "nope.yaml")
    assert done.exit_code == 1
    assert f"{bad}:5" in done.output
    assert f"{bad}:6" in done.output
    assert f"{worse}:" in done.output
    assert "nope.yaml: cannot be read" in done.output
    assert "1 of 4 files are rules: " in done.output
    plain = json.loads(run("check", bad, rule, "--json").output)["files"]
    assert [len(each["faults"]) > 0 for each in plain] == [True, False]
    assert plain[1]["rule"] == "hot"
    assert run("check", rule).output == "It is a rule.\n"
    assert run("check", rule).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cpu.usage", "cpu.usgae", "no kind there is 'cpu.usgae'; did you mean cpu.usage?"),
        ("acme.web.prod", "acme.mail.prod", "has nothing of acme.mail.prod; it has acme.web.prod."),
        ("of: used_pct", "of: used_pc", "reads the field 'used_pc', which no event of cpu.usage has; did you mean"),
        ("measure", "where: used_pct > 100\nmeasure", "its where 'used_pct > 100' is true of none of them"),
        ("measure", "by: [host]\nmeasure", "reads the field 'host', which no event of cpu.usage has."),
    ],
)  # fmt: skip
def test_check_warns_beside_an_archive(rule: Path, archive: Path, old: str, new: str, said: str) -> None:
    """What can be read and is about nothing is a warning, not a fault."""
    assert run("check", rule, "--archive", archive).output == "It is a rule.\n"
    rule.write_text(RULE.replace(old, new, 1))
    done = run("check", rule, "--archive", archive)
    assert said in done.output
    assert "It is a rule: 1 warning." in done.output
    assert done.exit_code == 0


def test_schema_is_json() -> None:
    """On many lines or on one."""
    told = run("schema").output
    assert json.loads(told) == json.loads(run("schema", "--json").output)
    assert "properties" in json.loads(told)


def test_backtest(rule: Path, archive: Path) -> None:
    """As text and as JSON; since so long before the newest event."""
    told = run("backtest", rule, "--archive", archive).output
    assert told.startswith("hot: over 1h59m: 2 alerts, 2 at night; firing 4.2% of the time.")
    plain = json.loads(run("backtest", rule, "--archive", archive, "--since", "1h", "--json").output)
    assert (plain["alerts"], plain["since"]) == (1, "2026-11-23T00:59:00.000000Z")
    until = run("backtest", rule, "--archive", archive, "--until", "2026-11-23T00:30", "--json")
    assert json.loads(until.output)["alerts"] == 1


def test_backtest_with_labels(rule: Path, archive: Path, tmp_path: Path) -> None:
    """Incidents out of a CSV file, of one instance or of all."""
    labels = tmp_path / "labels.csv"
    rows = ["begin,end,source", "2026-11-23T00:08:00Z,2026-11-23T00:20:00Z,web-1", "2026-11-23 01:30,2026-11-23 01:40,"]
    labels.write_text("\n".join(rows))
    done = run("backtest", rule, "--archive", archive, "--labels", labels)
    assert "caught 1 of 2, missed 23 November, 1 false alert" in done.output
    assert "lead           2m after the begin of an incident" in done.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("begin,ende\n2026-11-23,2026-11-24\n", "labels.csv:1: the columns begin and end are needed"),
        ("begin,end\n2026-11-23\n", "labels.csv:2: a row has as many values"),
        ("begin,end\nsoon,2026-11-24\n", "Label 1 needs a begin and an end"),
        ("begin,end,host\n2026-11-23,2026-11-24,a\n", "Label 1 names 'host', but the rule is by source."),
        ('begin,end\n"2026', "is no CSV of incidents"),
    ],
)
def test_what_is_no_file_of_labels(rule: Path, archive: Path, tmp_path: Path, text: str, said: str) -> None:
    """One sentence, the exit code of an argument that cannot be meant."""
    labels = tmp_path / "labels.csv"
    labels.write_text(text)
    done = run("backtest", rule, "--archive", archive, "--labels", labels)
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_nothing_to_fold(rule: Path, archive: Path, tmp_path: Path) -> None:
    """No archive, or none of the rule's scope: a sentence, and the exit code of an archive."""
    done = run("backtest", rule, "--archive", tmp_path / "none")
    assert (done.exit_code, done.output.startswith("No event is in")) == (5, True)
    rule.write_text(RULE.replace("acme.web", "acme.mail"))
    done = run("backtest", rule, "--archive", archive)
    assert done.exit_code == 5
    assert done.output.startswith("hot is about acme.mail.prod, of which ")
    rule.write_text("rule: hot\nmesure: 1\n")
    assert run("backtest", rule, "--archive", archive).exit_code == 6


def test_compare(rule: Path, archive: Path, tmp_path: Path) -> None:
    """Two files: what stays, what is gone, as text and as JSON."""
    new = tmp_path / "new.yaml"
    new.write_text(RULE.replace('"> 80"', '"> 80", for: 2m'))
    told = run("compare", rule, new, "--archive", archive).output
    assert told.startswith("hot: over 1h59m: 1 alert instead of 2; 1 the same, 1 gone, 0 new;")
    plain = json.loads(run("compare", rule, new, "--archive", archive, "--json").output)
    assert [each["begin"][11:16] for each in plain["only_old"]] == ["01:00"]
    since = json.loads(run("compare", rule, new, "--archive", archive, "--since", "1h", "--json").output)
    assert (since["old"]["alerts"], since["new"]["alerts"]) == (1, 0)


def test_why(rule: Path, archive: Path) -> None:
    """An alert out of a backtest, by the first characters of its id."""
    alert = json.loads(run("backtest", rule, "--archive", archive, "--json").output)["transitions"][0]
    told = run("why", alert["id"][:10], "--rule", rule, "--archive", archive)
    assert "used_pct was 95 at 2026-11-23 00:10:00, which is > 80." in told.output
    plain = json.loads(run("why", alert["id"], "--rule", rule, "--archive", archive, "--json").output)
    assert plain["alert"] == alert
    done = run("why", alert["id"], "--archive", archive)
    assert done.exit_code == 2
    assert "No alert of the archive has the id" in done.output


def test_a_long_fold_is_followed(rule: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it takes its time, stderr says how many events were folded and which moment is reached."""
    assert run("backtest", rule, "--archive", archive).stderr == ""
    told: list[Any] = []
    monkeypatch.setattr("rich.progress.Progress.update", lambda *_, **said: told.append(said["description"]))
    run("backtest", rule, "--archive", archive)
    assert told[-1] == "hot: 120 events, up to 2026-11-23 01:59"


def test_ctrl_c(rule: Path, archive: Path) -> None:
    """A fold that is interrupted ends with 130, without a word."""
    code = (
        "import os, signal, minerlib.rule.fold as fold\n"
        "from minerlib.cli.main import cli\n"
        "real = fold.evaluate\n"
        "def slow(*a):\n print('at it', flush=True)\n signal.pause()\n return real(*a)\n"
        "fold.evaluate = slow\n"
        f"cli.main(['rules', 'backtest', {str(rule)!r}, '--archive', {str(archive)!r}])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout
    assert process.stdout.readline() == "at it\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "")


def test_the_archive_is_as_it_was(rule: Path, archive: Path) -> None:
    """None of the verbs writes to it."""
    before = sorted(path.name for path in archive.rglob("*"))
    run("backtest", rule, "--archive", archive)
    run("check", rule, "--archive", archive)
    assert sorted(path.name for path in archive.rglob("*")) == before
    assert Archive(archive).kinds()["events"].to_list() == [120]
