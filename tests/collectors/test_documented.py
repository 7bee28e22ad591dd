"""Every collector says what it is, to `--help` and in docs/collectors.md."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from minerlib.nodes.collectors import collectors, find_collector

DOCS = Path(__file__).parents[2] / "docs" / "collectors.md"


@pytest.mark.parametrize("name", collectors())
def test_help_says_what_it_does(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`--help` prints what the program says of itself, and starts nothing."""
    program = find_collector(name)
    monkeypatch.setattr(sys, "argv", [str(program), "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(program), run_name="__main__")
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert collectors()[name] in told
    assert told.startswith("usage: ")


def test_every_collector_stands_in_the_table():
    """With a row of its own, and no row is of a collector that is not there."""
    table = DOCS.read_text().partition("| collector |")[2].partition("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(collectors())
