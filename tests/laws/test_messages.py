"""Many rules over messages, of which only what they ask for is read: each says what it says alone of the events."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from minerlib.event import Event
from minerlib.event.key import fingerprint
from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.moment import MINUTE, SECOND, rfc3339
from minerlib.event.order import Message, Order
from minerlib.rule import Rule, State, evaluate
from minerlib.rule.route import Router

from .strategies import Case, cases, loud
from .test_lookback import LAW

LONG = "s" * 240
CUT = f"s~{fingerprint(LONG)}"
EXTRA: list[dict[str, Any]] = [
    {}, {}, {}, {"new": 1}, {"deep": {"v": [1, None]}}, {"x": "\u00e9"}, {"port": True}, {"port": [1]}, {"port": 1},
    {"source": LONG},
]  # fmt: skip


def tick(offset: int, time: int) -> Message:
    return Message(offset, "acme.web.prod.clock.tick", msgspec.json.encode({"time": rfc3339(time), "epoch": "e"}))


@st.composite
def published(draw: st.DrawFn, events: list[Event], clock: int) -> list[Message]:
    """The same events as a broker would give them: ticks between them, several in a message, some said twice."""
    found, now = list[Message](), events[0].seen
    found.append(tick(0, now))

    def move(to: int) -> None:
        nonlocal now
        while now < to:
            now = min(to, now + MINUTE)
            found.append(tick(len(found), now))

    for event in events:
        move(event.seen)
        if event.kind == "tick":
            continue
        body = event.raw if event.raw is not None else encoded(draw, event)
        if draw(st.integers(0, 9)) == 0:
            body = (
                body
                + b"\n"
                + draw(st.sampled_from([b"?", b'{"v": 1}', b"[1]", b"", b'{"v": "\xff"}', b'{"q": 1e400}']))
            )
        id = f"minerlib/p:{draw(st.integers(0, 40))}" if draw(st.integers(0, 5)) == 0 else None
        source = draw(st.sampled_from([event.source] * 9 + [CUT]))
        key = f"acme.web.prod.{source}.{event.kind}"
        found.append(Message(len(found), key, body, id, event.time // SECOND if draw(st.booleans()) else None))
    move(clock)
    return found


def encoded(draw: st.DrawFn, event: Event) -> bytes:
    body: Any = event.body
    if isinstance(body, dict) and draw(st.integers(0, 7)):
        time = draw(
            st.sampled_from([rfc3339(event.time), event.time / SECOND, event.time // SECOND, "noon", None, 1e13])
        )
        extra = draw(st.sampled_from(EXTRA))
        body = {"time": time, **body, **extra}
    return msgspec.json.encode(body)


def others(rule: Rule) -> list[Rule]:
    """Rules that take in the same as another, or nearly."""
    said = rule.to_dict()
    again = {**said, "rule": "r2"}
    bare = {"rule": "r3", "kind": "k", "scope": "acme.web.prod", "measure": {"of": "v"}, "lateness": "1s",
            "levels": [{"severity": "info", "when": "> 1"}], "where": "w = 2 or v = 3"}  # fmt: skip
    port = {"rule": "r4", "kind": "#", "scope": "acme.web.prod", "by": ["port", "kind"], "lateness": "2s",
            "measure": {"of": "v", "agg": "max", "over": "4s", "every": "2s"}, "where": "v > 0 or port = 22",
            "levels": [{"severity": "info", "when": "> 1"}], "missing": {"after": "3s", "then": "alert"}}  # fmt: skip
    return [rule, *map(Rule.from_dict, (again, bare, port))]


@LAW
@given(st.one_of(cases(), loud()), st.data())
def test_read_together_each_says_what_it_says_alone(case: Case, data: st.DataObject):
    """Over any cuts, stored and loaded between them, and no later; and the counts are the same."""
    messages = data.draw(published(case.events, case.clock))
    rules = {rule.name: rule for rule in others(case.rule)}
    cuts = data.draw(st.lists(st.integers(1, len(messages)), max_size=8))
    store = data.draw(st.booleans())
    order, live, keys = Order(), Order(), Keys()
    alone = {name: State.fresh("acme.web.prod", "e") for name in rules}
    states = {name: State.fresh("acme.web.prod", "e") for name in rules}
    router = Router({name: (rule, states[name]) for name, rule in rules.items()})
    ends = [*sorted({*cuts}), len(messages)]
    for begin, end in zip([0, *ends], ends, strict=False):
        events = [event for message in messages[begin:end] for event in order.read(message)]
        some = Messages(live, messages[begin:end], keys)
        assert some.events == events
        assert some.count == len(events)
        wanted = {n: evaluate(rule, alone[n], events, order.clock)[1] for n, rule in rules.items()}
        said = dict(router.fold(some))
        assert {n: [repr(each) for each in found] for n, found in said.items() if found} == {
            n: [repr(each) for each in found] for n, found in wanted.items() if found
        }
        if store:
            assert not any(found.transitions for found in router.settle())
            states = {name: State.from_bytes(state.to_bytes()) for name, state in states.items()}
            router = Router({name: (rule, states[name]) for name, rule in rules.items()})
    assert not any(found.transitions for found in router.settle())
    for name, state in alone.items():
        assert states[name].counts == state.counts
        assert states[name].late == state.late
