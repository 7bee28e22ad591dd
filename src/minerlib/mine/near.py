"""Backtests of what a sweep has seen."""

from collections.abc import Sequence
from typing import Any

from minerlib.mine.look import Look
from minerlib.mine.scored import Scored
from minerlib.rule import Backtest, Rule, backtest
from minerlib.rule.labels import Incident


def folded(
    at: Look, scored: Scored, document: dict[str, Any], since: int | None, until: int | None,
    incidents: Sequence[Incident] | None,
) -> Backtest:  # fmt: skip
    """A rule's backtest."""
    rule = Rule.from_dict(document)
    return backtest(rule, at.history, since=since, until=until, labels=incidents, client=at.client)
