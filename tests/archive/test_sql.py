"""SQL over the archive: the rows and columns are those of scan, and a query can only read."""

import threading
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from minerlib.archive import Archive, seal
from minerlib.errors import ArchiveError, MinerlibError, SettingError
from minerlib.event.moment import DAY, HOUR, SECOND, rfc3339

from .made import NOON, SCOPE, event, write

OTHER = "acme.db.test"


def same(root: Path, kind: str = "cpu.usage", **asked: Any) -> int:
    """How many rows a kind has; SQL and scan give the same ones."""
    archive = Archive(root)
    rows = archive.sql(f'select * from "{kind}"', **asked)
    assert_frame_equal(rows, archive.scan(kind, **asked).collect(), check_row_order=False)
    return rows.height


@pytest.fixture(params=["today", "sealed", "both"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two kinds and ticks of two streams, with repeats, over midnight, a field more in the second half."""
    kinds = ("cpu.usage", "disk.usage", "tick")
    for scope in (SCOPE, OTHER):
        for begin in (0, 150):
            bodies = [{"n": n, **({"late.r": f"x{n}"} if begin else {})} for n in range(begin, begin + 150)]
            write(
                tmp_path,
                [
                    event(n, bodies[n - begin], kind=kinds[n % 3], scope=scope, repeat=n % 10 == 0,
                          time=NOON + n * HOUR // 10)
                    for n in range(begin, begin + 150)
                ],
            )  # fmt: skip
            if request.param == "sealed" or (request.param == "both" and not begin):
                seal(tmp_path, scope)
    return tmp_path


def test_a_view_is_what_scan_gives(root: Path) -> None:
    """Columns in their order, types and rows, however time and scope cut them; also where a field is in no file."""
    assert same(root) == 180
    assert same(root, "tick") == 180
    assert same(root, until=rfc3339(NOON + 2 * HOUR)) == 12
    assert same(root, since=rfc3339(NOON + 3 * HOUR // 10), until=rfc3339(NOON + 9 * HOUR // 10 + 1)) == 6
    assert same(root, scope=SCOPE) == 90
    assert same(root, scope="*.db.*") == 90
    assert same(root, scope="#.test") == 90
    assert same(root, since=rfc3339(NOON + 365 * DAY)) == 0


def test_names(root: Path) -> None:
    """A kind is its name with underscores, in any case, or the exact one in quotes; fields with dots are in quotes."""
    archive = Archive(root)
    for name in ("cpu_usage", "CPU_Usage", '"cpu.usage"', '"Cpu.Usage"'):
        assert archive.sql(f"select count(*) as n from {name}")["n"].to_list() == [180]
    both = archive.sql('select count(*) as n from cpu_usage a join "cpu.usage" b using (system, "offset")')
    assert both["n"].to_list() == [180]
    frame = archive.sql("""select max(n) as m, min("late.r") as l from disk_usage""")
    assert frame.rows() == [(298.0, "x151")]
    assert archive.sql("with k as (select * from tick) select max(n) from k").item() == 299
    nested = (
        "with tick as (select * from tick where n > 7), b as (from tick)"
        " select min(n) as n from b union (from tick select max(n))"
    )
    assert sorted(archive.sql(nested)["n"].to_list()) == [8, 299]
    counting = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 4) select max(r.n) from r"
    assert archive.sql(counting).item() == 4
    assert archive.sql("select 1 as one").rows() == [(1,)]


def test_one_name_of_two_kinds(tmp_path: Path) -> None:
    """Where one name may be two kinds it is refused, and the exact one in quotes is understood."""
    for n, kind in enumerate(("a.b", "a_b", "A.b", "9-p", "events.x")):
        write(tmp_path, [event(n, {"n": n}, kind=kind)])
    archive = Archive(tmp_path)
    with pytest.raises(SettingError, match=r'a_b may be the kind "A\.b" or "a\.b" or "a_b": write which, in quotes'):
        archive.sql("select n from a_b")
    with pytest.raises(SettingError, match="write which"):
        archive.sql('select x.n from a_b x, "a_b" y')
    for n, kind in enumerate(("a.b", "a_b", "A.b")):
        assert archive.sql(f'select n from "{kind}"')["n"].to_list() == [n]
    with pytest.raises(SettingError, match="differ in case alone"):
        archive.sql('select * from "a.b", "A.b"')
    assert archive.sql("select n from _9_p").item() == 3


def test_all_kinds(root: Path) -> None:
    """`events` has all kinds but the workbench's own; bodies come back whole."""
    archive = Archive(root)
    counted = archive.sql("select kind, count(*) as n from events group by kind order by kind")
    assert counted.rows() == [("cpu.usage", 180), ("disk.usage", 180)]
    last = archive.sql("select body from events where \"offset\" = 298 and system = 'web'")
    assert last["body"].to_list() == ['{"n":298.0,"late.r":"x298"}']
    assert archive.sql("select count(*) from events", scope=OTHER).item() == 180
    with pytest.raises(ArchiveError, match=r"and scope a\.b\.c"):
        archive.sql("select * from events", scope="a.b.c")


def test_raw_events(tmp_path: Path) -> None:
    """What could not be read is there too, and has no body."""
    write(tmp_path, [event(0, raw=b"\xff\x00"), event(1, [1, {"a": None}])])
    for _ in range(2):
        same(tmp_path)
        rows = Archive(tmp_path).sql('select body, raw from events order by "offset"').rows()
        assert rows == [(None, b"\xff\x00"), ('[1,{"a":null}]', None)]
        seal(tmp_path, SCOPE)


def test_results_of_all_types(few: Path) -> None:
    """What SQL can give has a place in a frame; two columns of one name are both there."""
    frame = Archive(few).sql(
        "select max(time) - min(time) as span, min(time) as first, 1 as a, 2 as a, interval 1 month as m,"
        " '{\"a\":1}'::json as j, uuid() as u, union_value(n := 1) as n, {'b': [1]} as s, null as nothing from tick"
    )
    assert frame.columns == ["span", "first", "a", "a_1", "m", "j", "u", "n", "s", "nothing"]
    assert frame["span"].dt.total_seconds().item() == 2
    assert frame["first"].dtype == pl.Datetime("us", "UTC")
    assert frame["m"].dt.total_days().item() == 30
    assert frame.select("a", "a_1", "j", "n", "s").row(0) == (1, 2, '{"a":1}', "1", {"b": [1]})
    assert len(frame["u"].item()) == 36
    assert frame.to_pandas()["a"].to_list() == [1]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed event and one of today, of two kinds."""
    root = tmp_path_factory.mktemp("few")
    write(root, [event(0, {"n": 1, "late.r": "x"}, kind="tick"), event(1, kind="disk.usage")])
    seal(root, SCOPE)
    write(root, [event(2, {"n": 2}, kind="tick")])
    return root


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("drop view tick", "DROP is refused: a query only reads"),
        ("copy tick to 'x.csv'", "COPY is refused"),
        ("attach 'x.db'", "ATTACH is refused"),
        ("install httpfs", "LOAD is refused"),
        ("set threads = 1", "SET is refused"),
        ("create table t as select 1", "CREATE is refused"),
        ("explain analyze copy (select 1) to 'x.csv'", "EXPLAIN of what does more than read is refused"),
        ("with x as (copy (select 1) to 'x.csv') select 1", "COPY is refused"),
        ("with x as (insert into tick values (1) returning *) select * from x", "INSERT is refused"),
        ("pivot tick on source using max(n)", "A pivot must name its values"),
        ("show tables", r"archive\.kinds\(\) says what there is"),
        ("select 1; select 2", "holds 2 statements"),
        (" -- nothing", "The query is empty"),
        ("selct 1", r'syntax error at or near "selct"\.\n\nLINE 1: selct 1\n        \^'),
        ("select nn from tick", r"There is no column nn: did you mean n\?\n\nLINE 1: select nn from tick\n  +\^\^"),
        ("select t.nn from tick t", r"There is no column nn: did you mean n\?"),
        ("select latr from tick", r'There is no column latr: did you mean "late\.r"\?'),
        ("select zzzzz from tick", r"There is no column zzzzz: there are time, seen, epoch"),
        ("select late.r from tick", r'There is no table late: names with dots stand in quotes, as "late\.r"\.'),
        ("select sum(source) from tick", "No function matches"),
        ("select error('out of it') from tick", "out of it"),
        ("select * from ticc", r"did you mean tick\?"),
        ("select * from disk_usag", r"did you mean disk_usage\?"),
        ("select * from 'x.parquet'", "No event of kind 'x.parquet'"),
        ("select * from read_csv('/etc/passwd')", "no other file"),
        ("select * from read_text('/etc/passwd')", "no other file"),
        ("select * from glob('/*')", r"glob\(\) is refused"),
        ("from query('select 1')", r"query\(\) is refused"),
        (
            "select * from cpu.usage",
            r'cpu\.usage must stand in quotes, or with underscores: write "cpu\.usage" or cpu_usage',
        ),
    ],
)
def test_refused(few: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, query: str, said: str) -> None:
    """What does more than read, and what cannot be meant, is said in a sentence that names it; nothing is written."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MinerlibError, match=said):
        Archive(few).sql(query)
    assert list(tmp_path.iterdir()) == []


def test_the_files_of_the_archive_cannot_be_written(few: Path) -> None:
    """Not even below `sealed`, where files are read."""
    place = few / "sealed" / "x.csv"
    query = f"with x as (copy (select 1) to '{place}' (use_tmp_file false)) select 1"
    for each in (query, f"explain analyze {query}", f"select * from query('{query.replace(chr(39), chr(39) * 2)}')"):
        with pytest.raises(MinerlibError):
            Archive(few).sql(each)
        assert not place.exists()


def test_an_empty_archive(tmp_path: Path) -> None:
    """Nothing there yet: said as scan says it."""
    for query in ("select * from cpu_usage", "select * from events"):
        with pytest.raises(ArchiveError, match="minerlib up archives what happens"):
            Archive(tmp_path).sql(query)


def test_files_that_the_log_forgot_count_for_nothing(tmp_path: Path) -> None:
    """A broken-off commit's file lies in the folder, and is not read."""
    write(tmp_path, [event(n) for n in range(3)])
    seal(tmp_path, SCOPE)
    there = next((tmp_path / "sealed" / "cpu.usage").glob("date=*/*.parquet"))
    there.with_name("part-of-nothing.parquet").write_bytes(there.read_bytes())
    assert same(tmp_path) == 3


def test_only_the_files_that_may_hold_some_are_read(tmp_path: Path) -> None:
    """Bounds of time reach the list of files."""
    for n in range(3):
        write(tmp_path, [event(n, time=NOON + n * DAY)])
        seal(tmp_path, SCOPE)
    next((tmp_path / "sealed" / "cpu.usage" / "date=2026-09-23").iterdir()).unlink()
    archive = Archive(tmp_path)
    assert archive.sql("select count(*) from cpu_usage", since=rfc3339(NOON + DAY)).item() == 2
    with pytest.raises(ArchiveError, match=r"No such file.*minerlib archive verify"):
        archive.sql("select count(*) from cpu_usage")


def test_no_event_twice_or_missing_while_it_is_sealed(tmp_path: Path) -> None:
    """Whoever asks while sealing goes on counts what was written, always."""
    write(tmp_path, [event(n) for n in range(400)])
    done = threading.Event()

    def sealing() -> None:
        while seal(tmp_path, SCOPE, most=20) and not done.is_set():
            pass

    sealer = threading.Thread(target=sealing)
    sealer.start()
    try:
        counts = set()
        while sealer.is_alive():
            counts.add(Archive(tmp_path).sql('select count(*), count(distinct "offset") from cpu_usage').row(0))
    finally:
        done.set()
        sealer.join()
    assert counts == {(400, 400)}


def test_ctrl_c_ends_it(few: Path) -> None:
    """A KeyboardInterrupt in the main thread comes through at once, and the query has ended."""
    told: list[float] = []

    def progress(percent: float) -> None:
        told.append(percent)
        if len(told) == 3:
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Archive(few).sql("select sum(a.range * b.range) from range(10000000) a, range(10000000) b", progress=progress)
    assert time.monotonic() - begun < 20
    assert all(0 <= percent <= 100 for percent in told)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPool")]


def test_times_are_exact(tmp_path: Path) -> None:
    """Microseconds, and long ago, on both sides of the seam."""
    times = [NOON + 1, NOON + 2, -1, -62_135_510_400 * SECOND]
    write(tmp_path, [event(n, time=time, seen=NOON) for n, time in enumerate(times)])
    for _ in range(2):
        found = Archive(tmp_path).sql('select epoch_us(time) as t from cpu_usage order by "offset"')
        assert found["t"].to_list() == times
        assert same(tmp_path, since=rfc3339(NOON + 2)) == 1
        same(tmp_path)
        seal(tmp_path, SCOPE)
