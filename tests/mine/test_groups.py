"""Pairs as groups, and who comes first in them."""

import polars as pl

from minerlib.mine.pairs.groups import doubted, groups


def pairs(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["a", "b", "lag"], orient="row").with_columns(strength=0.5)


def test_lags_that_agree_are_an_order() -> None:
    """And what hangs together by nothing is a group of its own, the smaller one last."""
    found = groups(pairs(("web", "db", 60.0), ("db", "app", 120.0), ("x", "y", 0.0)), 60)
    assert found == [
        {"members": ["web", "db", "app"], "after": [0, 60, 180], "leader": "web"},
        {"members": ["x", "y"], "after": [0, 0], "leader": None},
    ]


def test_lags_that_contradict_each_other_are_evened_out_and_name_no_leader() -> None:
    """a before b before c before a: by a minute each, or by ten at first."""
    [found] = groups(pairs(("a", "b", 60.0), ("b", "c", 60.0), ("c", "a", 60.0)), 60)
    assert (found["after"], found["leader"]) == ([0, 0, 0], None)
    [found] = groups(pairs(("a", "b", 600.0), ("b", "c", 60.0), ("c", "a", 60.0)), 60)
    assert (found["members"], found["after"], found["leader"]) == (["a", "c", "b"], [0, 180, 360], None)


def test_no_pairs_are_no_groups() -> None:
    """An empty list."""
    assert groups(pairs(("a", "b", 0.0)).clear(), 60) == []


def test_a_leader_that_was_first_only_half_of_the_times_is_none() -> None:
    """Two of three times it is one; and how often is said."""
    [group] = groups(pairs(("a", "b", 60.0)), 60)
    [sure] = doubted([group], [[["a", "b"], ["a", "b"], ["b", "a"]]])
    assert (sure["leader"], sure["first_in"], sure["waves"]) == ("a", 2, 3)
    [unsure] = doubted([group], [[["a", "b"], ["b", "a"]]])
    assert unsure["leader"] is None
