"""Upkeep beside the archiver: a process every so often, and that nothing that becomes of it is more than said."""

import threading
import time
from pathlib import Path

import pytest

from minerlib.errors import SettingError
from minerlib.nodes.upkeep import run_upkeep


def run(root: Path, enough: threading.Event) -> list[str]:
    """What is told until there is `enough`, which may set itself."""
    stop, told = threading.Event(), list[str]()
    thread = threading.Thread(target=run_upkeep, args=(root, stop, told.append, 0.1))
    thread.start()
    deadline = time.monotonic() + 30
    while not (enough.is_set() or told) and time.monotonic() < deadline:
        time.sleep(0.1)
        if (root / "catalog.db").exists():
            enough.set()
    stop.set()
    thread.join()
    return told


def test_it_keeps_the_archive(tmp_path: Path) -> None:
    """The catalog is made."""
    (tmp_path / "old.csv").write_text("time,value\n2024-01-01T00:00:00Z,1\n")
    from minerlib.archive import load

    load(tmp_path / "old.csv", "cpu.usage", "web-1", "acme.web.history", archive=tmp_path / "archive")
    assert run(tmp_path / "archive", threading.Event()) == []
    assert (tmp_path / "archive/catalog.db").exists()


def test_what_fails_is_told(tmp_path: Path) -> None:
    """Once, and it is tried again."""
    log = tmp_path / "archive/sealed/cpu.usage/_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("nonsense")
    (said,) = run(tmp_path / "archive", threading.Event())
    assert said == f"The upkeep of {tmp_path / 'archive'} ended with 5: minerlib archive maintain says why."


def test_a_setting_that_cannot_be_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is refused before anything runs."""
    monkeypatch.setenv("MINERLIB_KEEP", "cpu")
    with pytest.raises(SettingError, match="says not how long"):
        run_upkeep(tmp_path, threading.Event(), print)
