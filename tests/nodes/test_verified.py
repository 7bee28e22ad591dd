"""Live against replay, said on the stream: equal, or where not; as far as a node had come."""

from typing import Any

import msgspec
import pytest

from minerlib.event import Event
from minerlib.event.moment import DAY, HOUR, MINUTE, SECOND, rfc3339
from minerlib.event.order import Message, Order
from minerlib.nodes import said, stats
from minerlib.nodes.checkpoint import Outgoing
from minerlib.nodes.replay import replay
from minerlib.nodes.verified import verify_aloud
from minerlib.rule import Events, Rule, State, Transition, begin, evaluate

SCOPE = "a.b.c"
START = 1_800_000_000 * SECOND
SINCE = START - HOUR
RULE = """
rule: {name}
kind: x.y
scope: a.b.c
measure: {{of: v}}
levels: [{{severity: warning, when: "> 80"}}]
lateness: 1s
"""


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINERLIB_SOURCE", "here")


class Life:
    """A stream on which rules run: what is folded is published behind it, as a host does."""

    def __init__(self, *names: str) -> None:
        self.events: list[Event] = []
        self.order, self.offset = Order(), 0
        self.tick(0)
        self.hosted = {name: (Rule.read(RULE.format(name=name)), State.fresh(SCOPE, "e")) for name in names}
        for rule, state in self.hosted.values():
            at = self.offset
            self.put(said.began(rule, SCOPE, "e", at, at, self.clock))
            begin(rule, state, self.clock)

    @property
    def clock(self) -> int:
        return self.order.clock or 0

    def put(self, message: Outgoing) -> None:
        self.events += self.order.read(Message(self.offset, message.key, message.body, message.id or None, None))
        self.offset += 1

    def event(self, kind: str, body: dict[str, Any], id: str = "") -> None:
        self.put(Outgoing(id, f"{SCOPE}.web.{kind}", msgspec.json.encode(body)))

    def tick(self, seconds: int) -> None:
        moment = START + seconds * SECOND
        for _ in range(2):  # one alone would be doubted
            self.event("tick", {"time": rfc3339(moment), "epoch": "e"})

    def say(self, value: float, at: int, late: int = 2) -> None:
        """A value at a time, folded `late` seconds later."""
        begun = len(self.events)
        self.event("x.y", {"v": value, "time": rfc3339(START + at * SECOND)})
        self.tick(at + late)
        for rule, state in self.hosted.values():
            for each in evaluate(rule, state, self.events[begun:], self.clock)[1]:
                self.put(said.alert(rule, each, self.clock))

    def stats(self) -> None:
        self.put(stats.outgoing(SCOPE, self.clock, {"epoch": "e", "clock": rfc3339(self.clock)}))

    def alerts(self, rule: str = "hot") -> list[Event]:
        return [event for event in self.events if event.kind == f"alert.{rule}"]


