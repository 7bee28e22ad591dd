"""A crew: what ends one of its threads ends all of them, and is heard of."""

import threading

import pytest

from minerlib.nodes.crew import Crew


class Panic(BaseException):
    """As libraries written in Rust raise it: no Exception."""


@pytest.mark.parametrize("error", [ValueError, Panic])
def test_one_ends_all(error: type[BaseException]) -> None:
    """The others stop, and the first failure is raised where they were started."""
    stop = threading.Event()

    def fail() -> None:
        raise error("it is over")

    with pytest.raises(error, match="it is over"), Crew(stop) as crew:
        crew.run("waits", lambda: assert_set(stop))
        crew.run("fails", fail)
        assert_set(stop)


def assert_set(stop: threading.Event) -> None:
    assert stop.wait(10)
