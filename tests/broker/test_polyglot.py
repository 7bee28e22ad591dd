"""The same small node in four languages, run for real: what each says is archived and tapped like what ours says."""

import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import polars as pl
import psutil
import pytest
from needs import needs

from minerlib.bus.ports import free_ports
from minerlib.bus.tap import Tap
from minerlib.event import Event
from minerlib.event.moment import SECOND, now
from minerlib.nodes.collectors import collectors

from .bench import Bench
from .conftest import Distrusted
from .languages import FOLDER, LANGUAGES, Node, filled
from .processes import until
from .wire import Wire

FIELDS = ["1m", "5m", "15m", "cores"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Compiles the program of a language, once, into the folder it says."""

    @cache
    def build(name: str) -> Path:
        folder, language = tmp_path_factory.mktemp("built"), LANGUAGES[name]
        if language.build:
            command = filled(language.build, language, folder)
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, "")
        return folder

    return build


@pytest.fixture(params=LANGUAGES)
def node(request: pytest.FixtureRequest, built: Callable[[str], Path]) -> Node:
    """The node in each language."""
    needs(*LANGUAGES[request.param].needs)
    return Node(request.param, built(request.param))


@pytest.fixture
def loads(kept: Bench) -> Iterator[Tap]:
    """A tap of what the nodes say."""
    with Tap("load.average", url=kept.url) as tap:
        yield tap


def tapped(tap: Tap, source: str, count: int) -> list[Event]:
    found: list[Event] = []

    def enough() -> bool:
        found.extend(event for event in tap.take() if event.source == source)
        return len(found) >= count

    until(enough, 30, f"{count} events of {source} are tapped")
    return found


def archived(kept: Bench, source: str) -> pl.DataFrame:
    frame = kept.rows("load.average")
    return frame.filter(source=source) if frame.height else frame


def test_each_says_what_the_one_in_python_says(kept: Bench, loads: Tap, node: Node):
    """Five readings: in the archive and in a tap, with the time they were taken, the machine's name, and the fields of
    collectors/host.py."""
    began = now()
    process = node.start(kept.url, 0.2, 5)
    said, _ = process.communicate(timeout=60)
    ended = now()
    assert (process.returncode, said) == (0, "")
    until(lambda: archived(kept, node.word).height >= 5, 30, f"what {node.name} says is archived")
    rows = archived(kept, node.word).sort("time")
    assert rows.height == 5
    moments = [round(moment.timestamp() * SECOND) for moment in rows["time"]]
    assert began <= moments[0]
    assert moments[-1] <= ended
    assert all(after - before >= SECOND // 5 for before, after in pairwise(moments))
    load = rows.select(FIELDS).row(-1, named=True)
    for name, now_ in zip(("1m", "5m", "15m"), os.getloadavg(), strict=True):
        assert load[name] == pytest.approx(now_, abs=1.0)
    assert load["cores"] == psutil.cpu_count()

    seen = tapped(loads, node.word, 5)
    assert [event.time for event in seen] == moments
    assert [[event.body[name] for name in FIELDS] for event in seen] == [
        list(row) for row in rows.select(FIELDS).rows()
    ]


def test_the_fields_are_those_of_the_one_in_python():
    """What is asked of each above."""
    host = runpy.run_path(str(FOLDER.parent / "host.py"))
    ((kind, body),) = host["load"]()
    assert (kind, list(body)) == ("load.average", FIELDS)


def test_ctrl_c_ends_each(kept: Bench, loads: Tap, node: Node):
    """At once, without a word, and whatever was started for it ends too."""
    process = node.start(kept.url, 60)
    tapped(loads, node.word, 1)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=10)
    assert (process.returncode in (0, 130, -signal.SIGINT), said) == (True, "")
    assert not psutil.wait_procs(family, 10)[1]


def test_a_broker_that_goes_away_ends_each(kept: Bench, loads: Tap, node: Node):
    """With a sentence that says which: whoever started it starts it again."""
    parts = urlsplit(kept.url)
    with Wire(parts.hostname or "", parts.port or 0, kept.url) as wire:
        process = node.start(wire.url, 0.2)
        tapped(loads, node.word, 3)
        assert wire.cut() == 1
        said, _ = process.communicate(timeout=20)
        place = f"127.0.0.1:{urlsplit(wire.url).port}"
    assert process.returncode == 1
    assert f"the broker at {place}" in said
    assert (urlsplit(wire.url).password or "") not in said


def test_what_keeps_each_from_its_broker(kept: Bench, node: Node, distrusted: Distrusted):
    """Nobody there, a wrong password, a certificate nobody vouches for, no URL: a sentence, without the password."""
    nobody = free_ports()[0]
    there = f"127.0.0.1:{urlsplit(kept.url).port}"
    faults = {
        f"amqp://me:secret@127.0.0.1:{nobody}/": f"the broker at 127.0.0.1:{nobody}",
        f"amqp://minerlib:secret@{there}/": f"the broker at {there}",
        f"amqps://me:secret@127.0.0.1:{distrusted.port}/": f"the broker at 127.0.0.1:{distrusted.port}",
        "http://me:secret@127.0.0.1/": "MINERLIB_BROKER_URL",
        "": "MINERLIB_BROKER_URL",
    }
    for process, (url, what) in zip([node.start(url, 60) for url in faults], faults.items(), strict=True):
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 1, url
        assert what in said
        assert "secret" not in said.replace("amqp://me:secret@rabbit:5672/", "")
        assert len(said.splitlines()) <= 2
    assert not any(distrusted.told)


def test_the_line_of_the_readme(kept: Bench):
    """What README.md types publishes an event, with the URL as `minerlib broker url` gives it."""
    needs("amqp-publish")
    (line,) = re.findall(r"^    (amqp-publish .*)$", (FOLDER.parents[1] / "README.md").read_text(), re.M)
    with Tap("backup.done", url=kept.url) as tap:
        subprocess.run(["sh", "-c", line], env={**os.environ, "MINERLIB_BROKER_URL": kept.url}, check=True)
        (event,) = tapped(tap, "web-1", 1)
    assert (event.scope, event.body) == ("acme.web.prod", {"seconds": 81, "ok": True})


def test_each_is_short_and_none_is_taken_for_a_collector():
    """At most 40 lines; `minerlib collect` lists what it can run."""
    for language in LANGUAGES.values():
        assert len((FOLDER / language.file).read_text().splitlines()) <= 40
        assert Path(language.file).stem.lower() not in collectors()
    assert "polyglot" not in collectors()


def test_the_wheel_carries_them(tmp_path: Path):
    """Whoever installs minerlib has them beside the collectors."""
    root = FOLDER.parents[1]
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=root, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    there = set(ZipFile(wheel).namelist())
    for name in ("README.md", *(language.file for language in LANGUAGES.values())):
        assert f"minerlib/collectors/polyglot/{name}" in there
