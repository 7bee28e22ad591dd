"""What moves or happens in concert with what, who is first, and how likely that is by chance."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from minerlib.errors import SettingError
from minerlib.event.moment import SECOND, duration
from minerlib.mine.pairs.concert import Together
from minerlib.mine.pairs.grid import Floats
from minerlib.mine.pairs.groups import doubted, groups
from minerlib.mine.pairs.jumps import coincident, jumps, waves
from minerlib.mine.pairs.lagged import Pairs, lagged
from minerlib.mine.pairs.sidebyside import SideBySide, side_by_side, wanted
from minerlib.mine.pairs.whiten import WEEK, deseasoned, in_spreads, innovations, scores
from minerlib.mine.progress import Progress

SLOW = 8  # times `within`: what moves slower is not looked for
QUIET = 0.25  # of a series' usual noise, in its quietest hours the least that a jump is measured by
FALSE = 0.05  # of the findings that may be false: pairs below this q are said to be in concert


def together(
    data: Any,
    fields: str | Sequence[str] | None = None,
    by: str | Sequence[str] = "source",
    *,
    every: str | None = None,
    within: str | None = None,
    most: int = 200,
    progress: Progress = None,
) -> Together:
    """Which series move together, or leave their usual level together, and which of them is first.

    `data` is a frame, a scan, or a dict of name -> (scan, field) or name -> scan, to look across kinds. A series is a
    field of an instance (`by`), as the mean of each bucket; `fields` is every field that holds numbers unless said.
    Where there is none, or `fields=()`, it is how many events of an instance (and kind) came. Buckets are as wide as
    most series are told often, unless `every` says so; b may follow a by up to `within` (10 buckets). `most` series are
    looked at, those with the most values.

    Each pair is tested twice on what neither can be expected to say from its usual day and its own past: by its best
    lagged rank correlation ("moves": Haugh 1976; Bartlett's effective number, Šidák for the lags tried), and by how
    many jumps coincide ("jumps": a Poisson test). The better one counts, doubled. Over all pairs q is Benjamini and
    Hochberg's (1995): tests of pairs that share a series depend on each other, but not so that this is broken (see
    docs/mining.md); Benjamini and Yekutieli's bound for the worst dependence would ask ten times as much of 200 series.

    The frame has a row a pair, the surest first: `a`, `b`, `how`, `lag` (s, never below 0: b follows a), `strength` (0
    to 1), `sign`, `p`, `q`, `n` (buckets of a move, coincidences of jumps). In concert is what has q < 0.05.

        found = together(archive.scan("http.requests", since="7d"), "latency_ms")
        found.frame.head(); found.groups; found.waves

    Raises MineError where there are not two series that change, or too few buckets, SettingError where an argument
    cannot be meant.
    """
    width, bound = _span("every", every), _span("within", within)
    if most < 2:
        raise SettingError(f"most is {most!r}: write how many series to look at, 2 or more.")
    asked = wanted(data, fields, by)
    series = side_by_side(asked, width, most, progress)
    lags = 10 if bound is None else round(bound / series.every)
    lags = min(lags, series.values.shape[1] // 8)
    level = deseasoned(series.values, series.every, series.start)
    level = deseasoned(level, series.every, series.start, WEEK)
    fresh, noise = innovations(level, SLOW * max(lags, 1))
    jumped = jumps(level, in_spreads(fresh, noise, QUIET), max(lags, 1))
    moving = np.where(_still(series.values)[:, None], np.nan, in_spreads(fresh, noise, 0.01))
    pairs = _better(lagged(scores(moving), lags, progress), coincident(jumped, lags, series.every, series.start))
    frame = _frame(series, *pairs)
    found = groups(frame.filter(pl.col("q") < FALSE), series.every / SECOND)
    rows = {name: at for at, name in enumerate(series.names)}
    together_at = [waves(jumped, [rows[name] for name in group["members"]], max(lags, 1)) for group in found]
    found = doubted(found, [[[series.names[row] for _, row in wave] for wave in each] for each in together_at])
    return Together.of(asked[0].data, series, frame, found, together_at, jumped, lags)


def _span(name: str, said: str | None) -> int | None:
    span = None if said is None else duration(said)
    if span == 0 and name == "every":
        raise SettingError("every cannot be nothing: write 10s, 1m, 1h.")
    return span


def _still(values: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows have one value more than half of the time: they jump, but ranks of them say nothing."""
    return np.array([(row == np.nanmedian(row)).sum() > 0.5 * np.isfinite(row).sum() for row in values])


def _better(moves: Pairs, leaps: Pairs) -> tuple[Pairs, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Of two tests of each pair the less likely by chance, its p doubled as there were two; and which are jumps."""
    leap = leaps.p < moves.p
    chosen = [
        np.where(leap, getattr(leaps, name), getattr(moves, name)) for name in ("lag", "strength", "p", "n")
    ]  # fmt: skip
    lag, strength, p, n = chosen
    return Pairs(moves.a, moves.b, lag, strength, np.minimum(1.0, 2 * p), n), leap


def _frame(series: SideBySide, pairs: Pairs, leap: np.ndarray[Any, np.dtype[np.bool_]]) -> pl.DataFrame:
    from scipy.stats import false_discovery_control

    names = np.array(series.names, dtype=object)
    turned = pairs.lag < 0
    first, second = np.where(turned, pairs.b, pairs.a), np.where(turned, pairs.a, pairs.b)
    return pl.DataFrame(
        {
            "a": pl.Series(names[first].tolist(), dtype=pl.String),
            "b": pl.Series(names[second].tolist(), dtype=pl.String),
            "how": pl.Series(np.where(leap, "jumps", "moves").tolist(), dtype=pl.String),
            "lag": np.abs(pairs.lag) * (series.every / SECOND),
            "strength": np.abs(pairs.strength),
            "sign": np.where(pairs.strength < 0, -1, 1).astype(np.int8),
            "p": pairs.p,
            "q": false_discovery_control(pairs.p, method="bh"),
            "n": pairs.n,
        }
    ).sort(["p", "strength"], descending=[False, True])
