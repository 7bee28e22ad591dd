"""Loading files and frames: old times, once, in order, nothing left out in silence."""

import gzip
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner

from minerlib.archive import Archive, Loaded, load
from minerlib.cli.load import load as command
from minerlib.errors import ArchiveError, EventError, SettingError
from minerlib.event import Event
from minerlib.event.moment import HOUR, from_datetime

from .made import SCOPE, event, write

AT = from_datetime(datetime(2020, 1, 1, tzinfo=UTC))
FRAME = pl.DataFrame({"time": [AT + n * HOUR for n in (2, 0, 1)], "used": [3, 1, 2], "host": ["b.c", "a", "a"]})


def as_csv(path: Path) -> None:
    FRAME.write_csv(path)


def as_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(FRAME.write_ndjson().encode()))


def read(root: Path) -> list[Event]:
    archive = Archive(root)
    (stream,) = archive.streams()
    return [e for some in archive.events(stream) for e in some]


@pytest.mark.parametrize("save", [as_csv, FRAME.write_ndjson, FRAME.write_parquet, as_gzip])
def test_every_format(tmp_path: Path, save: Callable[[Path], None]) -> None:
    """The same rows become the same events: in the order of time, `seen` is the time, dots as on the bus."""
    file, root = tmp_path / "file", tmp_path / "archive"
    save(file)
    loaded = load(file, "cpu.usage", None, SCOPE, archive=root, source_column="host")
    assert (loaded.events, loaded.added, loaded.unread) == (3, 3, 0)
    assert (loaded.first, loaded.last, loaded.column) == (AT, AT + 2 * HOUR, "time")
    assert loaded.written == "microseconds since 1970"
    found = [(e.offset, e.part, e.time, e.seen, e.source, e.body, e.scope, e.kind) for e in read(root)]
    assert found == [
        (n, 0, AT + n * HOUR, AT + n * HOUR, source, {"used": n + 1.0}, SCOPE, "cpu.usage")
        for n, source in enumerate(["a", "a", "b/c"])
    ]
    again = load(file, "cpu.usage", None, SCOPE, archive=Archive(root), source_column="host")
    assert (again.added, again.events, again.stream) == (0, 3, loaded.stream)
    assert len(read(root)) == 3


def test_frames(tmp_path: Path) -> None:
    """Frames of Polars and pandas, lazy or with their times in the index, are as good as files."""
    table = FRAME.with_columns(pl.col("time").cast(pl.Datetime("us")))
    given: list[Any] = [table, table.lazy(), table.to_pandas(), table.to_pandas().set_index("time")]
    for number, frame in enumerate(given):
        root = tmp_path / str(number)
        loaded = load(frame, "cpu.usage", "web", SCOPE, archive=root)
        assert (loaded.added, loaded.written) == (3, "moments without a zone, read as UTC")
        assert [e.body for e in read(root)] == [
            {"used": n + 1.0, "host": host} for n, host in enumerate(["a", "a", "b.c"])
        ]
        assert load(frame, "cpu.usage", "web", SCOPE, archive=root).added == 0


def test_rows_of_nobody(tmp_path: Path) -> None:
    """Where the column of sources is empty, the event is about `unknown`."""
    load(pl.DataFrame({"time": [AT] * 3, "host": ["a", None, ""]}), "k", None, SCOPE, None, tmp_path, None, "host")
    assert [e.source for e in read(tmp_path)] == ["a", "unknown", "unknown"]


@pytest.mark.parametrize(
    "said",
    [{"kind": "k"}, {"source": "other"}, {"scope": "a.b.c"}, {"time": "when"}, {"source": None, "source_column": "h"}],
)
def test_what_makes_another_load(tmp_path: Path, said: dict[str, Any]) -> None:
    """Another kind, source, scope or column of times is another epoch, and stands beside the first."""
    frame = pl.DataFrame({"time": ["2020-01-01T00:00:00Z"], "when": ["2020-01-02T00:00:00Z"], "h": ["x"]})
    plain: dict[str, Any] = {"kind": "cpu.usage", "source": "web", "scope": SCOPE, "time": "time", "archive": tmp_path}
    one = load(frame, **plain)
    other = load(frame, **(plain | said))
    assert one.stream.epoch != other.stream.epoch
    assert (one.added, other.added) == (1, 1)
    assert set(Archive(tmp_path).streams()) == {one.stream, other.stream}


