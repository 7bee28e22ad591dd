"""Many rules at once say what each of them says alone."""

import random

from story import START, event, rule

from minerlib.event.moment import SECOND
from minerlib.rule import State, evaluate
from minerlib.rule.route import Router, due

KINDS = ["cpu.usage", "disk.usage", "disk.io", "log.sshd", "alert.r1", "tick", "rule.retire"]
PATTERNS = ["cpu.usage", "disk.*", "#", "alert.#", "log.#", "nothing.here"]


def test_routed_or_not_is_the_same():
    """By id and number, over random cuts, with silence and windows that become due without an event."""
    dice = random.Random(3)
    rules = {
        f"r{number}": rule(
            rule=f"r{number}", kind=pattern, measure={"of": "v", "agg": "max", "over": "4s", "every": "1s"},
            missing={"after": "5s", "then": "alert"}, retire="20s",
        )
        for number, pattern in enumerate(PATTERNS)
    }  # fmt: skip
    events = [
        event(f"{at // 3}s", {"v": dice.choice([10, 90]), "rule": "r1", "instance": {"source": "a"}}, at,
              kind=dice.choice(KINDS), source=dice.choice("abc"))
        for at in range(300) if dice.random() < 0.5
    ]  # fmt: skip
    alone = {
        name: [
            each.number for each in evaluate(one, State.fresh("acme.web.prod", "e"), events, START + 300 * SECOND)[1]
        ]
        for name, one in rules.items()
    }
    states = {name: State.fresh("acme.web.prod", "e") for name in rules}
    router = Router(rules)
    said: dict[str, list[int]] = {name: [] for name in rules}
    rest = list(events)
    while rest:
        size = dice.randrange(1, 12)
        some, rest = rest[:size], rest[size:]
        for name, state, found in router.evaluate(states, some, some[-1].seen):
            states[name] = state
            said[name] += [each.number for each in found]
    for name, _, found in router.evaluate(states, [], START + 300 * SECOND):
        said[name] += [each.number for each in found]
    assert said == alone
    assert sum(map(len, said.values())) > 50
    assert said["r5"] == []


def test_nothing_is_due_of_a_rule_that_heard_nothing():
    """It is not evaluated; one that waits for a silence is, once that is due."""
    one = rule(missing={"after": "5s", "then": "alert"})
    state = State.fresh("acme.web.prod", "e")
    assert not due(one, state, START)
    state, _ = evaluate(one, state, [event("0s", {"v": 1}, 0)], START + 10 * SECOND)
    assert not due(one, state, START + 10 * SECOND)
    assert due(one, state, START + 10 * SECOND + 1)
    assert Router({"r": one}).route([event("0s", {}, 0, kind="other")]) == {}
