"""Rules that watch rules: chains are fine, circles are refused."""

import pytest

from minerlib.deploy.cycles import find_cycle
from minerlib.rule import Rule


def rule(name: str, kind: str, scope: str = "acme.web.prod") -> Rule:
    return Rule.from_dict(
        {"rule": name, "kind": kind, "scope": scope, "measure": {"of": "value"},
         "levels": [{"severity": "info", "when": "> 1"}]}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("new", "running", "cycle"),
    [
        (("a", "disk.usage"), [], []),
        (("a", "alert.b"), [("b", "disk.usage")], []),
        (("a", "alert.b"), [("b", "alert.a")], ["a", "b", "a"]),
        (("a", "alert.b"), [("b", "alert.c"), ("c", "alert.a")], ["a", "b", "c", "a"]),
        (("a", "alert.#"), [("b", "alert.#")], ["a", "b", "a"]),
        (("a", "alert.#"), [("b", "#")], []),  # own kinds are matched only when named
        (("a", "alert.*"), [], []),  # never its own
        (("a", "disk.usage"), [("b", "alert.a")], []),
        (("b", "alert.a"), [("b", "disk.usage"), ("a", "alert.b")], ["b", "a", "b"]),  # it replaces the harmless one
    ],
)
def test_a_circle_is_found(new: tuple[str, str], running: list[tuple[str, str]], cycle: list[str]):
    """Named from the rule that closes it, round to itself."""
    assert find_cycle(rule(*new), [rule(*each) for each in running]) == cycle


@pytest.mark.parametrize(("scope", "there"), [("acme.db.prod", False), ("acme.*.prod", True), ("acme.*.*", True)])
def test_only_rules_of_one_stream_can_meet(scope: str, there: bool):
    """Patterns of scopes that have no stream in common make no circle."""
    assert bool(find_cycle(rule("a", "alert.b"), [rule("b", "alert.a", scope)])) is there
