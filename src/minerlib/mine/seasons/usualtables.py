"""What is usual, as a rule carries it: a centre and a spread by hour of week, by hour of day, or one for always."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from minerlib.errors import MineError
from minerlib.mine.seasons.smallest import smallest
from minerlib.mine.seasons.zones import zoned

SIZES = (1, 24, 168)
MAD = 1.4826  # times the median absolute deviation is the standard deviation of normal values
_MOST = 4_000_000  # values that are looked at; of more, every second, third, ... one
_LEAST = 0.1  # of an instance's spread all in all: no hour is quieter than that
_BEFORE = 2  # days that the spread of all hours counts for beside the days of an hour


@dataclass(frozen=True)
class UsualTables:
    """Tables in the shape of a rule's `usual`: `{"centre": [...], "spread": [...]}` of 1, 24 or 168 numbers or None.

    `shared` is of all values together, `of` has one for each instance; None or missing where there was no value.
    """

    zone: str = "UTC"
    shared: dict[str, list[float | None]] | None = None
    of: dict[int, dict[str, list[float | None]]] = field(default_factory=dict[int, dict[str, list[float | None]]])

    def document(self, names: Mapping[int, Mapping[str, Any]], most: int = 50) -> dict[str, Any]:
        """The `usual` of a rule's document; `names` says for each instance the values of the rule's `by`.

        Where there are more than `most` instances, only the shared table. Where there is one, a table for it and none
        shared, so that a newcomer is not held against it. Raises MineError where there is no table at all.
        """
        said: dict[str, Any] = {} if self.zone == "UTC" else {"zone": self.zone}
        own = [one for one in self.of if one in names]
        if self.shared is None:
            raise MineError("Nothing is usual: there was no value to learn it from.")
        if len(own) != 1:
            said["shared"] = self.shared
        if 0 < len(own) <= most:
            said["of"] = [{"instance": dict(names[one]), **self.of[one]} for one in own]
        return said

    def compared(self, frame: pl.DataFrame, shared: bool = False) -> pl.DataFrame:
        """The frame with columns `usual`, `spread` and `score`, (value - usual) / spread, as a rule would see them.

        Null where nothing is usual. With `shared` all are compared with the shared table.
        """
        tables: dict[int | None, dict[str, list[float | None]]] = {} if shared else {**self.of}
        rows = [
            {"instance": one, "cell": cell, "usual": centre, "spread": table["spread"][cell % len(table["spread"])]}
            for one, table in tables.items()
            for cell in range(168)
            if (centre := table["centre"][cell % len(table["centre"])]) is not None
        ]
        if shared and self.shared is not None:
            middle, wide = self.shared["centre"], self.shared["spread"]
            rows = [{"cell": n, "usual": middle[n % len(middle)], "spread": wide[n % len(wide)]} for n in range(168)]
        schema = {"cell": pl.Int32, "usual": pl.Float64, "spread": pl.Float64}
        if not shared:
            schema = {"instance": frame.schema["instance"], **schema}
        found = frame.with_columns(zoned(frame, self.zone)["cell"])
        keys = ["cell"] if shared else ["instance", "cell"]
        found = found.join(pl.DataFrame(rows, schema), keys, "left", maintain_order="left").drop("cell")
        return found.with_columns(((pl.col("value") - pl.col("usual")) / pl.col("spread")).alias("score"))


def usual_tables(frame: pl.DataFrame, zone: str = "UTC", size: int | None = None) -> UsualTables:
    """What is usual for each instance, and for all of them together, as the observations of a frame tell it.

    `frame` has columns `instance` (whole numbers), `time` (UTC; µs since 1970, or moments) and `value`; what is null
    or no finite number is left out. Hours and weekdays are those of `zone`, also through changes of its clocks.

    The table is the smallest of 1, 24, 168 numbers (`size` sets it) that foretells days it has not seen: see
    `smallest`. Centre is the median of an hour's values. Spread is 1.4826 MAD (as wide as the standard deviation,
    where values are normal), drawn towards that of all hours where an hour was seen on few days, and never below: a
    tenth of that, the last digit the values are written with, a millionth of the centre. So it is never 0, and a line
    a spread away is not crossed by rounding. Raises SettingError for a zone that is not known.

    >>> frame = pl.DataFrame({"instance": [0] * 5, "time": range(5), "value": [7, 8, 7, 9, 7]})
    >>> usual_tables(frame).of[0]
    {'centre': [7.0], 'spread': [1.0]}
    """
    frame = frame.select("instance", "time", pl.col("value").cast(pl.Float64))
    rows = zoned(frame, zone).filter(pl.col("value").is_finite())
    rows = rows.gather_every(-(-rows.height // _MOST) | 1)  # an odd number, so that no minute of the hour is preferred
    sizes = dict.fromkeys(rows["instance"].unique(maintain_order=True).to_list(), size or 0)
    sizes = sizes if size else smallest(rows)
    of = _tables(rows, sizes)
    if len(of) < 2:
        return UsualTables(zone, next(iter(of.values()), None), of)
    together = rows.with_columns(pl.lit(0).cast(rows.schema["instance"]).alias("instance"))
    return UsualTables(zone, _tables(together, {0: size} if size else smallest(together))[0], of)


def _tables(rows: pl.DataFrame, sizes: Mapping[int, int]) -> dict[int, dict[str, list[float | None]]]:
    """The tables of these sizes."""
    if not rows.height:
        return {}
    size = pl.DataFrame({"instance": list(sizes), "size": list(sizes.values())})
    size = size.cast({"instance": rows.schema["instance"], "size": pl.Int32})
    rows = rows.join(size, "instance").with_columns(pl.col("cell") % pl.col("size"))
    centres = rows.group_by("instance", "size", "cell").agg(
        pl.col("value").median().alias("centre"), pl.col("day").n_unique().alias("days")
    )
    off = (pl.col("value") - pl.col("centre")).alias("off")
    rows = rows.join(centres, ["instance", "size", "cell"]).with_columns(off)
    cells = rows.group_by("instance", "size", "cell").agg(pl.col("centre", "days").first(), _spread().alias("spread"))
    whole = rows.group_by("instance").agg(_spread().alias("all"), _digit(pl.col("value")).alias("digit"))
    cells = cells.join(whole, "instance")
    floor = pl.max_horizontal("digit", _LEAST * pl.col("all"), 1e-6 * pl.col("centre").abs(), pl.lit(1e-12))
    share = pl.col("days") / (pl.col("days") + _BEFORE)
    drawn = pl.max_horizontal("spread", floor) ** share * pl.max_horizontal("all", floor) ** (1 - share)
    cells = cells.select("instance", "size", "cell", "centre", drawn.alias("spread")).sort("instance", "cell")
    found: dict[int, dict[str, list[float | None]]] = {}
    for one, width, cell, centre, spread in cells.iter_rows():
        empty: list[float | None] = [None] * width
        table = found.setdefault(one, {"centre": list(empty), "spread": list(empty)})
        table["centre"][cell], table["spread"][cell] = _plain(centre), _plain(spread)
    return found


def _spread() -> pl.Expr:
    """1.4826 MAD of what is `off` the centre; where half of it is 0, by quartiles, and else the standard deviation."""
    off = pl.col("off")
    quartiles = (off.quantile(0.75) - off.quantile(0.25)) / 1.349
    ways = (MAD * off.abs().median(), quartiles, off.std(ddof=0))
    return pl.coalesce(*(pl.when(way > 0).then(way) for way in ways), pl.lit(0.0))


def _digit(value: pl.Expr) -> pl.Expr:
    """1, 0.1, 0.01, ...: the last digit that all the values are written with; 0 where they have nine or more."""
    digit = pl.lit(0.0)
    for power in range(8, -1, -1):
        written = value * 10**power
        whole = (written - written.round()).abs() <= 1e-4
        digit = pl.when(whole.all()).then(pl.lit(10.0**-power)).otherwise(digit)
    return digit


def _plain(number: float) -> float:
    """Six digits are enough for what is usual: a table of 168 stays legible."""
    return float(f"{number:.6g}") if math.isfinite(number) else number
