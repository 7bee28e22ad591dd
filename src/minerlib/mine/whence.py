"""Where the rows that were given come from: what a rule that follows from them has to name."""

from dataclasses import dataclass

import polars as pl

from minerlib.errors import MineError
from minerlib.event import LOCAL
from minerlib.event.moment import DAY
from minerlib.mine.given import Given

_WORDS = ("company", "system", "environment")


@dataclass(frozen=True)
class Whence:
    """The first and the last time and the clock at the end (µs since 1970), how many rows there are, their kind (None
    where they name none or several), and a scope that holds all of them (None where there are several companies)."""

    first: int
    last: int
    clock: int
    rows: int
    kind: str | None
    scope: str | None

    @property
    def days(self) -> float:
        return (self.last - self.first) / DAY

    def kind_or(self, named: str | None) -> str:
        """The kind for a rule. Raises MineError where it is neither named nor known."""
        if named or self.kind:
            return str(named or self.kind)
        raise MineError("A rule is about a kind of events, and these rows name none, or several: .rule(kind=...).")

    def scope_or(self, named: str | None) -> str:
        """The scope for a rule. Raises MineError where there are several companies and none is named."""
        if named or self.scope:
            return str(named or self.scope)
        raise MineError("The rows are of several companies, and a rule is for one: .rule(scope=...).")


def whence(given: Given) -> Whence:
    """What the rows say of themselves, read once. Raises MineError where there are none."""
    schema, time = given.schema, pl.col("time").dt.epoch("us")
    clock = pl.max_horizontal(time.max(), pl.col("seen").dt.epoch("us").max()) if "seen" in schema else time.max()
    named = [name for name in ("kind", *_WORDS) if name in schema]
    least = [pl.col(name).cast(pl.String).min().alias(f"{name} min") for name in named]
    greatest = [pl.col(name).cast(pl.String).max().alias(f"{name} max") for name in named]
    asked = [pl.len().alias("rows"), time.min().alias("first"), time.max().alias("last"), clock.alias("clock")]
    (found,) = given.whole([lambda rows: rows.select(*asked, *least, *greatest)], progress=False)
    row = found.select(
        pl.col("rows").sum(),
        pl.col("first").min(),
        pl.col("last", "clock").max(),
        *(pl.col(f"{name} min").min() for name in named),
        *(pl.col(f"{name} max").max() for name in named),
    ).row(0, named=True)
    if not row["rows"]:
        raise MineError("There are no rows to look at: is the kind right, and the time asked for?")
    one = {name: row[f"{name} min"] if row[f"{name} min"] == row[f"{name} max"] else None for name in named}
    scope: str | None = LOCAL
    if set(_WORDS) <= one.keys():
        scope = one["company"] and ".".join(one[name] or "*" for name in _WORDS)
    return Whence(row["first"], row["last"], row["clock"], row["rows"], one.get("kind"), scope)
