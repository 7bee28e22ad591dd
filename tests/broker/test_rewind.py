"""A look that begins in the past: each event once, in order, and on into what comes."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from minerlib.bus.environments import environments
from minerlib.bus.publish import Publisher
from minerlib.bus.rewind import Rewind
from minerlib.errors import BrokerError
from minerlib.event import Event
from minerlib.event.moment import MINUTE, now
from minerlib.nodes.clock import prepare

from .processes import Process, until
from .wire import Wire


def take(looking: Rewind, count: int) -> list[Event]:
    found: list[Event] = []
    until(lambda: bool(found.extend(looking.take(0.2))) or len(found) >= count, 20, f"{count} events")
    return found


def say(url: str, scope: str, numbers: range, kind: str = "shell.test", source: str = "web-17") -> None:
    with Publisher(url, "rewind") as publisher:
        for n in numbers:
            publisher.publish(scope, source, kind, {"n": n})
        publisher.flush()


def test_the_past_and_then_now(broker_url: str, environment: str, tick: Callable[[], None]) -> None:
    """What passed comes first, then what comes, without a seam; ticks only where they are named."""
    say(broker_url, environment, range(500))
    with Rewind([f"{environment}.web-17.#"], now() - MINUTE, broker_url) as looking:
        before = take(looking, 500)
        tick()
        say(broker_url, environment, range(500, 600))
        after = take(looking, 100)
        assert looking.counts[:3] == (600, 600, 0)
    assert [event.body["n"] for event in before + after] == list(range(600))
    with Rewind([f"{environment}.*.tick"], now() - MINUTE, broker_url) as looking:
        assert {event.kind for event in take(looking, 2)} == {"tick"}


def test_what_matches(broker_url: str, environment: str) -> None:
    """A pattern is one of kinds or of keys, and only the environment it begins with is read."""
    prepare(broker_url, "test", [f"{environment}x"])
    say(broker_url, environment, range(3))
    say(broker_url, environment, range(3, 6), source="db-1.acme.com")
    say(broker_url, environment, range(6, 9), kind="other.kind")
    say(broker_url, f"{environment}x", range(9, 12))
    for pattern, wanted in (
        (f"{environment}.#", range(9)),
        (f"{environment}.db-1/acme/com.#", range(3, 6)),
        (f"{environment}.*.other.*", range(6, 9)),
    ):
        with Rewind([pattern], now() - MINUTE, broker_url) as looking:
            assert [event.body["n"] for event in take(looking, len(wanted))] == list(wanted)
    with Rewind(["shell.#"], now() - MINUTE, broker_url) as looking:
        mine = set[int]()

        def all_of_mine() -> bool:
            mine.update(event.body["n"] for event in looking.take(0.2) if event.scope.startswith(environment))
            return mine == {*range(6), *range(9, 12)}

        until(all_of_mine, 20, "both environments")


def test_since(broker_url: str, environment: str, tick: Callable[[], None]) -> None:
    """What the stream's clock says is older is not shown."""
    say(broker_url, environment, range(3))
    begin = now()
    until(lambda: now() > begin + 10, 1, "a moment")
    tick()
    say(broker_url, environment, range(3, 6))
    with Rewind([f"{environment}.#"], begin, broker_url) as looking:
        assert [event.body["n"] for event in take(looking, 3)] == [3, 4, 5]


def test_said_twice_is_shown_once(broker_url: str, environment: str) -> None:
    """A repeat is left out."""
    with Publisher(broker_url, "rewind") as publisher:
        for n in (1, 2, 2, 3):
            publisher.publish(environment, "web-17", "shell.test", {"n": n}, id=f"minerlib/mine:{n}")
        publisher.flush()
    with Rewind([f"{environment}.#"], now() - MINUTE, broker_url) as looking:
        assert [event.body["n"] for event in take(looking, 3)] == [1, 2, 3]


def test_over_a_wire_that_is_cut(broker_url: str, environment: str, wire: Wire) -> None:
    """It comes back by itself, and goes on where it was."""
    say(broker_url, environment, range(100))
    with Rewind([f"{environment}.#"], now() - MINUTE, wire.url) as looking:
        found = take(looking, 100)
        wire.cut()
        say(broker_url, environment, range(100, 200))
        found += take(looking, 100)
    assert [event.body["n"] for event in found] == list(range(200))


def test_what_ends_the_reading_is_raised(
    monkeypatch: pytest.MonkeyPatch, broker_url: str, environment: str
) -> None:  # fmt: skip
    """Whatever it is: a look that shows nothing any more would pass for a silent bus."""
    monkeypatch.setattr("minerlib.bus.rewind.Reader", lambda *_, **__: _Fails())
    with Rewind([f"{environment}.#"], now(), broker_url) as looking, pytest.raises(ZeroDivisionError):
        until(lambda: bool(looking.take(0.2)), 10, "an error")


class _Fails:
    def batches(self, wait: float) -> None:
        raise ZeroDivisionError


def test_no_environment(monkeypatch: pytest.MonkeyPatch, broker_url: str) -> None:
    """Where no stream was ever declared, that is said."""
    monkeypatch.setattr("minerlib.bus.environments.stream_exists", lambda *_: False)
    assert environments(broker_url, threading.Event()) == []
    with pytest.raises(BrokerError, match=r"no environment at .* yet"):
        Rewind(["#"], now(), broker_url)


def test_the_command(broker_url: str, environment: str, tmp_path: Path) -> None:
    """--since and --where together: what passed and is so; what it cannot be asked of is said in the end."""
    say(broker_url, environment, range(100))
    with Publisher(broker_url, "rewind") as publisher:
        publisher.publish(environment, "web-17", "shell.test", {"n": "many"})
        publisher.publish(environment, "web-17", "shell.test", {"n": 100})
        publisher.flush()
    command = ("tap", f"{environment}.#", "--since", "1m", "--where", "n >= 90 and source = 'web-17'", "--json")
    with Process(tmp_path, *command, MINERLIB_BROKER_URL=broker_url) as process:
        until(lambda: len(process.told.splitlines()) >= 11, 30, "what passed")
        assert process.interrupt() == 0
    assert [json.loads(line)["body"]["n"] for line in process.told.splitlines()] == list(range(90, 101))
    end = "received 102 · shown 11 · left out 91 (1 have other types than --where asks for) · dropped 0"
    assert process.said.strip() == end


def test_where_beside_a_tap(broker_url: str, environment: str, tmp_path: Path) -> None:
    """Without --since it is asked of what passes, as it passes."""
    command = ("tap", f"{environment}.#", "--where", "n % 2 = 0", "--json")
    with Process(tmp_path, *command, MINERLIB_BROKER_URL=broker_url) as process:
        numbers = iter(range(0, 10_000, 10))

        def seen() -> bool:
            first = next(numbers)
            say(broker_url, environment, range(first, first + 10))
            return len(process.told.splitlines()) > 20

        until(seen, 30, "events")
        assert process.interrupt() == 0
    assert all(json.loads(line)["body"]["n"] % 2 == 0 for line in process.told.splitlines())
    assert "left out" in process.said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--where", "n >"], 2, "--where: "),
        (["--since", "soon"], 2, "'soon' is not a time"),
        (["--since", "5m", "--exchange", "amq.topic"], 2, "Only the exchange events has a past"),
    ],
)
def test_one_sentence(broker_url: str, tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    """What cannot be meant is said in one line."""
    with Process(tmp_path, "tap", *arguments, MINERLIB_BROKER_URL=broker_url) as process:
        assert process.process.wait(30) == code
    assert said in process.said
    assert len(process.said.splitlines()) == 1
