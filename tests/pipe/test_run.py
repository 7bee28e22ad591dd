"""A pipe as a whole: errors, ticks, the end."""

import pickle
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib import run
from minerlib.errors import EventError
from minerlib.event import Event
from minerlib.event.key import make_key
from minerlib.event.moment import SECOND
from minerlib.pipe import Node, Timed, by, changed, count, dedupe, every, parsed, pipe, throttle, where
from minerlib.pipe.node import several
from minerlib.pipe.time import Time

from .drawn import NOON, at, drawing


def fails_on_b(event: Event) -> Event:
    """A node that is a function, and has a fault."""
    if event.body["mark"] == "b":
        raise KeyError("colour")
    return event


def test_a_node_that_fails_costs_one_event() -> None:
    """The neighbours live, also those out of the same event; the error says which node, which event, and why."""
    assert drawing(lambda event: [event, at(0, "b"), event], fails_on_b, given="a . a") == "a+a+! . a+a+!"
    out = list[Event]()
    ran = run([at(0, "a"), at(1, "b", port=22), at(2, "c")], fails_on_b, changed("mark"), sink=out.append)
    assert ran == (3, 2, 1)
    (error,) = (event for event in out if event.kind == "node.error")
    assert (error.source, error.scope, error.time) == ("web-1", "acme.web.prod", at(1).time)
    assert error.body == {
        "what": "pipe", "node": "fails_on_b", "place": 1, "said": "KeyError('colour')",
        "event": '2026-09-23T12:00:01.000000Z acme.web.prod web-1 test {"mark":"b","port":22}',
    }  # fmt: skip


@pytest.mark.parametrize("tick", [None, "1m"])
def test_a_line_that_cannot_be_read_costs_itself(tick: str | None) -> None:
    """Said with its number; a line may be several events, or none."""

    def parse(line: str) -> list[Event] | None:
        return [at(float(word)) for word in line.split()] if line else None

    out = list[Event]()
    ran = run(parsed(["1 2", "three", "", "4"], parse), count(over="1m"), sink=out.append, tick=tick)
    assert ran == (3, 1, 1)
    error, counted = out
    assert counted.body["count"] == 3
    assert (error.kind, error.scope, error.body["node"], error.body["line"]) == (
        "node.error",
        "acme.web.prod",
        "parse",
        2,
    )
    assert (error.body["text"], error.body["said"][:10]) == ("three", "ValueError")


def test_a_node_gives_events_and_nothing_else() -> None:
    """A body is no event: said, not passed on."""
    out = list[Event]()
    run([at(0)], lambda event: event.body, sink=out.append)  # type: ignore[arg-type, return-value]
    assert "not dict" in out[0].body["said"]


def test_an_event_without_a_place_on_the_bus_costs_itself() -> None:
    """The sink says so by EventError; other errors of a sink end the run."""
    out = list[str]()

    def sink(event: Event) -> None:
        if event.kind == "test" and event.body["mark"] == "b":
            raise EventError("no kind")
        out.append(event.kind)

    assert run([at(0), at(1, "b"), at(2)], sink=sink) == (3, 2, 1)
    assert out == ["test", "node.error", "test"]

    def broken(event: Event) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run([at(0)], sink=broken)


@pytest.mark.parametrize("changes", [{"source": ""}, {"kind": ""}])
def test_what_a_node_makes_nameless_costs_itself(changes: dict[str, str]) -> None:
    """The fault is told of the event it came from, which has its place."""
    out: list[Event] = []

    def strip(event: Event) -> Event:
        return msgspec.structs.replace(event, **changes) if event.body["mark"] == "b" else event

    assert run([at(0, "a"), at(1, "b"), at(2, "c")], strip, sink=bus(out)) == (3, 2, 1)
    assert [event.kind for event in out] == ["test", "node.error", "test"]


def bus(out: list[Event]) -> Callable[[Event], None]:
    """A sink that takes what the bus would."""

    def given(event: Event) -> None:
        make_key(event.scope, event.source, event.kind)
        out.append(event)

    return given


def test_a_source_of_nameless_events_costs_each() -> None:
    """Where the event itself has no source, its fault is about `unknown`."""
    out: list[Event] = []
    assert run([msgspec.structs.replace(at(0), source=""), at(1)], sink=bus(out)) == (2, 1, 1)
    assert [event.source for event in out] == ["unknown", at(0).source]


def test_repeats_are_left_out() -> None:
    """What its publisher had said before is said once."""
    out = list[Event]()
    run([at(0), msgspec.structs.replace(at(0), repeat=True)], count(), sink=out.append)
    assert [event.body["count"] for event in out] == [1]


def test_an_event_of_the_future_counts_as_of_when_it_was_seen() -> None:
    """More than a minute ahead of its stream's clock, as in a rule."""
    out = list[Event]()
    seen = [msgspec.structs.replace(at(ahead), seen=NOON) for ahead in (60, 61)]
    run(seen, sink=out.append)
    assert [event.time - NOON for event in out] == [60 * SECOND, 0]


@pytest.mark.parametrize("end", [RuntimeError("the source broke"), KeyboardInterrupt()])
def test_what_waits_comes_out_however_a_source_ends(end: BaseException) -> None:
    """Its failure and Ctrl-C are raised, behind what was counted so far."""

    def source() -> Iterator[Event]:
        yield at(0)
        raise end

    for tick in (None, "1m"):
        out = list[Event]()
        with pytest.raises(type(end)):
            run(source(), count(), sink=out.append, tick=tick)
        assert [event.body["count"] for event in out] == [1]


