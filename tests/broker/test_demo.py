"""The demo, as its user runs it."""

import json
import random
import signal
from pathlib import Path

import psutil
import pytest

from .processes import Process, until

pytestmark = pytest.mark.alone  # its rule is mined from how busy the processor is


def descendants(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.process.pid).children(recursive=True)


@pytest.mark.timeout(240)
def test_the_demo_does_what_it_says(tmp_path: Path):
    """Its last line says that nothing was lost or doubled, an alert came and went, and the replay agrees."""
    with Process(tmp_path, "demo", "--json", "--seconds", "20") as demo:
        assert demo.process.wait(200) == 0, demo.said
    found = json.loads(demo.told.splitlines()[-1])
    assert found["events"] == found["archived"] > 100
    assert (found["lost"], found["duplicated"]) == (0, 0)
    assert [transition["what"] for transition in found["transitions"]] == ["raised", "cleared"]
    assert found["rule"] == "cpu-usage-high"
    assert found["replay_equals_live"] is True
    assert found["seconds"] < 180
    assert "equals live ✓" in demo.said


@pytest.mark.parametrize("moment", ["starting", "watching", "anywhere"])
def test_the_demo_can_be_ended_anywhere(tmp_path: Path, moment: str):
    """Ctrl-C, or its terminal closed, ends it with 130 and no traceback, and leaves no process behind."""
    with Process(tmp_path, "demo", "--seconds", "20") as demo:
        if moment == "watching":
            until(lambda: "Look" in demo.told, 60, "it watches")
        elif moment == "anywhere":
            delay = random.uniform(0.2, 15)
            print(f"ended after {delay:.2f} s")
            psutil.wait_procs([psutil.Process(demo.process.pid)], timeout=delay)
        else:
            until(lambda: "demo" in demo.told, 30, "it starts")
        children = descendants(demo)
        if moment == "watching":  # the terminal is closed
            demo.process.send_signal(signal.SIGHUP)
            assert demo.process.wait(60) == 130
        else:
            assert demo.interrupt() == 130
        assert "Traceback" not in demo.said + demo.told
        until(lambda: not any(child.is_running() for child in children), 20, "everything has ended")
        home = str(tmp_path / "state" / "broker")
        left = [
            p.pid for p in psutil.process_iter(["cmdline"]) if any(home in word for word in p.info["cmdline"] or [])
        ]
        assert left == []
