"""Sources: what a declaration says."""

import sys
import threading

import pytest
from unsent import Unsent

from minerlib.errors import SettingError
from minerlib.nodes.collectors import collectors, find_collector
from minerlib.nodes.source import Source


def test_a_source_yields_its_readings():
    """`take` shows what it would publish."""
    source = Source("test")

    @source.every("1s")
    def reading():
        yield "x.y", {"v": 1}
        yield "x.z", {"v": 2}, "other"

    assert source.take() == [("x.y", {"v": 1}), ("x.z", {"v": 2}, "other")]


def test_a_pace_of_nothing_is_refused():
    """A reading cannot be taken all the time."""
    with pytest.raises(SettingError, match="every 0s"):
        Source("test").every("0s")


def test_collectors_are_found_by_name():
    """With the first line of what each says of itself; an unknown name is answered with the known ones."""
    assert {"host", "archive", "simulate"} <= collectors().keys()
    assert all(collectors().values())
    assert find_collector("host").is_file()
    with pytest.raises(SettingError, match=r"there are .*host"):
        find_collector("hots")


def test_collectors_are_short():
    """A collector reads as a declaration, and has no stdlib module's name."""
    longer = {"host": 70, "simulate": 300}
    for name in collectors():
        assert name not in sys.stdlib_module_names
        assert len(find_collector(name).read_text().splitlines()) <= longer.get(name, 45), name


def test_a_reading_that_cannot_be_published_costs_itself(monkeypatch: pytest.MonkeyPatch):
    """What is behind it is told all the same."""
    bus = Unsent(threading.Event())
    monkeypatch.setattr("minerlib.nodes.source.Publisher", bus)
    source = Source("test")

    @source.every("1h")
    def reading():
        yield "x.y", {"name": "\udcff"}
        yield "x.y", {"name": "good"}
        raise ValueError("no more")

    @source.every("1h")
    def end():
        bus.stop.set()
        yield from ()

    source.publish("", bus.stop, print)
    assert [kind for kind, _ in bus.said] == ["node.error", "x.y", "node.error"]
    assert [body["what"] for kind, body in bus.said if kind == "node.error"] == ["test.reading", "test.reading"]
    assert ["surrogate" in bus.said[0][1]["said"], bus.said[1][1]["name"]] == [True, "good"]
    assert "no more" in bus.said[2][1]["said"]
