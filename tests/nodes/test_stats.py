"""What a node says of itself: counted since it started, over rules that come and go, once a minute of the clock."""

import threading
from typing import Any

import msgspec
import pytest

from minerlib.bus.gaps import Gaps
from minerlib.bus.reader import Batch
from minerlib.errors import BrokerUnreachable, SettingError
from minerlib.event import Event
from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.moment import MINUTE, SECOND, rfc3339
from minerlib.event.order import Message, Order
from minerlib.nodes.checkpoint import Held
from minerlib.nodes.stats import Stats, Teller, outgoing, stats_every
from minerlib.rule import Rule, State, evaluate

SCOPE = "a.b.c"
START = 1_800_000_000 * SECOND  # on the minute
RULE = 'rule: r\nkind: x.y\nscope: a.b.c\nmeasure: {of: v}\nlevels: [{severity: warning, when: "> 1"}]'


class Heard:
    """What would be told: (number, body)."""

    def __init__(self) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []

    def tell(self, stats: Stats, number: int, body: dict[str, Any]) -> None:
        self.told.append((number, body))


class Node:
    """Stats over a state that is folded here, a batch of one event at a time."""

    def __init__(self, every: int = MINUTE) -> None:
        self.heard = Heard()
        self.stats = Stats(SCOPE, every, self.heard)  # type: ignore[arg-type]
        self.offset = 0
        self.hosted: dict[str, tuple[Rule, State]] = {}

    def fold(self, at: int, value: Any = 2, ago: int = 0, epoch: str = "e") -> None:
        seen = START + at * SECOND
        event = Event(
            time=seen - ago * SECOND, seen=seen, epoch=epoch, offset=self.offset, part=0, company="a", system="b",
            environment="c", source="web", kind="x.y", body={"v": value}, raw=None, repeat=False,
        )  # fmt: skip
        for rule, state in self.hosted.values():
            evaluate(rule, state, [event], seen)
        order, message = Order(seen, epoch), Message(self.offset, "a.b.c.web.x.y", b"{}")
        if self.stats.folded(Batch(Messages(order, [message], Keys()), order), bool(self.hosted)):
            self.stats.tell(order, self.hosted)
        self.offset += 1

    def numbers(self, *names: str) -> list[Any]:
        body = self.heard.told[-1][1]
        return [body[name] for name in names]


def begun(node: Node, text: str = RULE) -> State:
    rule = Rule.read(text)
    state = State.fresh(SCOPE, "e")
    node.hosted[rule.fingerprint] = (rule, state)
    node.stats.mark(node.hosted)
    return state


def test_numbers_are_said_as_the_clock_passes_a_minute():
    """Not at the first batch, once for a batch that passes several; numbered by the clock."""
    node = Node()
    begun(node)
    for at in (10, 59, 60, 61, 119, 300):
        node.fold(at)
    assert [number for number, _ in node.heard.told] == [START + 60 * SECOND, START + 300 * SECOND]
    assert node.numbers("events", "matched", "offset", "rules", "instances") == [6, 6, 5, 1, 1]
    assert node.numbers("clock", "epoch", "stream") == [rfc3339(START + 300 * SECOND), "e", SCOPE]
    assert "time" not in node.heard.told[-1][1]


def test_what_is_late_or_a_fault_is_counted():
    """Each event is one of them."""
    node = Node()
    begun(node)
    node.fold(1)
    node.fold(2, ago=30)
    node.fold(3, "text")
    node.fold(60)
    assert node.numbers("events", "matched", "late", "faults") == [4, 2, 1, 1]


def test_totals_begin_with_the_node_and_outlive_rules():
    """What a state counted before it came here is left out; what a rule counted that is gone stays in."""
    node = Node()
    state = begun(node)
    state.counts["selected"] = 1000
    node.stats.mark(node.hosted)
    node.fold(1)
    node.fold(2)
    node.stats.add(node.hosted)
    node.hosted.clear()
    begun(node, RULE.replace("> 1", "> 3")).counts["selected"] = 500
    node.stats.mark(node.hosted)
    node.fold(3)
    node.fold(60)
    assert node.numbers("events", "matched", "rules") == [4, 4, 1]


def test_a_state_begun_anew_takes_nothing_away():
    """A gap, or another epoch: its counts begin at nothing, the totals go on."""
    node = Node()
    begun(node)
    node.fold(1)
    node.fold(2)
    node.stats.add(node.hosted)
    begun(node)
    node.fold(3, epoch="f")
    node.fold(60, epoch="f")
    assert node.numbers("matched", "epoch") == [4, "f"]


