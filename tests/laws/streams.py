"""Rules and streams to try the laws on: small numbers, so that thresholds, ends of windows and timers coincide often."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.rule import Rule, State, Transition, evaluate

STEP = 500_000  # half a second
START = 1_700_000_000 * 1_000_000
SCOPE, EPOCH = "a.b.c", "epoch"


def spans(first: int, last: int) -> st.SearchStrategy[str]:
    return st.integers(first, last).map(lambda count: f"{count * STEP // 1000}ms")


conditions = st.builds("{} {}".format, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), st.integers(0, 4))
waits = st.just("0") | spans(1, 8)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A document with every feature there is, in any mixture."""
    document: dict[str, Any] = {"rule": "r", "scope": SCOPE, "kind": draw(st.sampled_from(["m.x", "m.*", "#"]))}
    document["by"] = draw(st.sampled_from([["source"], ["source", "port"], [], ["kind"]]))
    shape = draw(st.sampled_from(["window"] * 4 + ["bare", "bare", "none"]))
    if shape == "bare":
        document["measure"] = {"of": "v"}
    if shape == "window":
        agg = draw(st.sampled_from(["mean", "mean", "sum", "min", "max", "count", "count"]))
        over = draw(st.integers(1, 12))
        every = draw(st.integers(1, over))
        measure = {"agg": agg, "over": f"{over * STEP // 1000}ms", "every": f"{every * STEP // 1000}ms"}
        document["measure"] = measure if agg == "count" and draw(st.booleans()) else {"of": "v", **measure}
    if shape != "none":
        severities = draw(
            st.lists(st.sampled_from(["info", "warning", "critical"]), min_size=1, max_size=3, unique=True)
        )
        document["levels"] = [{"severity": name, "when": draw(conditions), "for": draw(waits)} for name in severities]
        if draw(st.booleans()):
            document["clear"] = {"when": draw(conditions), "for": draw(waits)}
        elif draw(st.booleans()):
            document["clear"] = {"for": draw(waits)}
    if shape == "none" or draw(st.booleans()):
        document["missing"] = {"after": draw(spans(1, 10)), "then": "alert"}
    document["lateness"], document["ahead"] = draw(st.just("0") | spans(1, 5)), draw(st.just("0") | spans(1, 5))
    return document


numbers = st.integers(0, 5) | st.sampled_from([0.1, 0.2, 0.3, 2.5, -1, 1e16, -1e16, 1e308])
values = numbers | st.sampled_from([None, float("nan"), float("inf"), True, "n/a", [1], 10**400, -0.0])
bodies = st.fixed_dictionaries(
    {}, optional={"v": values, "port": st.sampled_from([22, 22.0, "22", None, True, {"a": 1}])}
)
kinds = st.sampled_from(["m.x"] * 5 + ["m.y", "m.y", "other", "tick", "alert.r"])
sources = st.sampled_from(["h1", "h1", "h1", "h2", "h3"])
gaps = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 9])


def event(
    time: int, seen: int, offset: int, part: int, source: str, kind: str, body: Any, repeat: bool = False
) -> Event:
    """An event; times are microseconds."""
    return Event(
        time=time, seen=seen, epoch=EPOCH, offset=offset, part=part, company="a", system="b", environment="c",
        source=source, kind=kind, body=body, repeat=repeat,
    )  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A stream as it may come: late, future and repeated events, ticks, strangers, values of every type."""
    said = st.tuples(gaps, st.sampled_from([0, 0, 0, 0, -1, -2, -4, -7, 1, 3, 6]), sources, kinds, bodies,
                     st.sampled_from([False] * 9 + [True]), st.booleans())  # fmt: skip
    clock, offset, part, found = START, 0, 0, []
    for gap, ago, source, kind, body, repeat, same in draw(st.lists(said, min_size=1, max_size=40)):
        if same and found:
            part += 1
        else:
            clock, offset, part = clock + gap * STEP, offset + 1, 0
        time = clock if kind == "tick" else clock + ago * STEP
        found.append(event(time, clock, offset, part, source, kind, body, repeat))
    return found


@st.composite
def punctual(draw: st.DrawFn) -> list[tuple[Event, int]]:
    """Events that are neither late nor future for a `lateness` of 5 steps, each with a moment it may arrive at.

    Those of one time arrive in their order. In order of time; offsets and `seen` are for `arrive` to say.
    """
    said = st.tuples(gaps, st.integers(0, 5), sources, st.sampled_from(["m.x", "m.x", "m.y", "other"]), bodies)
    time, found, delays = START, [], dict[int, int]()
    for number, (gap, delay, source, kind, body) in enumerate(draw(st.lists(said, min_size=1, max_size=30))):
        time += gap * STEP
        arrival = time + delays.setdefault(time, delay) * STEP
        found.append((event(time, 0, number, 0, source, kind, body), arrival))
    return found


def arrive(events: Sequence[tuple[Event, int]]) -> list[Event]:
    """The events in order of arrival, each seen when it arrives."""
    ordered = sorted(events, key=lambda each: each[1])
    return [
        msgspec.structs.replace(each, offset=number, seen=arrival) for number, (each, arrival) in enumerate(ordered)
    ]


cuttings = st.lists(st.integers(0, 50), max_size=8).map(lambda found: sorted(set(found)))


def pieces(events: Sequence[Event], cuts: Sequence[int]) -> Iterator[Sequence[Event]]:
    """The events cut into batches; some may be empty."""
    for begin, end in pairwise([0, *cuts, max(len(events), *cuts, 0)]):
        yield events[begin:end]


def fold(
    rule: Rule, events: Sequence[Event], clock: int, cuts: Sequence[int] = (), save: bool = False
) -> list[Transition]:
    """All transitions up to `clock`; with `save`, the state is written and read between any two batches."""
    state, said = State.fresh(SCOPE, EPOCH), list[Transition]()
    for batch in pieces(events, cuts):
        state, found = evaluate(rule, state, batch)
        said += found
        if save:
            state = State.from_bytes(state.to_bytes())
    _, found = evaluate(rule, state, [], clock)
    return said + found
