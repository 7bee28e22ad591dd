"""`minerlib export`: what is no rule is exported nowhere."""

import json
from pathlib import Path

from click.testing import CliRunner

from minerlib.cli.main import cli

GOOD = """
rule: hot
version: 2
kind: cpu.usage
measure: {of: used_pct}
levels: [{severity: warning, when: "> 90"}]
"""


def run(*arguments: str):
    return CliRunner().invoke(cli, list(arguments))


def test_every_fault_is_said_at_once(tmp_path: Path):
    """Each with file and line and what to write; the exit code is that of a rule's fault."""
    file = tmp_path / "bad.yaml"
    file.write_text("rule: hot\nkind: cpu.usage\nmesure: {of: x}\nlevels: [{severity: wraning, when: '> 90'}]\n")
    result = run("export", str(file))
    assert result.exit_code == 6
    assert "bad.yaml:3" in result.output
    assert "measure" in result.output
    assert "bad.yaml:4" in result.output
    assert "warning" in result.output
    assert "Traceback" not in result.output


def test_a_dry_run_needs_no_broker(tmp_path: Path):
    """It reads the rule and exports nothing."""
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    result = run("export", str(file), "--dry-run", "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["rule"] == "hot"


def test_rules_stay_on_this_machine_while_they_are_not_signed(tmp_path: Path):
    """A broker elsewhere is refused before anything is said to it, and without showing the password."""
    file = tmp_path / "good.yaml"
    file.write_text(GOOD)
    result = run("export", str(file), "--url", "amqp://me:secret@rabbit.example.com/")
    assert result.exit_code == 2
    assert "not signed" in result.output
    assert "secret" not in result.output