def test_events_are_folded_by_rules():
    """Where there are none, nothing is folded, and that is said too."""
    node = Node()
    node.fold(1)
    node.fold(60)
    assert node.numbers("events", "matched", "rules", "state_bytes") == [0, 0, 0, 0]


def test_the_size_of_states_is_that_of_the_checkpoint():
    """What rules share counts once."""
    node = Node()
    held = {"a": Held("", b"123", b"shared"), "b": Held("", b"4567", b"shared"), "c": Held("", b"", b"own")}
    node.stats.saved(held)
    node.fold(1)
    node.fold(60)
    assert node.numbers("state_bytes") == [7 + 9]


def test_never_is_never():
    """`MINERLIB_STATS_SECONDS=0`."""
    node = Node(every=0)
    node.fold(1)
    node.fold(600)
    assert node.heard.told == []


@pytest.mark.parametrize("name", ["web-1", "web-abc123"])
def test_what_is_said_again_after_a_crash_is_a_repeat(monkeypatch: pytest.MonkeyPatch, name: str):
    """The same stretch of the clock has the same id, whatever the totals are by then; the next one a higher number."""
    monkeypatch.setenv("MINERLIB_SOURCE", name)
    order = Order(START, "e")
    repeats, gaps = [], Gaps()
    for number, events in ((START, 5), (START + MINUTE, 9), (START, 1), (START + MINUTE, 2), (START + 2 * MINUTE, 3)):
        said = outgoing(SCOPE, number, {"epoch": "e", "events": events})
        (event,) = order.read(Message(0, said.key, said.body, said.id, None))
        assert (event.source, event.kind, event.time) == (name, "node.stats", START)
        assert msgspec.json.decode(said.body)["events"] == events
        repeats.append(event.repeat)
        gaps.saw(said.id)
    assert repeats == [False, False, True, True, False]
    assert gaps.missed == 0  # a tap takes it for no number of messages


def test_the_teller_asks_where_the_stream_ends(monkeypatch: pytest.MonkeyPatch):
    """How far behind is what was folded by then; while the broker is away nothing is said, and the next is heard."""
    ends = {"a.b.c": 10, "a.b.behind": 3, "a.b.gone": None}

    def last_offset(url: str, queue: str, stop: threading.Event) -> int:
        end = ends[queue.removeprefix("events.")]
        if end is None:
            raise BrokerUnreachable("gone")
        return end

    class Bus:
        def send(self, key: str, body: bytes, id: str) -> None:
            said.append((key.rsplit(".", 3)[0], msgspec.json.decode(body)["lag_offsets"], id.rpartition(":")[2]))
            if len(said) == 2:
                stop.set()

    monkeypatch.setattr("minerlib.nodes.stats.last_offset", last_offset)
    monkeypatch.setenv("MINERLIB_SOURCE", "here")
    said: list[tuple[str, int, str]] = []
    stop = threading.Event()
    teller = Teller("", Bus(), stop)  # type: ignore[arg-type]
    for scope in ("a.b.gone", "a.b.c", "a.b.behind"):
        stats = Stats(scope, MINUTE, teller)
        stats.offset = 7
        for number in (1, 2):
            teller.tell(stats, number, {"epoch": "e"})
    alarm = threading.Timer(5, stop.set)
    alarm.start()
    teller.run()
    alarm.cancel()
    assert said == [("a.b.c", 3, "2"), ("a.b.behind", 0, "2")]


@pytest.mark.parametrize(("said", "micros"), [(None, MINUTE), ("", MINUTE), ("0", 0), ("2.5", 2_500_000)])
def test_how_often_is_a_setting(monkeypatch: pytest.MonkeyPatch, said: str | None, micros: int):
    """In seconds; 60 where nothing is said."""
    if said is not None:
        monkeypatch.setenv("MINERLIB_STATS_SECONDS", said)
    assert stats_every() == micros


@pytest.mark.parametrize("said", ["1m", "-1", "nan", "inf"])
def test_what_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, said: str):
    """In a sentence that says what to write."""
    monkeypatch.setenv("MINERLIB_STATS_SECONDS", said)
    with pytest.raises(SettingError, match="write a number of seconds"):
        stats_every()
