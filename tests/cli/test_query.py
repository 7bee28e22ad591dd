"""`minerlib query`: SQL from the command line, to people and to programs."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from minerlib.archive import Archive, Today, seal
from minerlib.cli.main import cli
from minerlib.event import Event
from minerlib.event.order import Position

NOON = 1_790_164_800_000_000  # 2026-09-23T12:00:00Z


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 readings, half of them sealed, and one event with a body that is no friend of terminals."""
    root = tmp_path_factory.mktemp("archive")
    today = Today(root, "acme.web.prod")
    for begin in (0, 30):
        events = [
            Event(
                time=NOON + n * 1_000_000, seen=NOON + n * 1_000_000, epoch="e", offset=n, part=0, company="acme",
                system="web", environment="prod", source=f"web-{n % 2}", kind="disk.usage",
                body={"used": n + 0.5, "text": "\x1b[31m[red]\nx" if n == 59 else "a,b", "tags": [n]},
            )
            for n in range(begin, begin + 30)
        ]  # fmt: skip
        today.write(events, Position("e", begin + 29, "0", "{}"))
        if not begin:
            seal(root, "acme.web.prod")
    today.close()
    return root


def ask(root: Path, *words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["query", "--archive", str(root), *words], input=given)


def test_a_table(root: Path) -> None:
    """Numbers to the right, moments to read, and how many rows there are."""
    query = "select source, count(*) as n, max(used) as most, max(time) as last, null as none, true as yes"
    done = ask(root, f"{query} from disk_usage group by source order by n, source")
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "source   n  most  last                 none  yes",
        "web-0   30  58.5  2026-09-23 12:00:58  null  true",
        "web-1   30  59.5  2026-09-23 12:00:59  null  true",
        "2 rows; times are UTC.",
    ]


def test_long_tables_are_cut(root: Path) -> None:
    """The first 50 rows, what is left out, and how to have it; nothing that moves a cursor."""
    done = ask(root, 'select text, rest from disk_usage order by "offset" desc')
    lines = done.stdout.splitlines()
    assert len(lines) == 52
    assert lines[1].split() == ["·[31m[red]·x", '{"tags":[59]}']
    assert lines[-1] == "60 rows; the first 50 are shown (all: --format csv, or -o FILE)."
    long = ask(root, "select repeat('x', 100) as long")
    assert long.stdout.splitlines()[1].strip() == "x" * 59 + "…"


def test_since_until_scope(root: Path) -> None:
    """The bounds are those of scan."""
    cut = ("--since", "2026-09-23T12:00:10Z", "--until", "2026-09-23T12:00:40Z", "--scope", "acme.*.prod", "--json")
    assert json.loads(ask(root, "select count(*) as n from disk_usage", *cut).stdout) == {"n": 30}
    assert ask(root, "from disk_usage", "--scope", "nobody.*.*").exit_code == 5
    assert ask(root, "from disk_usage", "--since", "whenever").exit_code == 2


def test_json_lines_steer_no_terminal(root: Path) -> None:
    """What would is escaped, and read as it was."""
    told = ask(root, "select chr(155) || chr(8238) as text", "--json").stdout
    assert told == '{"text":"\\u009b\\u202e"}\n'
    assert json.loads(told) == {"text": "\x9b\u202e"}


def test_json_lines(root: Path) -> None:
    """An object a line; --json and --format json are the same."""
    query = 'select time, used, text, rest, raw, [1, 2] as list, used / 0 as nan from disk_usage where "offset" = 59'
    done = ask(root, query, "--json")
    assert done.stdout == ask(root, query, "--format", "json").stdout
    assert json.loads(done.stdout) == {
        "time": "2026-09-23T12:00:59Z", "used": 59.5, "text": "\x1b[31m[red]\nx", "rest": '{"tags":[59]}', "raw": None,
        "list": [1, 2], "nan": None,
    }  # fmt: skip


