"""The chart of a suggestion: light, and with everything that was decided in it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from minerlib.mine import Suggestion, suggest
from minerlib.mine.charts.suggestion import POINTS, thinned

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def suggestion() -> Suggestion:
    """Twelve servers by the minute for three days; two of them have a bad hour."""
    count = 3 * 1440
    parts: list[pl.DataFrame] = []
    for server in range(12):
        values = [20.0 + server + n % 7 for n in range(count)]
        if server < 2:
            values[2000 + 100 * server : 2060 + 100 * server] = [90.0] * 60
        times = [START + timedelta(minutes=n) for n in range(count)]
        parts.append(pl.DataFrame({"time": times, "source": f"web-{server}", "used_pct": values}))
    return suggest(pl.concat(parts), "used_pct", "cpu.usage", side="high", shapes="constant", wait="5m").best


def layers(suggestion: Suggestion) -> list[tuple[str, list[dict[str, Any]]]]:
    """The mark and the rows of each layer."""
    drawn = suggestion.chart().to_dict()
    return [(layer["mark"]["type"], drawn["datasets"][layer["data"]["name"]]) for layer in drawn["layer"]]


def test_it_shows_the_series_both_lines_and_every_alert(suggestion: Suggestion) -> None:
    """Nothing that the rule did is left out."""
    found = layers(suggestion)
    assert [mark for mark, _ in found] == ["line", "rule", "text", "point", "rule", "text"]
    choice = suggestion.candidate.choice
    assert [row["value"] for row in found[1][1]] == [choice.line, choice.clear]
    marks = [(row["what"], row["instance"], row["value"]) for row in found[3][1]]
    assert marks == [(e.what, e.instance["source"], e.value) for e in suggestion.backtest.transitions]
    assert {instance for _, instance, _ in marks} == {"web-0", "web-1"}


def test_it_is_light_and_keeps_the_extremes(suggestion: Suggestion) -> None:
    """At most ten servers and about 1,500 points, the highest value of each among them."""
    rows = thinned(suggestion)
    assert rows["instance"].n_unique() == 10
    assert rows.height <= POINTS + 10
    assert len(json.dumps(suggestion.chart().to_dict(), default=str)) < 300_000
    whole = suggestion.frame.group_by("source").agg(pl.col("value").max())
    highest = dict(whole.iter_rows())
    assert all(rows.filter(instance=name)["value"].max() == highest[name] for name in rows["instance"].unique())


def test_a_chart_without_alerts_is_a_chart() -> None:
    """A minute of one quiet server: no marks, no border, one colour."""
    times = [START + timedelta(seconds=n) for n in range(60)]
    frame = pl.DataFrame({"time": times, "used_pct": [3.0 + n % 4 for n in range(60)]})
    found = layers(suggest(frame, "used_pct", "cpu.usage", over="5s", wait="5s", side="high", shapes="constant").best)
    assert [mark for mark, _ in found] == ["line", "rule", "text"]
    assert len(found[0][1]) == 60
