"""The time between events of a part, and of parts that are merged."""

import random

import numpy as np
import polars as pl
import pytest

from minerlib.mine.given import given
from minerlib.mine.silence.steps import _looked, _merged, quantile, steps

from .made import every, frame


def of(rows: list[tuple[str, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"key 0": pl.String, "begin": pl.Int64}, orient="row")


@pytest.mark.parametrize("seed", range(20))
def test_however_rows_are_dealt_out_the_silences_are_the_same(seed: int) -> None:
    """Parts that overlap in time or not, merged at once or one after another: when nobody spoke is what it was."""
    dice = random.Random(seed)
    rows = [(dice.choice("ab"), dice.randrange(1000) * 1_000_000) for _ in range(40)]
    parts = [list[tuple[str, int]]() for _ in range(4)]
    for row in rows:
        parts[dice.randrange(4)].append(row)
    names = ["key 0"]
    whole = _merged(_looked(of(rows), names), names)
    found = _looked(of(parts[0]), names)
    for part in parts[1:]:
        found = _merged(pl.concat([found, _looked(of(part), names)]), names)
    for what in ("run", "long"):
        columns = ["key 0", "events", "begin", "end"] if what == "run" else ["key 0", "begin", "end", "length"]
        told = [each.filter(what=what).select(columns).sort(columns) for each in (found, whole)]
        assert told[0].equals(told[1])


def test_quantiles_are_those_of_the_steps() -> None:
    """By nearest rank, to two percent; of more steps than are listed one by one."""
    dice = random.Random(1)
    at, rows = 0, list[int]()
    for _ in range(5_000):
        at += round(dice.lognormvariate(0, 2) * 1_000_000) + 1
        rows.append(at)
    data = pl.DataFrame({"time": pl.Series(rows).cast(pl.Datetime("us", "UTC"))})
    runs, said = steps(given(data), {})
    assert runs.rows() == [(5_000, rows[0], rows[-1])]
    assert said["count"].sum() == 4_999
    length = pl.Series(rows).diff().drop_nulls()
    for share in (0.01, 0.5, 0.99):
        true = np.quantile(length, share, method="inverted_cdf")
        assert quantile(said, [], share)["step"][0] == pytest.approx(true, rel=0.021)


def test_a_step_by_the_clock_is_exact() -> None:
    runs, said = steps(given(frame({"a": every(60, 10)})), {"source": pl.col("source")})
    assert runs["events"].to_list() == [600]
    assert quantile(said, ["source"], 0.5).rows() == [("a", 60_000_000.0)]
