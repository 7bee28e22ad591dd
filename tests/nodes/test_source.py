"""Sources: what a declaration says."""

import sys

import pytest

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
