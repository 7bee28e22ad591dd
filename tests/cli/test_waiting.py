"""A bar where a command takes longer than one waits without asking, and only for a terminal."""

import io
import time

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn

from minerlib.cli import waiting


def shown(monkeypatch: pytest.MonkeyPatch, terminal: bool, patience: float) -> str:
    """What stderr gets of something that takes 0.4 s."""
    file = io.StringIO()
    monkeypatch.setattr(waiting, "PATIENCE", patience)
    monkeypatch.setattr(waiting, "Console", lambda **_: Console(file=file, force_terminal=terminal, width=80))
    with waiting.waiting("loading [it]", BarColumn(), MofNCompleteColumn()) as told:
        told(3, 7)
        time.sleep(0.4)
        told(7, 7)
    return file.getvalue()


def test_a_terminal_sees_what_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, terminal=True, patience=0.1)
    assert "loading [it]" in said
    assert "3/7" in said


@pytest.mark.parametrize(("terminal", "patience"), [(True, 5.0), (False, 0.1)])
def test_nothing_is_said(monkeypatch: pytest.MonkeyPatch, terminal: bool, patience: float) -> None:
    """Of what is quick, or to a file; not even an empty line."""
    assert shown(monkeypatch, terminal, patience) == ""
