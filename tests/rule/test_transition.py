"""A transition: by what name it is known, and how it travels in an alert."""

import json
from typing import Any

import msgspec
import pytest
from story import START, event, fold, level, rule, series

from minerlib.rule import Transition

WINDOW: dict[str, Any] = {"of": "v", "agg": "max", "over": "2m", "every": "1m"}


def one(**said: Any) -> Transition:
    """The first thing a rule says of 90."""
    return fold(rule(measure=WINDOW, by=["source", "port"], **said), [event("30s", {"v": 90, "port": 22}, 7)])[1][0]


def test_its_body_is_json_and_comes_back() -> None:
    """What an alert carries is the whole of it; times are texts that sort."""
    found = one()
    body = json.loads(json.dumps(found.body()))
    assert Transition.from_body(body) == found
    assert (body["id"], body["due"]) == (found.id, "2024-10-04T00:01:00.000000Z")
    assert body["window"] == ["2024-10-03T23:59:00.000000Z", "2024-10-04T00:01:00.000000Z"]
    assert found.positions == [(7, 0), (7, 0)]


def test_it_comes_back_from_an_archive() -> None:
    """There every number is a float; the id is the same."""
    found = one()
    archived = json.loads(json.dumps(found.body()), parse_int=float) | {"positions": [[7, 0], [7, 0]]}
    assert Transition.from_body(archived) == found
    assert Transition.from_body(archived).id == found.id


CHANGES: list[dict[str, Any]] = [
    {"stream": "acme.web.test"}, {"epoch": "f"}, {"fingerprint": "0"}, {"instance": {"source": "b", "port": 22}},
    {"due": START}, {"severity": "critical"}, {"now": "ok"}, {"ordinal": 1},
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_its_id_is_of_what_it_is_known_by(change: dict[str, Any]) -> None:
    """Each of the eight parts makes another id."""
    assert msgspec.structs.replace(one(), **change).id != one().id


@pytest.mark.parametrize(
    "change", [{"number": 5}, {"version": 9}, {"value": 1.0}, {"was": "pending"}, {"positions": []}]
)
def test_its_id_is_of_nothing_else(change: dict[str, Any]) -> None:
    """What else it carries does not."""
    assert msgspec.structs.replace(one(), **change).id == one().id


def test_ids_do_not_change_between_versions() -> None:
    """Alerts that were published are known by these; if this fails, SEMANTICS has to be counted up."""
    found = one()
    assert (found.fingerprint, found.id) == ("c204672e745992f17cb946f9136f6c24", "d8401480d276f9deb006a636ac6864ab")


def test_it_can_be_read() -> None:
    """One line of text: when, what, how bad, about whom, how much."""
    first, second = fold(rule(levels=[level("> 80")]), series("90 70"))[1]
    assert str(first) == "2024-10-04T00:00:00Z  raised    warning  source=a at 90 (line 80)"
    assert str(second).split()[1:3] == ["cleared", "warning"]
