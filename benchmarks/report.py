"""How every benchmark reports: a table to read, or one JSON object a line; 1 when a row does not hold."""

import argparse
import json
import operator
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

COMPARE = {"≥": operator.ge, "≤": operator.le}


@dataclass
class Row:
    """`ours` against `theirs` of a named peer in the same run; `bar` says what their ratio has to be (`≥ 0.8`).

    A peer that could not be had is None, with `peer` saying why; such a row does not hold.
    """

    what: str
    ours: float
    peer: str
    theirs: float | None
    bar: str

    @property
    def ratio(self) -> float | None:
        return None if not self.theirs else self.ours / self.theirs

    @property
    def holds(self) -> bool:
        sign, limit = self.bar.split()
        return self.ratio is not None and COMPARE[sign](self.ratio, float(limit))

    def to_dict(self) -> dict:
        return {
            "what": self.what, "ours": self.ours, "peer": self.peer, "theirs": self.theirs,
            "ratio": self.ratio, "bar": self.bar, "holds": self.holds,
        }  # fmt: skip


def arguments(about: str) -> argparse.ArgumentParser:
    """The options every benchmark has."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--quick", action="store_true", help="under a minute, less exact")
    return parser


def report(rows: list[Row], as_json: bool) -> None:
    """Print the rows and end the program: 0 when all hold, else 1."""
    if as_json:
        for row in rows:
            print(json.dumps(row.to_dict(), ensure_ascii=False))
    else:
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for column in ("what", "ours", "peer", "theirs", "ratio", "bar", ""):
            table.add_column(column, justify="right" if column in ("ours", "theirs", "ratio") else "left")
        for row in rows:
            ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
            mark = "[green]holds[/]" if row.holds else "[red]does not hold[/]"
            table.add_row(row.what, number(row.ours), row.peer, number(row.theirs), ratio, row.bar, mark)
        Console(width=140).print(table)
    sys.exit(0 if all(row.holds for row in rows) else 1)


def number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def progress(said: str) -> None:
    """Where a benchmark is, on a terminal; the empty string takes it away again."""
    if sys.stderr.isatty():
        print(f"\r{said:<40}\r", end="", file=sys.stderr, flush=True)


def in_turn(runs: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure over so many runs, taken in turn, so that a machine's drift meets all alike."""
    found: list[list[float]] = [[] for _ in measures]
    for run in range(runs):
        for place, measure in enumerate(measures):
            progress(f"run {run + 1} of {runs} ...")
            found[place].append(measure())
    progress("")
    return [statistics.median(each) for each in found]
