"""Percentiles and moments of all values and of each instance, with their intervals: the frame of a Spread."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from minerlib.mine.given import Given
from minerlib.mine.progress import Progress
from minerlib.mine.values.interval import BLOCKS, columns, effective, interval
from minerlib.mine.values.tail import moments
from minerlib.mine.values.tally import ALL, at
from minerlib.mine.whence import Whence


def percentiles_of(
    rows: Given, field: str, keys: dict[str, pl.Expr], found: pl.DataFrame, shares: Sequence[float],
    confidence: float, where: Whence, progress: Progress,
) -> pl.DataFrame:  # fmt: skip
    """The frame of a Spread, its instances still called `key 0` and so on.

    Percentiles first, then, in a second reading, how they were kept to in each block of time."""
    inner = [f"key {place}" for place in range(len(keys))]
    names = columns(shares)
    found = found if inner else found.filter(ALL)  # one instance is all there is
    tallies = sorted(found.group_by(ALL, *inner, maintain_order=True), key=lambda one: not one[0][0])
    lines = pl.DataFrame(
        [(*key[1:], key[0], *(at(part, share) for share in shares)) for key, part in tallies],
        schema={**dict.fromkeys(inner, pl.String), ALL: pl.Boolean, **dict.fromkeys(names, pl.Float64)}, orient="row",
    )  # fmt: skip
    blocks, missing = _blocks(rows, field, keys, lines, names, where, progress)
    out: list[dict[str, Any]] = []
    for (key, part), line in zip(tallies, lines.iter_rows(named=True), strict=True):
        shape, total = moments(part), int(part["count"].sum())
        lost = missing.get(key, 0)
        row: dict[str, Any] = {name: None if key[0] else line[name] for name in inner}
        row |= {"count": total, "missing": lost / (total + lost), "min": part["value"][0], "max": part["value"][-1]}
        row |= shape._asdict()
        counted, above = blocks.get(key, (np.array([float(total)]), {}))
        for name, share in zip(names, shares, strict=True):
            size = effective(counted, above[name]) if name in above else float(total)
            low, high = interval(part, share, size, confidence)
            row |= {name: line[name], f"{name}_low": low, f"{name}_high": high, f"{name}_independent": size}
        out.append(row)
    numbers = {name: pl.Float64 for name in out[0] if name not in (*inner, "count")}
    return pl.DataFrame(out, schema={**dict.fromkeys(inner, pl.String), "count": pl.Int64, **numbers})


def _blocks(
    rows: Given, field: str, keys: dict[str, pl.Expr], lines: pl.DataFrame, names: Sequence[str], where: Whence,
    progress: Progress,
) -> tuple[dict[Any, Any], dict[Any, int]]:  # fmt: skip
    """Of each tally, how many values there were in each block of time and how many lay above each percentile; and
    how many rows had no number."""
    inner = [f"key {place}" for place in range(len(keys))]
    named = [value.alias(name) for name, value in zip(inner, keys.values(), strict=True)]
    length = (where.last - where.first) // BLOCKS + 1
    block = (pl.col("time").dt.epoch("us") - where.first) // length
    own = lines.filter(~pl.col(ALL)).drop(ALL).rename({name: f"own {name}" for name in names}).lazy()
    whole = lines.filter(ALL).row(0, named=True)
    value = pl.col("value")
    sums = [pl.len().cast(pl.Int64).alias("rows"), value.count().cast(pl.Int64).alias("count")]
    sums += [(value > pl.col(f"own {name}")).sum().cast(pl.Int64).alias(f"own {name}") for name in names if inner]
    sums += [(value > whole[name]).sum().cast(pl.Int64).alias(f"all {name}") for name in names]

    def part(given: pl.LazyFrame) -> pl.LazyFrame:
        seen = given.select(*named, block.alias("block"), rows.number(field).alias("value"))
        seen = seen.join(own, inner, how="left") if inner else seen
        return seen.group_by(*inner, "block").agg(sums)

    def merge(found: pl.DataFrame) -> pl.DataFrame:
        return found.group_by(*inner, "block").agg(pl.exclude(*inner, "block").sum())

    found = rows.folded(part, merge, progress)
    missing = pl.col("rows").sum() - pl.col("count").sum()
    group = found.group_by(inner) if inner else found.group_by(pl.lit("").alias("none"))
    lost = {(False, *key[: len(inner)]): int(part.select(missing).item()) for key, part in group}
    lost[(True, *("" for _ in inner))] = sum(lost.values())
    all_ = found.group_by("block").agg(pl.exclude(*inner, "block").sum())
    out: dict[Any, Any] = {(True, *("" for _ in inner)): _arrays(all_, "all", names)}
    if inner:
        out |= {(False, *key): _arrays(part, "own", names) for key, part in group}
    return out, lost


def _arrays(part: pl.DataFrame, which: str, names: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    numbers = part.cast(pl.Float64, strict=False)
    return numbers["count"].to_numpy(), {name: numbers[f"{which} {name}"].to_numpy() for name in names}
