"""A crew: what ends one of its threads ends all of them, and is heard of."""

import threading

import pytest

from minerlib.nodes.crew import Crew


class Panic(BaseException):
    """As libraries written in Rust raise it: no Exception."""


def crew_of(stop: threading.Event, error: type[BaseException]) -> None:
    """Two threads, of which one waits and the other fails."""

    def fail() -> None:
        raise error("it is over")

    with Crew(stop) as crew:
        crew.run("waits", lambda: print(stop.wait(10)))
        crew.run("fails", fail)
        assert stop.wait(10)


@pytest.mark.parametrize("error", [ValueError, Panic])
def test_one_ends_all(error: type[BaseException], capsys: pytest.CaptureFixture[str]) -> None:
    """The other one stops, and the failure is raised where they were started."""
    with pytest.raises(error, match="it is over"):
        crew_of(threading.Event(), error)
    assert capsys.readouterr().out == "True\n"
