"""`%%archive` in a real IPython."""

import atexit
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from minerlib.archive import Today, seal
from minerlib.event import Event
from minerlib.event.order import Position

NOON = 1_790_164_800_000_000


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell beside an archive of three events, with the magic loaded as a user loads it."""
    today = Today(tmp_path / "archive", "acme.web.prod")
    for n in range(3):
        one = Event(
            time=NOON + n, seen=NOON + n, epoch="e", offset=n, part=0, company="acme", system="web",
            environment="prod", source="web-1", kind="disk.usage", body={"used": n},
        )  # fmt: skip
        today.write([one], Position("e", n, "0", "{}"))
        seal(tmp_path / "archive", "acme.web.prod") if n == 1 else None
    today.close()
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    assert shell.run_cell("%load_ext minerlib").success
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)


def test_a_cell_of_sql(shell: InteractiveShell) -> None:
    """A frame comes out, and has a name where one was given."""
    done = shell.run_cell("%%archive\nselect max(used) as most\nfrom disk_usage")
    assert isinstance(done.result, pl.DataFrame)
    assert done.result.rows() == [(2.0,)]
    done = shell.run_cell("%%archive --since 2026-09-23T12:00:00.000001Z --scope acme.*.prod few\nfrom disk_usage")
    assert done.result.height == 2
    assert shell.run_cell('few["used"].sum()').result == 3


@pytest.mark.parametrize(
    ("cell", "error", "said"),
    [
        ("%%archive\nselect usd from disk_usage", "SettingError", "did you mean used?"),
        ("%%archive 2x\nselect 1", "SettingError", "'2x' is no name of a variable"),
        ("%%archive --scope nobody.*.*\nfrom disk_usage", "ArchiveError", "and scope nobody"),
        ("%%archive --sinc 2h --nothing\nfrom disk_usage", "UsageError", "--nothing"),
    ],
)
def test_errors(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, error: str, said: str) -> None:
    """A sentence instead of a traceback."""
    done = shell.run_cell(cell)
    assert type(done.error_in_exec).__name__ == error
    shown = "".join(capsys.readouterr())
    assert said in shown
    assert "Traceback" not in shown


def test_progress(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long says how far it is, and takes the line away again."""
    monkeypatch.setattr("minerlib.views.magic._PATIENCE", 0.0)
    query = "select count(*) as n from range(20000) a, range(20000) b where a.range * b.range % 7 = 3"
    assert shell.run_cell(f"%%archive\n{query}").success
    shown = capsys.readouterr().err
    assert shown.startswith("\rasking: ")
    assert shown.endswith(" \r")
