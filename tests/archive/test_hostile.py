"""Structures that nobody declared, and nobody would: they go in, and come back exactly, whichever way one asks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from minerlib.archive import Archive, seal
from minerlib.archive.frames import events_of
from minerlib.event.body import flatten, read_parts
from minerlib.rule import Stream

from .made import SCOPE, event, write
from .test_columns import BODIES, exact

DEEP: Any = 1
for _ in range(40):
    DEEP = {"deep": DEEP}

STRUCTURES: dict[str, list[Any]] = {
    "appears and vanishes": [{}, {"a": 1}, {"b": 1}, {"a": 2, "b": 2}, {}, {"c": True}],
    "changes its type": [{"v": v} for v in (1, 2.5, "three", [4], {"five": 5}, None, True, {}, [], "", 1)],
    "changes inside": [{"v": {"w": w}} for w in (1, 2.5, "x", [1, {"y": None}], {"z": 1}, None, False)],
    "object, then number": [{"v": {"w": 1}}, {"v": 1}, {"v": {"w": {"x": 1}}}, {"v.w": 2, "v": {"w": 3}}],
    "names": [
        {"a.b": 1, "a b": 2, 'a"b': 3, "a'b": 4, "größe": 5, "select": 6, "from": 7, "": 8, ".": 9, "a.": 10},
        {"😀": 11}, {"A": 1, "a": 2}, {"ß": 1, "ss": 2}, {"\n": 1, "\t": "x", "nul\0": True, ";drop table": 1, "--": 2},
        {"*": 3, "^v.*$": "x", "v.w": {"^a$": 1}},
        {"time": 1, "Time": 2, "body.time": 3, "rest": "x", "raw": [1], "repeat": None, "date": {"date": 1}, "seen": 1},
        {"events": 1, "kind": "no", "offset": -1, "body": {"body": 1}, "__index_level_0__": 1, "filename": 2},
    ],
    "numbers": [
        {"v": v} for v in (2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**64, 10**30, 1e308, 5e-324, -0.0, 0.1, 1e22)
    ],
    "not objects": [1, "text", None, True, [], [{"a": 1}], 2**60, 1.5, {}],
    "lists": [{"v": [1, "x", None, {"y": [[]]}]}, {"v": [[1, 2], [3]]}, {"v": []}, {"v": [1.5]}, {"v": "x"}],
    "deep": [DEEP, {"v": DEEP}, {"v": 1}],
    "text": [{"v": v} for v in ("", "null", "NaN", "1", "\0", "\u2028", "'; drop view x; --", "{}", "x" * 100_000)],
    "3000 fields": [{f"f{n}": n for n in range(3000)}, {f"f{n}": str(n) for n in range(2990, 3010)}, {"f1": [1]}],
}  # fmt: skip


def ways(root: Path) -> dict[str, list[Any]]:
    """The bodies of all events in their order, as each way to ask gives them."""
    archive = Archive(root)
    stream = Stream(SCOPE, "e1")
    rows = archive.sql('select body from events order by "offset"')
    return {
        "scan": [e.body for e in events_of(archive.scan("cpu.usage").sort("offset").collect())],
        "sql": [e.body for e in events_of(archive.sql('select * from "cpu.usage" order by "offset"'))],
        "sql over all": [json.loads(body) for body in rows["body"]],
        "events": [e.body for batch in archive.events(stream) for e in batch],
    }


def check(root: Path, bodies: Sequence[Any], cut: int) -> None:
    """Put bodies in, some sealed before the others come, and ask for them before, between and after."""
    events = [msgspec.structs.replace(event(n, 0), body=body) for n, body in enumerate(bodies)]  # null too
    for begin, end in ((0, cut), (cut, len(events))):
        if begin < end:
            write(root, events[begin:end])
        for _ in range(2):
            if end:
                for way, found in ways(root).items():
                    assert list(map(exact, found)) == list(map(exact, bodies[:end])), way
            seal(root, SCOPE)
    told = set(Archive(root).schema("cpu.usage")["field"])
    assert told >= {name for body in bodies for name in flatten(body)}


@pytest.mark.parametrize("cut", [0, 1, 1_000_000], ids=["at once", "after the first", "sealed before"])
@pytest.mark.parametrize("name", STRUCTURES)
def test_they_come_back(tmp_path: Path, name: str, cut: int) -> None:
    """Exactly, up to 1 and 1.0, through scan, SQL and the history; nothing is refused."""
    bodies = STRUCTURES[name]
    check(tmp_path, bodies, min(cut, len(bodies)))


@given(BODIES, BODIES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_come_back(tmp_path_factory: pytest.TempPathFactory, first: list[Any], second: list[Any]) -> None:
    """Whatever the bodies are."""
    check(tmp_path_factory.mktemp("archive"), [*first, *second], len(first))


def test_what_json_cannot_say(tmp_path: Path) -> None:
    """NaN in JSON is no JSON, and kept as it came; NaN from Python is null, as JSON has it."""
    part = read_parts(b'{"v": NaN}')[0]
    write(tmp_path, [event(0, raw=part.raw), event(1, {"v": float("nan"), "w": [float("inf")]})])
    for _ in range(2):
        found = Archive(tmp_path).sql('select raw, body from events order by "offset"').rows()
        assert found == [(b'{"v": NaN}', None), (None, '{"v":null,"w":[null]}')]
        seal(tmp_path, SCOPE)


@pytest.mark.parametrize("field", ["a.b", "a b", 'a"b', "größe", "select", "ORDER", "time", "a;b", "x'y", "1m"])
def test_a_field_is_asked_by_its_name(tmp_path: Path, field: str) -> None:
    """Quoted as SQL quotes; one named like a column of ours is `body.<name>`."""
    write(tmp_path, [event(n, {field: n}) for n in range(4)])
    column = '"' + ("body." * (field == "time") + field).replace('"', '""') + '"'
    for _ in range(2):
        assert Archive(tmp_path).sql(f"select sum({column}) from cpu_usage where {column} > 1").item() == 5
        seal(tmp_path, SCOPE)