class Bus:
    """What would be published."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.flushed = False

    def publish(self, scope: str, source: str, kind: str, body: dict[str, Any]) -> None:
        assert scope == SCOPE
        self.said.append((f"{source}.{kind}", body))

    def flush(self) -> None:
        self.flushed = True


def verified(life: Life, *without: Event, since: int = SINCE) -> Bus:
    bus = Bus()
    history = Events([event for event in life.events if not any(event is each for each in without)])
    verify_aloud(history, bus, since)  # type: ignore[arg-type]
    assert bus.flushed
    return bus


def test_what_is_equal_is_said_once_for_the_stream():
    """How many rules ran, how many alerts they published, of which time."""
    life = Life("hot", "warm")
    life.say(90, 10)
    life.say(10, 20)
    life.stats()
    ((key, body),) = verified(life).said
    assert key == "here.node.verified"
    assert {name: body[name] for name in ("stream", "epoch", "node", "rules", "published", "equal")} == {
        "stream": SCOPE, "epoch": "e", "node": "here", "rules": 2, "published": 4, "equal": True,
    }  # fmt: skip
    assert (body["since"], body["until"]) == (rfc3339(SINCE), rfc3339(START + 22 * SECOND - 1))


def test_an_alert_that_live_did_not_say():
    """The archive gives it: which rule, how many, which."""
    life = Life("hot", "warm")
    life.say(90, 10)
    life.say(10, 20)
    life.stats()
    ((key, body),) = verified(life, life.alerts()[0]).said
    assert key == "hot.alert.replay-differs"
    assert (body["what"], body["severity"], body["instance"]) == ("raised", "critical", {"rule": "hot"})
    assert (body["missing"], body["extra"]) == (1, 0)
    assert body["first_missing"] == [life.alerts()[0].body["id"]]
    assert body["first_extra"] == []
    assert body["said"] == "hot: 1 that the archive gives were not said live, 0 said live it does not give"


def test_five_of_each_side_are_named():
    """Of more, how many."""
    life = Life("hot")
    for at in range(10, 80, 10):
        life.say(90 if at % 20 else 10, at)
    life.stats()
    ((_, body),) = verified(life, *life.alerts()).said
    assert (body["missing"], len(body["first_missing"])) == (7, 5)
    assert set(body["first_missing"]) < {event.body["id"] for event in life.alerts()}


def test_an_alert_that_only_live_said():
    """Somebody else did, or a rule that saw another past."""
    life = Life("hot")
    life.say(90, 10)
    for number in range(7):
        life.event("alert.hot", {**life.alerts()[0].body, "id": f"{number:032}"})
    life.stats()
    ((_, body),) = verified(life).said
    assert (body["missing"], body["extra"]) == (0, 7)
    assert body["first_extra"] == [f"{number:032}" for number in range(5)]


def test_no_further_than_a_node_has_come():
    """What it has not folded yet it cannot have said; once it is behind it, it should have."""
    life = Life("hot")
    life.say(90, 10)
    life.say(10, 20)
    life.stats()
    life.say(95, 30)
    without = life.alerts()[-1]
    ((key, body),) = verified(life, without).said
    assert (key, body["published"]) == ("here.node.verified", 2)
    life.stats()
    ((key, body),) = verified(life, without).said
    assert (key, body["first_missing"]) == ("hot.alert.replay-differs", [without.body["id"]])


def test_the_last_minute_is_left_out_where_no_node_says_its_numbers():
    """Its alerts may be on their way."""
    life = Life("hot")
    life.say(90, 10)
    without = life.alerts()[-1]
    ((_, body),) = verified(life, without).said
    assert (body["published"], body["until"]) == (0, rfc3339(START + 12 * SECOND - MINUTE))
    life.tick(90)
    ((_, body),) = verified(life, without).said
    assert body["missing"] == 1


def test_a_node_that_fell_silent_is_not_judged():
    """It spoke before, not since: what it will say when it is back is not known."""
    life = Life("hot")
    life.stats()
    life.tick(60)
    life.tick(2 * 86400)
    life.say(90, 2 * 86400 + 10)
    assert verified(life, life.alerts()[-1], since=START + DAY).said == []
    life.stats()
    assert len(verified(life, life.alerts()[-1], since=START + DAY).said) == 1


def test_clocks_of_others_mean_nothing():
    """Anybody may publish a `node.stats`."""
    life = Life("hot")
    life.say(90, 10)
    for body in ({}, {"clock": "noon"}, {"clock": rfc3339(START + DAY)}):
        life.event("node.stats", body)
    ((_, body),) = verified(life).said
    assert body["until"] == rfc3339(START + 12 * SECOND - 1)


def test_nothing_is_said_where_nothing_ran():
    """Neither of a stream without rules nor of one that ended before."""
    life = Life()
    life.say(90, 10)
    assert verified(life).said == []
    life = Life("hot")
    life.say(90, 10)
    assert verified(life, since=START + HOUR).said == []


def test_what_another_version_ran_is_not_judged():
    """Its semantics are no longer here: the fingerprint of the same document is another."""
    life = Life("hot")
    life.say(90, 10)
    life.stats()
    life.events = [
        msgspec.structs.replace(event, body={**event.body, "fingerprint": "f" * 32})
        if event.kind == "node.began"
        else event
        for event in life.events
    ]
    assert replay(Events(life.events), slack=0) == []


def test_the_alert_is_none_of_a_rule():
    """Not even of one that is called so: a replay takes it for nothing that the rule said."""
    life = Life("replay-differs")
    life.say(90, 10)
    life.stats()
    first = life.alerts("replay-differs")[0]
    ((_, body),) = verified(life, first).said
    life.event("alert.replay-differs", body)
    life.tick(60)
    (run,) = replay(Events(life.events), slack=0)
    assert run.equal
    assert [each["id"] for each in run.published] == [first.body["id"]]
    with pytest.raises(KeyError):
        Transition.from_body(life.alerts("replay-differs")[-1].body)


def test_each_run_of_a_rule_that_differs_is_said():
    """Of one rule too, that ended and began again."""
    life = Life("hot")
    rule, _ = life.hosted["hot"]
    life.say(90, 10)
    life.put(said.ended(rule, SCOPE, "e", life.offset - 1, life.clock))
    life.put(said.began(rule, SCOPE, "e", life.offset, life.offset, life.clock))
    life.hosted["hot"] = rule, State.fresh(SCOPE, "e")
    life.say(91, 20)
    life.event("alert.hot", {**life.alerts()[-1].body, "id": "0" * 32})
    life.stats()
    (_, one), (_, other) = verified(life, life.alerts()[0]).said
    assert [(each["missing"], each["extra"], each["ran"]) for each in (one, other)] == [
        (2, 0, rule.fingerprint),  # what it raised, and that it cleared it when it ended
        (0, 1, rule.fingerprint),
    ]