def test_time_goes_on_while_a_source_is_silent() -> None:
    """From its last event on, however long ago that was; and events of the past are still counted together."""
    done, out = threading.Event(), list[Event]()

    def source() -> Iterator[Event]:
        yield from [at(0), at(0.05)]
        assert done.wait(20)
        yield from [at(0.5), at(0.55)]

    def sink(event: Event) -> None:
        out.append(event)
        done.set()

    run(source(), count(over="100ms", late="0s"), sink=sink, tick="10ms")
    assert [(event.time - NOON, event.body["count"]) for event in out] == [(0, 2), (SECOND // 2, 2)]


def test_a_silent_source_that_nobody_wants_any_more_is_let_go() -> None:
    """Its thread ends with the run."""
    before = set(threading.enumerate())

    def sink(event: Event) -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        run((at(n) for n in range(10_000)), sink=sink, tick="1s")
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert not thread.is_alive()


def make_throttle() -> Node:
    return throttle(1, "2s")


def folded(node: Node, events: list[Event], cut: bool = False) -> list[Event]:
    """What a node gives for events; stored and read again between any two, if `cut`."""
    out = list[Event]()
    for event in events:
        node = pickle.loads(pickle.dumps(node)) if cut else node
        out += several(node.tick(event.time)) if isinstance(node, Timed) else []
        out += several(node(event))
    return out + (several(node.flush()) if isinstance(node, Timed) else [])


NODES: list[Callable[[], Node]] = [
    lambda: changed("mark"),
    lambda: dedupe("mark", "3s"),
    lambda: every("2s"),
    lambda: throttle(2, "3s"),
    lambda: count(by="mark"),
    lambda: by("mark", make_throttle, idle="5s"),
    lambda: pipe(throttle(3, "2s"), count(over="5s")),
]
MARKS = st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abc")), max_size=60)


@pytest.mark.parametrize("make", NODES)
@given(marks=MARKS)
def test_cuts_change_nothing(make: Callable[[], Node], marks: list[tuple[int, str]]) -> None:
    """The state of a node is data: stored and read between any two events, it goes on as if nothing had been."""
    events = [at(tenth / 10, mark) for tenth, mark in marks]
    assert folded(make(), events, cut=True) == folded(make(), events)


@pytest.mark.parametrize("make", NODES)
@given(marks=MARKS, ticks=st.lists(st.integers(0, 320)))
def test_ticks_change_nothing_but_latency(
    make: Callable[[], Node], marks: list[tuple[int, str]], ticks: list[int]
) -> None:
    """In order and with ticks between them, events give what they give without."""
    events = [at(tenth / 10, mark) for tenth, mark in sorted(marks)]
    clock = [Event.of("tick", {}, time=NOON + tenth * SECOND // 10) for tenth in ticks]
    alone, ticked = list[Event](), list[Event]()
    run(events, make(), sink=alone.append)
    run(sorted([*events, *clock], key=lambda event: (event.time, event.kind != "tick")), make(), sink=ticked.append)
    assert sorted(alone, key=str) == sorted(ticked, key=str)


@given(marks=MARKS, late=st.sampled_from(["0s", "1s", "10s"]), most=st.integers(1, 5))
def test_counts_add_up(marks: list[tuple[int, str]], late: str, most: int) -> None:
    """In whatever order events come, and however few keys may wait, the sum of the counts of a window is that of its
    events; a second node may do the adding up."""
    events = [at(tenth / 10, mark) for tenth, mark in marks]
    out, minutes = list[Event](), list[Event]()
    run(events, count(by="mark", late=late, most=most), sink=out.append)
    run(out, count(by="mark", over="10s", weight="count", kind="sum"), sink=minutes.append)
    for found, span in ((out, 1), (minutes, 10)):
        summed = Counter[tuple[int, str]]()
        for event in found:
            summed[(event.time - NOON) // SECOND, event.body["mark"]] += event.body["count"]
        assert summed == Counter((tenth // 10 // span * span, mark) for tenth, mark in marks)


def test_memory_is_bounded() -> None:
    """Thousands of different keys leave no more behind than a node may hold."""
    holding = [by("n", make_throttle, most=100), dedupe("n", "1h", most=100), count(by="n", late="1h", most=100)]
    run((at(n / 1000, n=n) for n in range(5000)), *holding[:2], sink=lambda event: None)
    kept, deduped, counted = holding
    for n in range(5000):
        counted(at(n / 1000, n=n))
    assert len(kept.nodes) <= 100
    assert len(kept.heard) <= 100
    assert len(deduped.said) <= 100
    assert counted.waiting == sum(map(len, counted.cells.values())) <= 100


def test_the_state_can_be_read() -> None:
    """Printed, a node says what it is and what it has."""
    node = throttle(1, "5s")
    run([at(0), at(1)], node, sink=lambda event: None)
    assert repr(node) == f"throttle(most=1, span='5s', begun={at(0).time}, passed=1, dropped=1)"
    assert repr(where("disk.#", used=3)) == "where('disk.#', used=3)"


@pytest.mark.parametrize(
    ("times", "clock"),
    [
        ([0, 5, 3], [0, 5, 5]),
        ([0, 9999, 6, 7], [0, 9999, 6, 7]),
        ([0, 9999, 9998, 20], [0, 9999, 9999, 9999]),
        ([0, 3600, 3630, 3700], [0, 3600, 3630, 3700]),
        ([9999, 6, 7], [9999, 6, 7]),
    ],
    ids=["late", "wrong", "behind a silence", "and later", "the first is wrong"],
)
def test_one_event_alone_does_not_move_the_clock_far(times: list[int], clock: list[int]) -> None:
    """The next one tells whether it was right."""
    time = Time()

    def come(second: int) -> int:
        time.event(NOON + second * SECOND)
        return (time.clock - NOON) // SECOND

    assert [come(second) for second in times] == clock