def test_rows_without_a_time_are_told(tmp_path: Path) -> None:
    """They are left out, counted, and the first of them named by their lines, also after a line break in quotes."""
    file = tmp_path / "x.csv"
    file.write_text('time,v\n2020-01-01T00:00:00Z,"a\nb"\nbad,1\n,2\n2020-01-01T01:00:00Z,c\nshort\n')
    loaded = load(file, "k", "web", SCOPE, archive=tmp_path / "archive")
    assert (loaded.events, loaded.unread, loaded.lines, loaded.place) == (2, 3, [4, 5, 7], "line")
    done = CliRunner().invoke(command, [str(file), "--kind", "k", "--source", "web", "--scope", SCOPE])
    assert done.exit_code == 0
    assert "Left out: 3 lines that have no time, or are no rows: 4, 5, 7." in done.stderr
    assert "moments with a zone" in done.stdout


def test_bodies_stay_as_they_are(tmp_path: Path) -> None:
    """NDJSON keeps nesting, lists, null and large integers; a line that is none is left out."""
    bodies = [{"a": {"b": 1.5}, "l": [1, None], "big": 10**30, "n": None, "source": "me", "a.b": True}, {"a": "text"}]
    file = tmp_path / "x.ndjson"
    lines = [json.dumps({"time": 1_577_836_800 + n, **body}) for n, body in enumerate(bodies)]
    file.write_text("\n\n".join([*lines, "broken", "[1]"]))
    loaded = load(file, "k", "web", SCOPE, archive=tmp_path / "archive")
    assert loaded.lines == [5, 7]
    assert [e.body for e in read(tmp_path / "archive")] == bodies


def test_cells_of_frames(tmp_path: Path) -> None:
    """Null and NaN are no field; moments, days, bytes, lists and structs are what JSON can say of them."""
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC)
    frame = pl.DataFrame({
        "time": [moment, moment], "f": [float("nan"), 1.5], "n": [None, 1], "at": [moment.date(), None],
        "w": [moment, None], "l": [[1, None], None], "s": [{"x": 1, "y": None}, None], "b": [b"\xff", None],
    })  # fmt: skip
    load(frame, "k", "web", SCOPE, "time", tmp_path)
    first, second = (e.body for e in read(tmp_path))
    assert first.pop("w").startswith("2020-01-01T12:00:00")
    assert first == {"at": "2020-01-01", "l": [1, None], "s": {"x": 1.0}, "b": "ff"}
    assert second == {"f": 1.5, "n": 1.0}


