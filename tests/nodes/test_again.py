"""The past played once more: what is given, and when."""

import math

import msgspec
import pytest

from minerlib.errors import BrokerUnreachable, EventError, SettingError
from minerlib.event import Event
from minerlib.event.moment import FIRST, LAST, SECOND, rfc3339
from minerlib.nodes.again import Again, play, read_speed

THEN, NOW = 1_790_164_800 * SECOND, 1_800_000_000 * SECOND


def seen(second: float, happened: float | None = None, kind: str = "x.value") -> Event:
    """An event that its stream saw so long after the first; `happened` when it was late or early."""
    time = THEN + round((second if happened is None else happened) * SECOND)
    event = Event.of(kind, {"n": second}, source="web-1", scope="acme.web.prod", time=time)
    return msgspec.structs.replace(event, seen=THEN + round(second * SECOND))


class Wall:
    """A wall clock that goes only while somebody waits; stops them after so many seconds."""

    def __init__(self, until: float = math.inf) -> None:
        self.now, self.until = NOW, until

    def wait(self, seconds: float) -> bool:
        self.now += round(seconds * SECOND)
        return self.now >= NOW + self.until * SECOND

    def clock(self) -> int:
        return self.now


def played(
    *events: Event, speed: float = 1, keep: bool = False, until: float = math.inf
) -> tuple[list[tuple[float, float]], Again]:
    """When each event was given and the time it had, in seconds since the beginning."""
    wall, out = Wall(until), list[tuple[float, float]]()

    def give(event: Event) -> None:
        assert (event.scope, event.source) == ("scratch.web.prod", "web-1")
        out.append(((wall.now - NOW) / SECOND, (event.time - (THEN if keep else NOW)) / SECOND))

    found = play(events, give, "scratch.web.prod", speed, wall.wait, keep, clock=wall.clock)
    return out, found


@pytest.mark.parametrize(
    ("events", "speed", "given"),
    [
        ([seen(0), seen(10), seen(60)], 10, [(0, 0), (1, 1), (6, 6)]),
        ([seen(0), seen(1)], 0.5, [(0, 0), (2, 2)]),
        ([seen(0), seen(100), seen(3600)], math.inf, [(0, 0), (0, 0), (0, 0)]),
        ([seen(0, 0.3), seen(0, 0.7), seen(1, 1.2)], 1, [(0, 0), (0.4, 0.4), (0.9, 0.9)]),
        ([seen(0), seen(10, 4), seen(20)], 1, [(0, 0), (10, 4), (20, 20)]),
        ([seen(0), seen(10, 9999), seen(20)], 1, [(0, 0), (10.999999, 9999), (20, 20)]),
        ([seen(0), seen(5, kind="tick"), seen(10)], 1, [(0, 0), (10, 10)]),
    ],
    ids=["faster", "slower", "at once", "within a second of the clock", "late", "of the future", "ticks"],
)
def test_pace_and_times(events: list[Event], speed: float, given: list[tuple[float, float]]) -> None:
    """Events are given as they were seen, divided by the speed, and say the times that fit."""
    assert played(*events, speed=speed)[0] == given


@pytest.mark.parametrize("never", [LAST, FIRST])
def test_a_time_at_the_end_of_all_calendars(never: int) -> None:
    """A producer's `never` stays one, and its neighbours are played."""
    out = list[Event]()
    odd = msgspec.structs.replace(seen(1), time=never)
    found = play(
        [seen(0), odd, seen(2)], out.append, "scratch.web.prod", 0.01, lambda _: False, False, clock=lambda: NOW
    )
    assert found.events == 3
    assert out[1].time in (FIRST, LAST)
    assert all(rfc3339(event.time) for event in out)


def test_times_may_stay() -> None:
    """As they were, at whatever speed."""
    assert played(seen(0), seen(10, 4), speed=10, keep=True)[0] == [(0, 0), (1, 4)]


def test_stopped() -> None:
    """It ends before the event it waits for, and says how far it came."""
    given, found = played(seen(0), seen(10), seen(20), until=15)
    assert [at for at, _ in given] == [0, 10]
    assert found == Again(2, 0, THEN, THEN + 10 * SECOND, True)


def test_an_event_without_a_place_costs_itself() -> None:
    """Its kind may be too long for the other environment's key."""
    out = list[Event]()

    def give(event: Event) -> None:
        if event.body["n"] == 1:
            raise EventError("too long")
        out.append(event)

    found = play([seen(n) for n in range(3)], give, "scratch.web.prod", math.inf, Wall().wait)
    assert ([event.body["n"] for event in out], found.events, found.left) == ([0, 2], 2, 1)


@pytest.mark.parametrize("stopped", [True, False])
def test_a_broker_that_takes_nothing(stopped: bool) -> None:
    """Raised, unless somebody was told to stop while it waited."""
    told = False

    def give(event: Event) -> None:
        nonlocal told
        told = stopped
        raise BrokerUnreachable("takes nothing more")

    if stopped:
        assert play([seen(0)], give, "a.b.c", 1, lambda _: told).stopped
    else:
        with pytest.raises(BrokerUnreachable):
            play([seen(0)], give, "a.b.c", 1, lambda _: told)


@pytest.mark.parametrize("text", ["fast", "0x", "-1x", "nan", "inf", ""])
def test_no_speed(text: str) -> None:
    with pytest.raises(SettingError, match="is no speed"):
        read_speed(text)
