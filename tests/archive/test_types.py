"""Fields whose types differ: between kinds, between streams, between what is sealed and what came today."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable, Field
from deltalake.schema import PrimitiveType

from minerlib.archive import Archive, seal
from minerlib.errors import ArchiveError

from .made import SCOPE, event, write

OTHER = "acme.web.test"


def columns(root: Path, kind: str, *names: str) -> list[tuple[Any, ...]]:
    return Archive(root).scan(kind).sort("environment", "offset").collect().select(names).rows()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([1, "x"], ["1.0", "x"]),
        ([True, 1.5], ["true", "1.5"]),
        ([True, "x"], ["true", "x"]),
        ([1, True, "x"], ["1.0", "true", "x"]),
        ([1, 2.5], [1.0, 2.5]),
        ([1, None], [1.0, None]),
    ],
    ids=repr,
)
def test_kinds_scanned_as_one(tmp_path: Path, values: list[Any], told: list[Any]) -> None:
    """What is of several types in several kinds is text in all of them; truth never becomes a number."""
    write(tmp_path, [event(n, {"v": value}, kind=f"k.{n}") for n, value in enumerate(values)])
    for _ in range(2):
        assert [v for (v,) in columns(tmp_path, "k.*", "v")] == told
        seal(tmp_path, SCOPE)


def test_streams_scanned_as_one(tmp_path: Path) -> None:
    """In one kind a field has the type of who came first, before sealing as after."""
    write(tmp_path, [event(0, {"v": 1})])
    write(tmp_path, [event(0, {"v": "x", "V": 2}, scope=OTHER)])
    for _ in range(2):
        assert columns(tmp_path, "cpu.usage", "v", "rest") == [(1.0, None), (None, '{"v":"x","V":2}')]
        seal(tmp_path, SCOPE)
        seal(tmp_path, OTHER)


def test_today_has_the_types_of_what_is_sealed(tmp_path: Path) -> None:
    """The first value of today decides nothing where the column is there."""
    write(tmp_path, [event(0, {"v": 1, "w": "x"})])
    seal(tmp_path, SCOPE)
    write(tmp_path, [event(1, {"v": "late", "w": 5}), event(2, {"v": 7, "w": True})])
    for _ in range(2):
        frame = Archive(tmp_path).scan("cpu.usage")
        assert frame.collect_schema()["v"] == pl.Float64
        assert frame.collect_schema()["w"] == pl.String
        assert columns(tmp_path, "cpu.usage", "v", "w", "rest") == [
            (1.0, "x", None), (None, None, '{"v":"late","w":5}'), (7.0, None, '{"w":true}'),
        ]  # fmt: skip
        seal(tmp_path, SCOPE)


def test_a_column_of_others_is_left_to_them(tmp_path: Path) -> None:
    """Who adds a column of integers to a table finds nothing in it: the field stands in rest."""
    write(tmp_path, [event(0)])
    seal(tmp_path, SCOPE)
    table = DeltaTable(tmp_path / "sealed" / "cpu.usage")
    table.alter.add_columns([Field("v", PrimitiveType("long"))])
    write(tmp_path, [event(1, {"v": 1})])
    for _ in range(2):
        assert columns(tmp_path, "cpu.usage", "v", "rest")[1] == (None, '{"v":1}')
        seal(tmp_path, SCOPE)


def test_a_broken_table_is_said_in_a_line(tmp_path: Path) -> None:
    """Neither a log that is no log nor one of a newer Delta shows a backtrace."""
    write(tmp_path, [event(0)])
    seal(tmp_path, SCOPE)
    (first, *_) = sorted((tmp_path / "sealed" / "cpu.usage" / "_delta_log").glob("*.json"))
    text = first.read_text()
    newer = text.replace('"minReaderVersion":', '"minReaderVersion":9')
    for said, words in (("no json", "is broken .*archive verify"), (newer, "cannot be read .*a newer deltalake")):
        assert said != text
        first.write_text(said)
        with pytest.raises(ArchiveError, match=rf"^\S+/cpu.usage {words}[^\n]*$"):
            Archive(tmp_path).scan("#")
