"""Mining an archive: what was sealed and what came today, of one server or of several systems."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from minerlib.archive import Archive, Today, seal
from minerlib.errors import MineError
from minerlib.event import Event
from minerlib.event.moment import SECOND, from_datetime
from minerlib.event.order import Position
from minerlib.mine import suggest

START = from_datetime(datetime(2026, 11, 23, 4, tzinfo=UTC))


def told(scope: str, values: list[float], first: int = 0, mount: str = "/") -> list[Event]:
    """One reading a second, each seen the moment it is told."""
    company, system, environment = scope.split(".")
    return [
        Event(
            time=START + n * SECOND, seen=START + n * SECOND, epoch=f"e-{system}", offset=n, part=0, company=company,
            system=system, environment=environment, source="web", kind="cpu.usage",
            body={"used_pct": value, "offset": value, "mount": mount},
        )
        for n, value in enumerate(values, first)
    ]  # fmt: skip


def keep(root: Path, scope: str, events: list[Event]) -> None:
    """Archive them."""
    today = Today(root, scope)
    today.write(events, Position(events[-1].epoch, events[-1].offset, "0" * 32, "{}"))
    today.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An archive of two minutes of an idle server, the first sealed and the second not."""
    values = [3.0 + n % 4 for n in range(120)]
    keep(tmp_path, "acme.web.prod", told("acme.web.prod", values[:60]))
    assert seal(tmp_path, "acme.web.prod") == 60
    keep(tmp_path, "acme.web.prod", told("acme.web.prod", values[60:], first=60))
    return tmp_path


def test_sealed_and_today_are_mined_as_one(root: Path) -> None:
    """All of it is history, the rule stands where the events came from."""
    suggestion = suggest(
        Archive(root), "used_pct", "cpu.usage", over="5s", every="1s", wait="5s", side="high", shapes="constant"
    ).best
    assert suggestion.evidence["history"]["values"] == 120
    assert suggestion.rule().scope == "acme.web.prod"
    assert suggestion.backtest.counts["selected"] == 120
    assert suggestion.backtest.alerts == []


def test_since_and_until_mean_the_same_to_mining_and_to_the_backtest(root: Path) -> None:
    """The last minute, up to ten seconds before its end."""
    until = START + 110 * SECOND
    suggestion = suggest(
        Archive(root),
        "used_pct",
        "cpu.usage",
        since="59s",
        until=until / SECOND,
        over="5s",
        side="high",
        shapes="constant",
    ).best
    assert suggestion.evidence["history"]["values"] == 50
    assert suggestion.backtest.since == START + 60 * SECOND


def test_a_field_named_like_an_events_column_is_the_bodys(root: Path) -> None:
    """`offset` in a body is not the place in the stream."""
    suggestion = suggest(
        Archive(root), "offset", "cpu.usage", over="5s", every="1s", wait="5s", side="high", shapes="constant"
    ).best
    assert suggestion.candidate.choice.seen < 10
    assert suggestion.backtest.counts["null"] == 0


def test_several_systems_of_a_company_share_a_rule_and_several_companies_do_not(root: Path) -> None:
    """`*` where they differ, each an instance in its own stream; a company is never `*`."""
    values = [3.0 + n % 4 for n in range(120)]
    keep(root, "acme.db.prod", told("acme.db.prod", values))
    suggestion = suggest(
        Archive(root), "used_pct", "cpu.usage", over="5s", every="1s", wait="5s", side="high", shapes="constant"
    ).best
    assert suggestion.rule().scope == "acme.*.prod"
    assert suggestion.evidence["history"]["instances"] == 2
    keep(root, "other.db.prod", told("other.db.prod", values))
    with pytest.raises(MineError, match=r"several companies \(acme.db.prod, .*say which with scope="):
        suggest(Archive(root), "used_pct", "cpu.usage")
    one = suggest(
        Archive(root),
        "used_pct",
        "cpu.usage",
        scope="other.db.prod",
        over="5s",
        wait="5s",
        side="high",
        shapes="constant",
    ).best
    assert one.evidence["history"]["instances"] == 1


def test_an_unknown_kind_names_the_nearest(root: Path) -> None:
    """And an empty archive says that it is empty."""
    with pytest.raises(MineError, match=r"no kind 'cpu.usag' in the history; did you mean cpu.usage\?"):
        suggest(Archive(root), "used_pct", "cpu.usag")
    with pytest.raises(MineError, match=r"no kind 'cpu.usage' in the history; it is empty"):
        suggest(Archive(root / "nothing"), "used_pct", "cpu.usage")