def test_a_load_that_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed stays, the rest follows, and progress tells how far it is."""
    monkeypatch.setattr(sys.modules["minerlib.archive.load"], "BATCH", 2)
    told: list[tuple[int, int]] = []

    def stop(done: int, rows: int) -> None:
        told.append((done, rows))
        if len(told) == 2:
            raise KeyboardInterrupt

    frame = pl.DataFrame({"ts": [AT + n for n in range(7)]})
    with pytest.raises(KeyboardInterrupt):
        load(frame, "k", "web", SCOPE, archive=tmp_path, progress=stop)
    assert len(read(tmp_path)) == 4
    loaded = load(frame, "k", "web", SCOPE, archive=tmp_path, progress=stop)
    assert (loaded.events, loaded.added) == (7, 3)
    assert told == [(2, 7), (4, 7), (2, 7), (4, 7), (6, 7), (7, 7)]
    assert [e.offset for e in read(tmp_path)] == list(range(7))


def test_a_live_stream_is_refused(tmp_path: Path) -> None:
    """Old times do not get into a stream whose clock runs."""
    write(tmp_path, [event(0)])
    with pytest.raises(ArchiveError, match=r"acme.web.prod is a live stream .* scope of its own"):
        load(FRAME, "k", "web", SCOPE, archive=tmp_path)
    assert load(FRAME, "k", "web", "acme.web.history", archive=tmp_path).added == 3


@pytest.mark.parametrize(
    ("content", "said", "error", "words"),
    [
        (b"", {}, ArchiveError, "must name its columns"),
        (b"time,v\n", {}, ArchiveError, "There are no rows in"),
        (b"time,v,v\n1,2,3\n", {}, ArchiveError, "must name its columns, each once"),
        (b"a,b\n1,2\n", {}, SettingError, "No column holds times; there are a, b"),
        (b"time,v\nsoon,1\n", {}, ArchiveError, r"No row of .*the first says 'soon'"),
        (b"ts,v\n0,1\n1,2\n", {}, ArchiveError, r"No row of .*the first says '0'"),
        (b"PAR1 cut off", {}, ArchiveError, "is no CSV, NDJSON or Parquet that can be read"),
        (gzip.compress(b"time,v\n1,2\n", mtime=0)[:15], {}, ArchiveError, "cannot be read"),
        (b"broken {\n", {}, ArchiveError, "There are no rows in"),
        (b'{"a": broken\n', {}, ArchiveError, "There are no rows in"),
        (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}\n", {}, ArchiveError, "There are no rows in"),
        (
            b'[{"a":' + b"[" * 500 + b"]" * 500 + b"}]",
            {},
            ArchiveError,
            "more than 256 lists and objects in one another",
        ),
        (b"[" * 100_000, {}, ArchiveError, "more than 256 lists"),
        (b'[{"a": "\xff"}]', {}, ArchiveError, "is no CSV, NDJSON or Parquet that can be read"),
        (b"time\n2020-01-01\n", {"kind": "a.*"}, SettingError, r"'a\.\*' is no kind"),
        (b"time\n2020-01-01\n", {"kind": "tick"}, SettingError, "'tick' is no kind"),
        (b"time\n2020-01-01\n", {"kind": "a..b"}, EventError, "kind 'a..b'"),
        (b"time\n2020-01-01\n", {"scope": "a.b"}, SettingError, "is not a scope"),
        (b"time\n2020-01-01\n", {"source": None}, SettingError, "--source web-1, or --source-column"),
        (b"time\n2020-01-01\n", {"source": None, "source_column": "x"}, SettingError, "no column 'x'; there are time"),
    ],
)
def test_bad_input(tmp_path: Path, content: bytes, said: dict[str, Any], error: type[Exception], words: str) -> None:
    """One sentence each, and nothing is in the archive."""
    file, root = tmp_path / "file", tmp_path / "archive"
    file.write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        load(file, **({"kind": "k", "source": "web", "scope": SCOPE, "archive": root} | said))
    assert "\n" not in str(caught.value)
    assert not Archive(root).streams()


def test_what_is_neither_file_nor_frame(tmp_path: Path) -> None:
    """Lists, files that are not there, folders and frames of mixed types are told so."""
    mixed = pd.DataFrame({"time": pd.to_datetime(["2020-01-01", "2020-01-02"]), "v": [1, "x"]})
    for data, words in [([1], "A list cannot"), (tmp_path / "no", "is not there"), (tmp_path, "cannot be read"),
                        (mixed, "pandas frame cannot be read")]:  # fmt: skip
        with pytest.raises((SettingError, ArchiveError), match=words):
            load(data, "k", "web", SCOPE)


def test_the_command(tmp_path: Path) -> None:
    """It says what was loaded, how times were understood, and that a second time adds nothing; or all of it as JSON."""
    file = tmp_path / "x.csv"
    file.write_text("when,v\n2020-01-01 10:00,1\n2020-01-01 11:00,2\n")
    line = [str(file), "--kind", "k", "--source", "web", "--scope", SCOPE, "--time", "when"]
    first, second, told = (CliRunner().invoke(command, [*line, *more]) for more in ([], [], ["--json"]))
    assert (
        "Loaded 2 events of k in acme.web.prod, 2020-01-01T10:00:00Z to 2020-01-01T11:00:00Z; 2 added." in first.stdout
    )
    assert "Times are the column when: moments without a zone, read as UTC." in first.stdout
    assert "0 added" in second.stdout
    found = json.loads(told.stdout)
    assert set(found) == set(Loaded._fields)
    assert (found["added"], found["events"], found["first"]) == (0, 2, "2020-01-01T10:00:00.000000Z")
