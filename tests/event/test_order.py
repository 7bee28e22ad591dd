"""The order of a stream: messages in, events out."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from minerlib.event.moment import HOUR, SECOND, rfc3339
from minerlib.event.order import Message, Order

START = 1_700_000_000 * SECOND


def tick(offset: int, seconds: float, epoch: str = "e1", id: str | None = None) -> Message:
    body = {"time": rfc3339(START + round(seconds * SECOND)), "epoch": epoch}
    return Message(offset, "a.b.c.clock.tick", msgspec.json.encode(body), id)


def said(
    offset: int, body: object, id: str | None = None, key: str = "a.b.c.web.x.y", timestamp: int | None = None
) -> Message:
    return Message(offset, key, body if isinstance(body, bytes) else msgspec.json.encode(body), id, timestamp)


def clocks(*messages: Message) -> list[float]:
    """The clock behind each message, in seconds from the start."""
    order, out = Order(), []
    for message in messages:
        order.read(message)
        out.append(((order.clock or 0) - START) / SECOND)
    return out


def test_events_carry_the_clock_where_they_stand():
    """`seen` is the highest tick before an event; its time is its own, or the property's, or `seen`."""
    order = Order()
    order.read(tick(0, 0))
    order.read(tick(1, 5))
    (own,) = order.read(said(2, {"time": START // SECOND + 3}))
    (given,) = order.read(said(3, {"v": 1}, timestamp=START // SECOND + 2))
    (none,) = order.read(said(4, {"v": 1}))
    assert [event.seen - START for event in (own, given, none)] == [5 * SECOND] * 3
    assert [event.time - START for event in (own, given, none)] == [3 * SECOND, 2 * SECOND, 5 * SECOND]
    assert (own.epoch, own.offset, own.part, own.scope, own.source, own.kind) == ("e1", 2, 0, "a.b.c", "web", "x.y")


def test_the_clock_never_goes_back():
    """A lower tick is harmless."""
    assert clocks(tick(0, 0), tick(1, 10), tick(2, 4)) == [0, 10, 10]


def test_a_tick_far_ahead_needs_a_second_that_agrees():
    """One lying clock moves nothing; two that agree are believed, for the first was the one behind."""
    assert clocks(tick(0, 0), tick(1, 600), tick(2, 1)) == [0, 0, 1]
    assert clocks(tick(0, 0), tick(1, 600), tick(2, 601)) == [0, 0, 601]
    assert clocks(tick(0, 0), tick(1, 600), tick(2, 9000), tick(3, 1)) == [0, 0, 0, 1]


def test_a_repeated_tick_does_not_vouch_for_itself():
    """The same lie sent twice is one lie."""
    lie = tick(1, 600, id="minerlib/c:1")
    assert clocks(tick(0, 0), lie, tick(2, 600, id="minerlib/c:1")) == [0, 0, 0]


def test_the_first_tick_names_the_epoch():
    """Where two clocks declared at once, the lower offset wins."""
    order = Order()
    order.read(tick(0, 0, "first"))
    order.read(tick(1, 0, "second"))
    assert order.epoch == "first"


def test_a_number_said_before_is_a_repeat():
    """Per publisher; what has no number of ours is never one."""
    order = Order()
    order.read(tick(0, 0))
    ids = [
        "minerlib/p:1",
        "minerlib/p:2",
        "minerlib/p:1",
        "minerlib/q:1",
        "minerlib/p:2",
        "minerlib/p:3",
        "x",
        "x",
        "minerlib/p",
    ]
    found = [order.read(said(n, {}, id))[0].repeat for n, id in enumerate(ids, 1)]
    assert found == [False, False, True, False, True, False, False, False, False]


def test_what_was_republished_out_of_order_is_no_repeat():
    """The readers of `unrouted` are many: only an equal number is a repeat there."""
    order = Order()
    order.read(tick(0, 0))
    found = [
        order.read(said(n, {}, f"minerlib/unrouted:{number}"))[0].repeat for n, number in enumerate([5, 3, 5, 3, 4], 1)
    ]
    assert found == [False, False, True, True, False]


def test_numbers_are_forgotten_after_an_hour_of_clock():
    """A publisher that counts anew after that is heard."""
    order = Order()
    order.read(tick(0, 0))
    order.read(said(1, {}, "minerlib/p:7"))
    for n in range(1, 62):
        order.read(tick(1 + n, 60 * n))
    assert not order.read(said(99, {}, "minerlib/p:7"))[0].repeat


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(0, 50)),
        st.tuples(st.just("said"), st.sampled_from("pq"), st.integers(1, 9)),
    ),
    max_size=60,
)


def stream(steps: list[tuple]) -> list[Message]:
    """A stream of ticks that advance by so many minutes (one a minute), and of numbered messages."""
    messages, minute = [tick(0, 0)], 0
    for step in steps:
        if step[0] == "tick":
            for _ in range(step[1]):
                minute += 1
                messages.append(tick(len(messages), 60 * minute))
        else:
            messages.append(said(len(messages), {}, f"minerlib/{step[1]}:{step[2]}"))
    return messages


@given(STEPS, st.data())
@settings(deadline=None)
def test_a_reader_may_be_stopped_anywhere(steps: list[tuple], data: st.DataObject):
    """The state stored and read again between any two messages changes nothing."""
    messages = stream(steps)
    cut = data.draw(st.integers(0, len(messages)))
    whole, first = Order(), Order()
    expected = [event for message in messages for event in whole.read(message)]
    found = [event for message in messages[:cut] for event in first.read(message)]
    second = Order.from_json(first.to_json())
    found += [event for message in messages[cut:] for event in second.read(message)]
    assert found == expected


@given(STEPS, st.data())
@settings(deadline=None)
def test_a_reader_that_starts_an_hour_earlier_agrees(steps: list[tuple], data: st.DataObject):
    """Whoever starts inside a stream and reads an hour and a minute more sees the same repeats from there on."""
    messages = stream(steps)
    whole = Order()
    expected = [event for message in messages for event in whole.read(message)]
    at = data.draw(st.integers(0, len(expected) - 1))
    begin = next(n for n, event in enumerate(expected) if event.seen >= expected[at].seen - HOUR - 60 * SECOND)
    inside = Order()
    found = [event for message in messages[begin:] for event in inside.read(message)]
    assert [(e.offset, e.repeat, e.seen) for e in found if e.offset >= at] == [
        (e.offset, e.repeat, e.seen) for e in expected[at:]
    ]
