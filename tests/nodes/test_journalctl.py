"""How journalctl is run: what it is asked, and what it may say."""

import os
import time
from pathlib import Path

import pytest

from minerlib.errors import SettingError
from minerlib.nodes import journalctl
from minerlib.nodes.journalctl import Journalctl, check_which, last_cursor


def stands_for(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A journalctl that does what the script says."""
    program = folder / "journalctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.parametrize("word", ["-f", "-n5", "-n", "-r", "-ojson", "-qf", "--follow", "--lines=5", "--output",
                                  "--reverse", "--cursor=x", "--after-cursor=x", "--cursor-file=x"])  # fmt: skip
def test_how_it_is_read_is_not_to_be_said(word: str):
    """--follow alone would wait for ever where the newest entry is asked for."""
    with pytest.raises(SettingError, match=f"Leave out {word}"):
        check_which(["--dmesg", word])


def test_which_entries_may_be_said():
    check_which(
        ["--unit=x", "-u", "x", "-p", "3", "-k", "--directory=/x", "_TRANSPORT=kernel", "--facility=auth", "-m"]
    )


def test_one_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stands_for(tmp_path, monkeypatch, "exec sleep 600")
    monkeypatch.setattr(journalctl, "_PATIENCE", 0.1)
    with pytest.raises(SettingError, match="did not say"):
        last_cursor([])


def test_many_complaints_do_not_block_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """More than a pipe holds; the last of them are told once it has ended."""
    stands_for(tmp_path, monkeypatch, "head -c 300000 /dev/zero | tr '\\0' x >&2; echo the last >&2; exit 3")
    with Journalctl([], None) as journal:
        deadline = time.monotonic() + 20
        while not (said := journal.ended()):
            time.sleep(0.01)
            assert time.monotonic() < deadline
    assert said.startswith("journalctl ended with 3: xxx")
    assert said.endswith("the last")
    assert len(said) < 3000
