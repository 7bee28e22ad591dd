"""Compaction: fewer files, the same events, in order; whoever else commits, nothing is there twice."""

import threading
from datetime import date
from itertools import chain, pairwise
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from minerlib.archive import Archive, seal
from minerlib.archive import compact as compact_module
from minerlib.archive.compact import compact
from minerlib.archive.runs import due, pieces
from minerlib.archive.upkeep import maintain
from minerlib.errors import ArchiveError
from minerlib.event.moment import DAY, MINUTE, SECOND
from minerlib.rule.history import Stream

from .made import NOON, SCOPE, event, kept, write

DATE = date(2026, 9, 23)


def sealed(root: Path, commits: int, size: int = 20, step: int = SECOND) -> None:
    """So many commits of one kind."""
    for n in range(commits):
        write(root, [event(m, time=NOON + m * step) for m in range(n * size, n * size + size)])
        seal(root, SCOPE)


def table(root: Path) -> DeltaTable:
    return DeltaTable(root / "sealed" / "cpu.usage")


def rows(root: Path) -> list[int]:
    found = pl.scan_parquet(table(root).file_uris(), extra_columns="ignore").select("offset").collect()
    return sorted(found["offset"].to_list())


def test_a_finished_date_becomes_one_file(tmp_path: Path) -> None:
    """Sorted by source and time, with bounds in the log; the old files stay for who reads them."""
    sealed(tmp_path, 5)
    before, version = table(tmp_path).file_uris(), table(tmp_path).transaction_version(f"{SCOPE}/e1")
    asked = Archive(tmp_path).scan("cpu.usage")
    wanted = Archive(tmp_path).scan("cpu.usage").sort("offset").collect()
    assert compact(tmp_path, "cpu.usage") == 5
    assert compact(tmp_path, "cpu.usage") == 0
    (path,) = table(tmp_path).file_uris()
    frame = pl.read_parquet(path)
    assert frame.equals(frame.sort("source", "time"))
    assert Archive(tmp_path).scan("cpu.usage").sort("offset").collect().equals(wanted)
    assert asked.sort("offset").collect().equals(wanted)  # a reader from before
    assert all(Path(each).exists() for each in before)
    assert table(tmp_path).transaction_version(f"{SCOPE}/e1") == version
    logged = pl.DataFrame(table(tmp_path).get_add_actions(flatten=True)).row(0, named=True)
    assert (logged["num_records"], logged["min.offset"], logged["max.offset"]) == (100, 0, 99)
    assert (logged["min.source"], logged["max.source"]) == ("web-0", "web-2")
    assert pq.ParquetFile(path, page_checksum_verification=True).read().num_rows == 100


def test_the_growing_date_waits(tmp_path: Path) -> None:
    """It is merged once it has many; a finished one at once; what lies before it changes nothing."""
    sealed(tmp_path, 33, size=2)
    assert compact(tmp_path, "cpu.usage", newest=DATE) == 33
    write(tmp_path, [event(66), event(67)])
    seal(tmp_path, SCOPE)
    assert compact(tmp_path, "cpu.usage", newest=DATE) == 0
    assert compact(tmp_path, "cpu.usage", newest=date(2026, 9, 24)) == 0  # 2 rows beside 66 are not worth it
    assert rows(tmp_path) == list(range(68))


