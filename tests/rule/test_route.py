"""Many rules at once say what each of them says alone; tests/laws has the whole of it."""

import msgspec
from story import START, rule

from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.moment import SECOND
from minerlib.event.order import Message, Order
from minerlib.rule import State
from minerlib.rule.route import Router


def messages(*said: tuple[float, str, object]) -> list[Message]:
    """Messages of (seconds, kind, body); a tick where the kind is `tick`."""
    found: list[Message] = []
    for at, kind, body in said:
        time = START / SECOND + at
        whole = (
            {"time": time, "epoch": "e"}
            if kind == "tick"
            else {"time": time, **body}
            if isinstance(body, dict)
            else body
        )
        found.append(Message(len(found), f"acme.web.prod.web.{kind}", msgspec.json.encode(whole)))
    return found


def test_nothing_is_asked_while_nothing_is_due():
    """Events are kept until a window can end; what came in is known behind `settle`."""
    one = rule(measure={"of": "v", "agg": "max", "over": "10s", "every": "10s"}, lateness="1s")
    state = State.fresh("acme.web.prod", "e")
    router, order, keys = Router({"r": (one, state)}), Order(), Keys()
    said = [router.fold(Messages(order, [each], keys)) for each in messages(
        (0, "tick", None), (1, "k", {"v": 90}), (2, "k", {"v": 1}), (11, "tick", None), (12, "tick", None),
    )]  # fmt: skip
    assert [len(each) for each in said] == [0, 0, 0, 0, 1]
    assert said[-1][0].transitions[0].value == 90
    router.fold(Messages(order, messages((13, "k", {"v": 5})), keys))
    assert state.counts["selected"] == 2
    router.settle()
    assert state.counts["selected"] == 3


def test_a_rule_is_only_asked_about_its_kinds():
    """Others leave it as it is; its silence is due without an event."""
    one = rule(missing={"after": "5s", "then": "alert"}, lateness="1s")
    state = State.fresh("acme.web.prod", "e")
    router, order, keys = Router({"r": (one, state)}), Order(), Keys()
    router.fold(Messages(order, messages((0, "tick", None), (0, "k", {"v": 1}), (3, "tick", None)), keys))
    assert router.fold(Messages(order, messages((5, "other", {}), (6, "tick", None)), keys)) == []
    (said,) = router.fold(Messages(order, messages((7, "tick", None)), keys))
    assert [(each.what, each.reason) for each in said.transitions] == [("raised", "missing")]


def test_rules_that_take_in_the_same_share_the_work():
    """From their first event on, and again after they were stored; not where one forgot an instance."""
    windows = {"of": "v", "agg": "max", "over": "4s", "every": "1s"}
    rules = {name: rule(rule=name, measure=windows, lateness="1s") for name in ("a", "b")}
    states = {name: State.fresh("acme.web.prod", "e") for name in rules}
    router, order, keys = Router({name: (rules[name], states[name]) for name in rules}), Order(), Keys()
    router.fold(Messages(order, messages((0, "tick", None), (1, "k", {"v": 1}), (3, "tick", None)), keys))
    assert states["a"].intake is states["b"].intake
    states = {name: State.from_bytes(state.to_bytes()) for name, state in states.items()}
    assert states["a"].intake is not states["b"].intake
    router = Router({name: (rules[name], states[name]) for name in rules})
    assert states["a"].intake is states["b"].intake
    gone = {"rule": "a", "instance": {"source": "web"}}
    router.fold(Messages(order, messages((3, "rule.retire", gone), (6, "tick", None)), keys))
    assert states["a"].intake is not states["b"].intake
    assert (len(states["a"].instances), len(states["b"].instances)) == (0, 1)
