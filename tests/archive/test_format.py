"""docs/archive-format.md: its commands run as printed, and its tables are what is on disk."""

import json
import re
import shutil
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from minerlib.archive import Archive, Today, seal
from minerlib.archive.columns import EVENT, TAIL
from minerlib.event.moment import from_datetime

from .made import SCOPE, event, position, write

FORMAT = (Path(__file__).parents[2] / "docs" / "archive-format.md").read_text()
NOON = from_datetime(datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose `archive` is as in the page: six events sealed, three not."""
    root = tmp_path / "archive"
    for some in (range(6), range(6, 9)):
        write(root, [event(n, {"used": n}, time=NOON + n) for n in some])
        if some.start == 0:
            assert seal(root, SCOPE) == 6
    monkeypatch.chdir(tmp_path)
    return root


@pytest.mark.parametrize(
    "code", re.findall(r"```python\n(.*?)```", FORMAT, re.S), ids=("duckdb", "polars", "pandas", "seam")
)
def test_python_runs_as_printed(at: Path, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed for readers of Parquet gives the sealed events, once."""
    exec(compile(code, "archive-format.md", "exec"), {})
    said = capsys.readouterr().out
    assert "web-2" in said or said == "3 events of e1 are not sealed yet\n"


@pytest.mark.parametrize("code", re.findall(r"```sh\n(.*?)```", FORMAT, re.S), ids=("events", "groups", "kind"))
def test_sqlite_runs_as_printed(at: Path, code: str) -> None:
    """The SQL gives rows; by the command itself where it is installed."""
    (path, sql) = re.findall(r"(archive\S+\.sqlite) \\\n +\"(.*)\"", code)[0]
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = db.execute(sql.replace('\\"', '"')).fetchall()
    db.close()
    assert len(rows) in (3, 5)
    assert "web-0" in rows[0]
    if shutil.which("sqlite3"):
        done = subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=True)
        assert len(done.stdout.splitlines()) == len(rows)


def test_tables_are_told(at: Path) -> None:
    """Each table, view and column of both stores stands in the page."""
    db = sqlite3.connect(at / SCOPE / "2026-11-23.sqlite")
    names = [name for (name,) in db.execute("select name from sqlite_master where type in ('table', 'view')")]
    columns = [row[1] for row in db.execute("pragma table_info(events)")]
    assert f"`pragma user_version` is the format, {db.execute('pragma user_version').fetchone()[0]};" in FORMAT
    db.close()
    told = set(re.findall(r"`([\w.]+)`", FORMAT))
    assert {*names, *columns, *EVENT, *TAIL, "date"} - {"cpu.usage"} <= told


def test_examples_of_bodies(tmp_path: Path) -> None:
    """The table of bodies says what columns and rest become of them, in the order in which they came."""
    lines = [line.strip("|").split("|") for line in FORMAT.splitlines() if re.match(r"\| `[\[{]", line)]
    rows = [tuple(re.findall(r"`(.*?)`", cell) for cell in line) for line in lines]
    both = list(zip(lines, rows, strict=True))
    assert len(both) == 5
    write(tmp_path, [event(n, json.loads(body)) for n, ((body,), _, _) in enumerate(rows)])
    for _ in range(2):
        frame = Archive(tmp_path).scan("cpu.usage").sort("offset").collect()
        for got, ((_, columns, _), (_, _, rest)) in zip(frame.rows(named=True), both, strict=True):
            wanted = {name: float(value) for name, value in re.findall(r"`(.*?)` = ([\d.]+)", columns)}
            fields = {name: got[name] for name in frame.columns if name not in (*EVENT, *TAIL)}
            assert {name: value for name, value in fields.items() if value is not None} == wanted
            assert (json.loads(got["rest"]) if got["rest"] else None) == (json.loads(rest[0]) if rest else None)
        seal(tmp_path, SCOPE)


def test_names_on_disk(tmp_path: Path) -> None:
    """The folders are called as the page says."""
    today = Today(tmp_path, "a b.x.y")
    today.write([event(0, scope="a b.x.y", kind="größe")], position(0))
    today.close()
    seal(tmp_path, "a b.x.y")
    for folder in (tmp_path / "a%20b.x.y", tmp_path / "sealed" / "gr+C3+B6+C3+9Fe"):
        assert folder.is_dir()
        assert folder.name in FORMAT


def test_a_lost_position_costs_reading_only(tmp_path: Path) -> None:
    """Where the newest file was removed, what is read again is sealed once all the same."""
    write(tmp_path, [event(n) for n in range(5)])
    seal(tmp_path, SCOPE)
    for path in (tmp_path / SCOPE).glob("*.sqlite*"):
        path.unlink()
    write(tmp_path, [event(n) for n in range(7)])
    seal(tmp_path, SCOPE)
    assert sorted(Archive(tmp_path).scan("cpu.usage").collect()["offset"]) == list(range(7))