def test_a_run_is_cut_into_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By source and time, none of them overlapping."""
    sealed(tmp_path, 4, size=150, step=10 * SECOND)
    monkeypatch.setattr(compact_module, "pieces", lambda some: pieces(some, 100))
    compact(tmp_path, "cpu.usage")
    frames = [pl.read_parquet(path) for path in sorted(table(tmp_path).file_uris())]
    assert len(frames) == 6
    ends = [(frame[0, "source"], frame[0, "time"], frame[-1, "source"], frame[-1, "time"]) for frame in frames]
    assert all(one[2:] < two[:2] for one, two in pairwise(ends))
    assert rows(tmp_path) == list(range(600))
    assert compact(tmp_path, "cpu.usage") == 0  # they are one run


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 90)), min_size=1, max_size=40), st.integers(1, 9))
def test_each_row_is_in_one_piece(given: list[tuple[str, int]], most: int) -> None:
    """Whatever the rows are, and however small the pieces."""
    frame = pl.DataFrame({"source": [s for s, _ in given], "time": [at * MINUTE for _, at in given]})
    frame = frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC"))).with_row_index()
    found = [frame.filter(piece.wanted())["index"].to_list() for piece in pieces(frame.lazy(), most)]
    assert sorted(chain(*found)) == list(range(len(given)))
    assert all(found)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_what_is_merged_is_of_similar_size(sizes: list[int]) -> None:
    """And in the end no two runs are."""
    runs = sorted(sizes)
    while True:
        log = pl.DataFrame({"path": [f"{n}" for n in range(len(runs))], "rows": runs})
        log = log.with_columns(bytes=pl.lit(1), date=pl.lit(DATE), loaded=pl.lit(False))
        found = next(due(log, None), None)
        if found is None:
            break
        merged = found.log["rows"].to_list()
        assert len(merged) > 1
        for each in merged:
            runs.remove(each)
        runs.append(sum(merged))
    runs.sort()
    assert sum(runs) == sum(sizes)
    assert all(two > 4 * one for one, two in pairwise(runs[:2]))


@pytest.mark.parametrize("other", ["seals", "compacts"])
def test_somebody_else_commits_meanwhile(tmp_path: Path, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only added files changes nothing; who compacted the same has done it."""
    sealed(tmp_path, 4)
    real, raced = compact_module.write_file, []

    def racing(*args, **said):
        if not raced:
            raced.append(True)
            if other == "seals":
                write(tmp_path, [event(80)])
                seal(tmp_path, SCOPE)
            else:
                compact(tmp_path, "cpu.usage")
        return real(*args, **said)

    monkeypatch.setattr(compact_module, "write_file", racing)
    assert compact(tmp_path, "cpu.usage") == (4 if other == "seals" else 0)
    assert rows(tmp_path) == list(range(81 if other == "seals" else 80))
    assert len(list((tmp_path / "sealed").glob("*/*/sorted-*"))) == 1


def test_a_commit_comes_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading the log and the commit: deltalake would let both pass."""
    sealed(tmp_path, 4)
    real, raced = compact_module.DeltaTable.create_write_transaction, []

    def racing(*args, **named):
        if not raced:
            raced.append(True)
            compact(tmp_path, "cpu.usage")
        real(*args, **named)

    monkeypatch.setattr(compact_module.DeltaTable, "create_write_transaction", racing)
    assert compact(tmp_path, "cpu.usage") == 0
    assert rows(tmp_path) == list(range(80))


def test_a_file_that_says_other_than_its_log(tmp_path: Path) -> None:
    """Nothing is merged of it, and it is named."""
    sealed(tmp_path, 3)
    path = Path(table(tmp_path).file_uris()[0].removeprefix("file://"))
    pl.read_parquet(path).head(5).write_parquet(path)
    with pytest.raises(ArchiveError, match=r"cpu.usage/date=2026-09-23 hold 45 events and their log says 60"):
        compact(tmp_path, "cpu.usage")
    assert not list((tmp_path / "sealed").glob("*/*/sorted-*"))


def test_a_reader_counts_while_it_is_sealed_and_compacted(tmp_path: Path) -> None:
    """At no moment is an event twice or missing, by scan and by the events of the stream."""
    failed: list[BaseException] = []
    done = threading.Event()
    write(tmp_path, [event(0)])

    def writer() -> None:
        try:
            for n in range(40):
                some = [event(1 + n * 10 + m, time=NOON + n * DAY // 8 + m * SECOND) for m in range(10)]
                write(tmp_path, some)
                seal(tmp_path, SCOPE)
                assert not [each for each in maintain(tmp_path, [], NOON + 9 * DAY) if each.failed]
        except BaseException as error:
            failed.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=writer)
    thread.start()
    looks, before = 0, 0
    try:
        while not done.is_set() or before < 401:
            found = kept(tmp_path)
            assert found == [(n, 0) for n in range(len(found))]
            assert len(found) >= before
            archive = Archive(tmp_path)
            streamed = [each.offset for some in archive.events(Stream(SCOPE, "e1")) for each in some]
            assert streamed == list(range(len(streamed)))
            before, looks = len(found), looks + 1
            assert not failed
    finally:
        done.wait(60)
        thread.join()
    assert looks > 3
    assert any(path.name.startswith("sorted-") for path in (tmp_path / "sealed").glob("*/*/*"))