def test_csv(root: Path) -> None:
    """All rows, quoted as CSV is; lists as JSON, moments as RFC 3339."""
    query = (
        "select time, used, text, [1, 2] as list, {'a': 1} as s, 'x'::blob as b, interval 1 day as i from disk_usage"
    )
    done = ask(root, f'{query} order by "offset"', "--format", "csv")
    rows = list(csv.reader(io.StringIO(done.stdout, newline="")))
    assert rows[0] == ["time", "used", "text", "list", "s", "b", "i"]
    assert rows[1] == ["2026-09-23T12:00:00Z", "0.5", "a,b", "[1,2]", '{"a":1}', "eA==", "P1D"]
    assert rows[60][2] == "\x1b[31m[red]\nx"
    assert len(rows) == 61


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.json"])
def test_files(root: Path, tmp_path: Path, name: str) -> None:
    """The name of the file says the format; all rows are in it."""
    path = tmp_path / name
    done = ask(root, 'select "offset", used, time from disk_usage', "-o", str(path))
    assert (done.stdout, done.stderr) == ("", f"60 rows in {path}.\n")
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "json": pl.read_ndjson}[name[4:]]
    assert sorted(read(path)["used"].to_list()) == [n + 0.5 for n in range(60)]


def test_parquet_out(root: Path) -> None:
    """Into a pipe, but not onto a terminal."""
    command = [
        sys.executable,
        "-m",
        "minerlib",
        "query",
        "from disk_usage",
        "--archive",
        str(root),
        "--format",
        "parquet",
    ]
    piped = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert pl.read_parquet(io.BytesIO(piped.stdout)).height == 60
    ours, theirs = pty.openpty()
    try:
        shown = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (shown.returncode, shown.stderr.startswith("Parquet is not for a terminal")) == (2, True)


def test_queries_come_from_anywhere(root: Path, tmp_path: Path) -> None:
    """An argument, a file, standard input; exactly one of them."""
    (tmp_path / "q.sql").write_text("select count(*) as n -- all\nfrom disk_usage\n;")
    assert ask(root, "--file", str(tmp_path / "q.sql"), "--json").stdout == '{"n":60}\n'
    assert ask(root, "-", "--json", given="select 1 as n").stdout == '{"n":1}\n'
    for words in ((), ("select 1", "--schema", "disk.usage")):
        done = ask(root, *words)
        assert (done.exit_code, done.stderr.startswith("Give one of")) == (2, True)


def test_schema(root: Path) -> None:
    """The fields of a kind, as a table and as JSON."""
    found = [json.loads(line) for line in ask(root, "--schema", "disk.usage", "--json").stdout.splitlines()]
    assert found[0] == {
        "field": "used", "types": "number", "share": 1.0, "first": "2026-09-23T12:00:00Z",
        "last": "2026-09-23T12:00:59Z", "example": "0.5",
    }  # fmt: skip
    assert [each["field"] for each in found] == Archive(root).schema("disk.usage")["field"].to_list()
    assert "tags   list" in ask(root, "--schema", "disk.usage").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("select usd from disk_usage",), 2, "There is no column usd: did you mean used?\n\nLINE 1: select usd"),
        (("from disk_usag",), 5, "did you mean disk_usage?"),
        (("drop table x",), 2, "DROP is refused"),
        (("select 1", "--json", "--format", "csv"), 2, "are two formats"),
        (("select 1", "-o", "x.txt"), 2, "x.txt does not say its format"),
        (("select 1", "-o", "/nowhere/x.csv"), 2, "/nowhere/x.csv cannot be written: No such file or directory."),
    ],
)
def test_errors(root: Path, words: tuple[str, ...], code: int, said: str) -> None:
    """A sentence on stderr that names the thing, and an exit code."""
    done = ask(root, *words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_explain_is_a_drawing(root: Path) -> None:
    """A plan is printed as DuckDB draws it."""
    assert "Projections: used" in ask(root, "explain select used from disk_usage").stdout


def test_progress_and_ctrl_c(root: Path) -> None:
    """What takes long shows a bar on stderr; Ctrl-C ends it with 130, and stdout stays clean."""
    query = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b"
    command = [sys.executable, "-m", "minerlib", "query", query, "--archive", str(root)]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=os.environ | {"TERM": "xterm"})
    os.close(theirs)
    try:
        told, deadline = b"", time.monotonic() + 60
        while b"asking" not in told and time.monotonic() < deadline:
            told += os.read(ours, 1000)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        os.close(ours)
    assert b"%" in told
    assert (process.returncode, out) == (130, b"")
