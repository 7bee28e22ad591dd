"""Counted values put in order: ranks, shares, and what is to be said of them."""

from typing import Any

import polars as pl

from minerlib.event.moment import HOUR
from minerlib.mine.spoken import count, percent, value


def ranked(
    found: pl.DataFrame, totals: pl.DataFrame, groups: list[str], fields: list[str], span: int, cut: pl.Expr
) -> pl.DataFrame:
    """All values, the most frequent of each group first, with what a row says of them."""
    names = [*groups, *(f"value.{name}" for name in fields)]
    whole = totals.select(*groups, pl.col("count").cast(pl.Float64).alias("whole"))
    rows = found.join(whole, on=groups) if groups else found.join(whole, how="cross")

    def over(expr: pl.Expr) -> pl.Expr:
        return expr.over(groups) if groups else expr

    def place(expr: pl.Expr) -> pl.Expr:
        return over(pl.when(expr > 0).then(expr).rank("ordinal", descending=True))

    order = [False] * len(groups) + [True] + [False] * len(fields)
    return rows.sort(*groups, "count", *names[len(groups) :], descending=order).select(
        *names, "count", "events",
        (pl.col("count") / pl.col("whole")).alias("share"),
        (over(pl.col("count").cum_sum()) / pl.col("whole")).alias("cumulative"),
        (pl.col("count") / max(span, 1) * HOUR).alias("per_hour"),
        "first", "last", "recent",
        over(pl.int_range(1, pl.len() + 1)).alias("rank"),
        place(pl.col("count") - pl.col("recent")).alias("rank_before"),
        place(pl.col("recent")).alias("rank_recent"),
        (pl.col("first") > cut).alias("new"),
        (pl.col("last") <= cut).alias("gone"),
    )  # fmt: skip


def renamed(rows: pl.DataFrame, groups: list[str], fields: list[str], weight: str | None) -> pl.DataFrame:
    """The rows as they are given back; where a field is called like a number of ours, this one gets a dot behind it."""
    names = {**{each: each.removeprefix("by.") for each in groups}, **{f"value.{name}": name for name in fields}}
    taken = {name: f"{name}." for name in names.values() if name in rows.columns}
    return rows.drop("gone", *([] if weight else ["events"])).rename(taken).rename(names)


def foremost(rows: pl.DataFrame, groups: list[str], n: int) -> pl.DataFrame:
    """The first `n` rows of each group."""
    return rows.group_by(groups, maintain_order=True).head(n) if groups else rows.head(n)


def numbers_of(
    ranked: pl.DataFrame, shown: pl.DataFrame, totals: pl.DataFrame, error: float, lost: int, groups: list[str]
) -> dict[str, Any]:
    """How much there is, of how many, and how it is concentrated."""
    whole = float(totals["count"].sum())
    sizes = ranked["count"].sort(descending=True).cum_sum()
    return {
        "count": whole,
        "events": int(totals["events"].sum()),
        "distinct": ranked.height,
        "groups": totals.height if groups else 1,
        "top_share": float(shown["count"].sum()) / whole if whole else 0.0,
        "half": int((sizes < whole / 2).sum()) + 1,
        "error": error,
        "let_go": lost,
    }


def sentence(
    numbers: dict[str, Any], ranked: pl.DataFrame, new: pl.DataFrame, fields: tuple[str, ...], by: tuple[str, ...],
    weight: str | None, n: int,
) -> str:  # fmt: skip
    """Who leads, how concentrated it is, who is new."""
    of, unit = " and ".join((*by, *fields)), "event" if weight is None else weight
    things = "" if weight is None else weight

    def name(row: dict[str, Any]) -> str:
        said = " ".join(value(row[f"value.{each}"]) for each in fields)
        groups = " ".join(str(found) for key, found in row.items() if key.startswith("by."))
        return f"{said} (of {groups})" if groups.strip() else said

    first = ranked.sort("count", descending=True, maintain_order=True).row(0, named=True)
    many = numbers["distinct"]
    share = float(first["count"]) / numbers["count"] if numbers["count"] else 0.0
    said = (
        f"{name(first)} leads with {first['count']:,.0f} of {count(numbers['count'], unit, things)} ({percent(share)})"
    )
    if many > n:
        each = f" of each {' and '.join(by)}" if by else ""
        said += f"; the top {n}{each} hold {percent(numbers['top_share'])}"
        more = "more than " if numbers["let_go"] else ""
        said += f", and {numbers['half']:,} of the {more}{many:,} values of {of} make half"
    said += ". "
    shorter = ", a quarter of this short history" if numbers["shortened"] else ""
    if numbers["since"] == numbers["until"]:
        said += "All at one moment, so nobody can be called new."
    elif not new.height:
        said += f"Nobody was new in the last {numbers['since_last']}{shorter}."
    else:
        most = new.sort("recent", descending=True, maintain_order=True).row(0, named=True)
        said += f"New in the last {numbers['since_last']}{shorter}: {new.height:,}"
        said += f", foremost {name(most)} with {count(most['recent'], unit, things)}."
    if numbers["error"]:
        said += f" There were too many values to keep all: a count may be too low by up to {numbers['error']:,.0f}"
        said += ", and what is called new may have been seen as often before."
    return said
