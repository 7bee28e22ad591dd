"""What schema says of a kind: each field wherever it stands, its types, share, first and last time, an example."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minerlib.archive import Archive, seal
from minerlib.event.moment import SECOND, from_datetime, rfc3339

from .made import NOON, SCOPE, event, write

Said = dict[str, tuple[Any, ...]]


def sides(root: Path, bodies: list[Any]) -> Iterator[Said]:
    """What is said of bodies, an event a second, before they are sealed, after, and half and half."""
    write(root / "a", [event(n, body) for n, body in enumerate(bodies)])
    for _ in range(2):
        yield said(root / "a")
        seal(root / "a", SCOPE)
    half = len(bodies) // 2
    write(root / "b", [event(n, body) for n, body in enumerate(bodies[:half])])
    seal(root / "b", SCOPE)
    write(root / "b", [event(n + half, body) for n, body in enumerate(bodies[half:])])
    yield said(root / "b")


def said(root: Path, **cut: Any) -> Said:
    """field: types, share, first and last in seconds after noon, example."""
    rows = Archive(root).schema("cpu.usage", **cut).rows()
    assert len({row[0] for row in rows}) == len(rows)
    return {
        name: (types, share, *((from_datetime(at) - NOON) // SECOND for at in span), example)
        for name, types, share, *span, example in rows
    }


def test_fields_in_columns_and_in_rest(tmp_path: Path) -> None:
    """A field is one row, whether it stands in its column, in the rest, or in both; also one named like ours."""
    bodies = [{"v": 1, "time": "x"}, {"v": "one", "tags": [1]}, {"v": None, "deep": {"er": True}}, {"a.b": 2**60}]
    bodies += [{"time": 5, "v": {}}, {"v": [1]}, [1, 2], "text"]
    for found in sides(tmp_path, bodies):
        assert found == {
            "v": ("list, null, number, object, text", 0.625, 0, 5, "1.0"),
            "time": ("number, text", 0.25, 0, 4, "x"),
            "tags": ("list", 0.125, 1, 1, "[1]"),
            "deep.er": ("true or false", 0.125, 2, 2, "true"),
            "a.b": ("number", 0.125, 3, 3, str(2**60)),
        }


def test_two_fields_of_one_name(tmp_path: Path) -> None:
    """A body that is kept whole counts once a field; a field without a name is one."""
    for found in sides(tmp_path, [{"a.b": 1, "a": {"b": "x", "c": []}}, {"": 3, "q": 1.5}, {"q": 2}]):
        assert {name: row[:4] for name, row in found.items()} == {
            "a.b": ("number", 0.3333, 0, 0),
            "a.c": ("list", 0.3333, 0, 0),
            "": ("number", 0.3333, 1, 1),
            "q": ("number", 0.6667, 1, 2),
        }


@pytest.mark.parametrize(
    "name", ["a b", 'a"b', "a'b", "größe", "select", "A", "a,b", "\n", "nul\0", "time", "body.time"]
)
def test_names(tmp_path: Path, name: str) -> None:
    """Whatever a field is called, it is told by its name."""
    for found in sides(tmp_path, [{name: 1}, {name: "x"}, {"other": 1}, {name: None}]):
        assert found[name][:4] == ("null, number, text", 0.75, 0, 3)


def test_thousands_of_fields(tmp_path: Path) -> None:
    """All of them are told, those beyond the columns there may be too."""
    for found in sides(tmp_path, [{f"f{n}": n for n in range(3000)}, {"f2999": "x"}]):
        assert len(found) == 3000
        assert found["f2999"] == ("number, text", 1.0, 0, 1, found["f2999"][-1])
        assert found["f7"] == ("number", 0.5, 0, 0, "7.0")


def test_it_is_cut_like_scan(tmp_path: Path) -> None:
    """Only the events between two moments count, and examples are short."""
    write(tmp_path, [event(n, {f"f{n}": "x" * 500}) for n in range(4)])
    found = said(tmp_path, since=rfc3339(NOON + SECOND), until=rfc3339(NOON + 3 * SECOND))
    assert found == {"f1": ("text", 0.5, 1, 1, "x" * 80), "f2": ("text", 0.5, 2, 2, "x" * 80)}
    assert said(tmp_path, until=rfc3339(NOON)) == {}


def test_batches_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the rows are cut, the same is said."""
    bodies = [{"v": n, "late": "x"} if n > 8 else {"v": n, "tags": [n % 2]} for n in range(12)]
    write(tmp_path, [event(n, body) for n, body in enumerate(bodies)])
    whole = said(tmp_path)
    monkeypatch.setattr("minerlib.archive.describe._BATCH", 3)
    assert said(tmp_path) == whole
    assert whole["late"] == ("text", 0.25, 9, 11, "x")
    assert whole["tags"] == ("list", 0.75, 0, 8, "[0]")
