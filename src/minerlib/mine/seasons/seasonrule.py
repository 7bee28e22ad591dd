"""What is usual as a rule: alert of what is so many spreads away from it."""

import re
from typing import TYPE_CHECKING

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import DAY, words
from minerlib.mine.seasons.usualtables import UsualTables, usual_tables
from minerlib.mine.suggesting.firing import budgeted
from minerlib.mine.suggesting.shape import number
from minerlib.rule import Rule
from minerlib.rule.expression import quoted

if TYPE_CHECKING:
    from minerlib.mine.season import Season

_LATER = 1 / 3  # of the history, to choose k on
_LEAST = 3 * DAY  # of history before and after


def rule(season: "Season", a_day: float, side: str, most: int) -> Rule:
    """See `Season.rule`."""
    if side not in ("high", "low"):
        raise SettingError(f"side is {side!r}: write high or low.")
    if not a_day > 0:
        raise SettingError(f"alerts_per_day is {a_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    if season.origin.counter:
        raise MineError("No rule follows: a rule cannot make up for a counter's resets. Publish its rate as a field.")
    kind, sign = season.origin.known(), 1 if side == "high" else -1
    if season.rows["value"].n_unique() < 2:
        raise MineError(f"No rule follows: {season.field} is the same all the time; no line says more than that.")
    names = {one: season.extent.keys(one) for one in season.tables.of}
    shared = len(names) > most
    wait = 2 * season.every
    scores, days, later = _scores(season, shared, sign)
    choice = budgeted(scores, wait, days, a_day)
    line, clear = _plain(choice.line), max(0.0, _plain(choice.clear))
    above, below, plus = (">", "<", "+") if sign > 0 else ("<", ">", "-")
    name = re.sub(r"[^a-z0-9]+", "-", f"{kind}-{season.field}-unusually-{side}".lower()).strip("-")
    over, way = words(season.every), "above" if sign > 0 else "below"
    return Rule.from_dict({
        "rule": name, "scope": season.origin.scope, "kind": kind, "by": list(season.extent.by),
        "about": f"{season.field} over {over} is {number(line)} spreads {way} what is usual then",
        "measure": {"of": quoted(season.field), "agg": "mean", "over": over, "every": over},
        "usual": season.tables.document(names, most),
        "levels": [
            {"severity": "warning", "when": f"{above} usual {plus} {number(line)} * spread", "for": words(wait)}
        ],
        "clear": {"when": f"{below} usual {plus} {number(clear)} * spread", "for": words(wait)},
        "evidence": {
            "season": season.says, "chosen_on_later_history": later, "days": round(days, 2), "alerts": choice.raised,
            "wanted_a_day": a_day,
        },
    })  # fmt: skip


def _scores(season: "Season", shared: bool, sign: int) -> tuple[pl.DataFrame, float, bool]:
    """How many spreads from usual each value is, in windows as `choose` wants them; of how many days; and whether they
    came after what the tables were learnt from.
    """
    rows = season.rows
    time = pl.col("time").dt.epoch("us")
    first, last = rows.select(time.min(), time.max().alias("last")).row(0)
    span = last - first
    split = first + (1 - _LATER) * span
    earlier, after = rows.filter(time <= split), rows.filter(time > split)
    later = span * _LATER >= _LEAST
    tables: UsualTables = usual_tables(earlier, season.zone) if later else season.tables
    found = tables.compared(after if later else rows, shared).drop_nulls("score")
    if not found.height:
        tables, found, later = season.tables, season.tables.compared(rows, shared).drop_nulls("score"), False
    windows = found.select(
        "instance", pl.col("time").dt.epoch("us").alias("time"), (sign * pl.col("score")).alias("value")
    )
    return windows.sort("instance", "time"), span * (_LATER if later else 1) / DAY, later


def _plain(value: float) -> float:
    return float(f"{value:.3g}")
