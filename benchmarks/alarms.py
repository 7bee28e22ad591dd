"""Rules suggested from the past, run on what followed, beside usual detectors at the same budget of alerts.

python benchmarks/alarms.py DIR [--json] [--quick] [--all]

DIR holds mscloud/*/*.csv (microsoft/cloud-monitoring-dataset) and kpi/*.csv (NetManAIOps/donut). Of each series the
first half is learnt from and the second is judged; no label is seen before that. Every detector has its line from its
own first half: the lowest that keeps to the wanted alerts a day there. An alert is told once an episode. Labelled rows
at most three steps apart are one incident; an alert is true where it begins in one, from three steps before its begin
to one step after its last row, and an incident is caught by a true alert. All series count together.
"""

import csv
import json
import math
import statistics
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from detectors import DETECTORS, Numbers, episodes, line, step
from report import Row, arguments, progress, report

from minerlib.errors import MineError
from minerlib.mine import FrameHistory, suggest
from minerlib.rule import backtest

BUDGETS = (0.1, 0.3, 1.0)  # alerts a day and series
OURS = "suggested rules"
KEPT = 1.25  # times the budget, at most, to have kept to it
NEAR = 3  # steps: between labels of one incident, and before it
LEAST = 24  # rows in a half


@dataclass
class Series:
    """One file: `split` is the first row that is judged."""

    name: str
    times: list[datetime]
    values: Numbers
    incidents: list[tuple[datetime, datetime]]
    split: int

    @property
    def days(self) -> float:
        """Of what is judged."""
        return (self.times[-1] - self.times[self.split]).total_seconds() / 86_400


@dataclass
class Tally:
    """What a detector did on all series: alerts and the true ones of them, incidents caught and missed, leads (s)."""

    days: float = 0.0
    alerts: int = 0
    true: int = 0
    caught: int = 0
    missed: int = 0
    leads: list[float] = field(default_factory=list)
    silent: int = 0  # series for which no rule was suggested

    def add(self, series: Series, alerts: list[datetime]) -> None:
        """Judge the alerts of one series."""
        early = timedelta(seconds=NEAR * step(series.times))
        self.days += series.days
        self.alerts += len(alerts)
        self.true += sum(any(begin - early <= at <= end for begin, end in series.incidents) for at in alerts)
        for begin, end in series.incidents:
            leads = [(at - begin).total_seconds() for at in alerts if begin - early <= at <= end]
            self.caught, self.missed = self.caught + bool(leads), self.missed + (not leads)
            self.leads += leads[:1]

    @property
    def a_day(self) -> float:
        """Alerts a day and series."""
        return self.alerts / self.days

    @property
    def precision(self) -> float:
        return self.true / self.alerts if self.alerts else 0.0

    @property
    def recall(self) -> float:
        return self.caught / (self.caught + self.missed)

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def to_dict(self) -> dict:
        lead = statistics.median(self.leads) if self.leads else None
        return {
            "f1": self.f1, "precision": self.precision, "recall": self.recall, "alerts_a_day": self.a_day,
            "alerts": self.alerts, "caught": self.caught, "incidents": self.caught + self.missed,
            "lead_seconds": lead, "series_without_a_rule": self.silent,
        }  # fmt: skip


def read(path: Path) -> Series | None:
    """A file's rows in the order of time; None where its halves hold too little."""
    rows: list[tuple[datetime, float, bool]] = []
    for time, value, label in list(csv.reader(path.open()))[1:]:
        at = datetime.fromtimestamp(int(time), UTC) if time.isdigit() else datetime.fromisoformat(time)
        if value:
            rows.append((at.replace(tzinfo=UTC), float(value), float(label or 0) > 0))
    rows.sort()
    split = len(rows) // 2
    if split < LEAST:
        return None
    times = [time for time, _, _ in rows]
    after = timedelta(seconds=step(times))
    incidents: list[tuple[datetime, datetime]] = []
    for time, _, bad in rows[split:]:
        if bad and incidents and time - incidents[-1][1] <= (NEAR - 1) * after:
            incidents[-1] = (incidents[-1][0], time + after)
        elif bad:
            incidents.append((time, time + after))
    return Series(path.stem, times, np.array([value for _, value, _ in rows]), incidents, split)


def ours(series: Series, budget: float) -> list[datetime] | None:
    """The alerts of the best rule that is suggested from the first half, over the second; None where none is."""
    table = pl.DataFrame({"time": series.times, "value": series.values})
    try:
        best = suggest(table.head(series.split), "value", "reading", alerts_per_day=budget)[0]
    except MineError:
        return None
    begin = series.times[series.split]
    tested = backtest(best.rule(), FrameHistory(table, "reading"), since=begin)
    since = begin.timestamp() * 1e6
    return [datetime.fromtimestamp(one.due / 1e6, UTC) for one in tested.alerts if one.due >= since]


def theirs(series: Series, score: Numbers, budget: float) -> list[datetime]:
    """The alerts of a detector over the second half, its line from the first."""
    days = (series.times[series.split] - series.times[0]).total_seconds() / 86_400
    limit = line(score[: series.split], math.floor(budget * days))
    return [series.times[row] for row in episodes(score, limit) if row >= series.split]


def measured(found: list[Series], budgets: tuple[float, ...]) -> dict[float, dict[str, Tally | None]]:
    """What each detector did at each budget; None for one that is not installed."""
    tallies: dict[float, dict[str, Tally | None]] = {
        budget: {name: Tally() for name in (OURS, *DETECTORS)} for budget in budgets
    }
    for number, series in enumerate(found, 1):
        progress(f"{series.name} ({number} of {len(found)})")
        scores = {name: score(series.times, series.values, series.split) for name, score in DETECTORS.items()}
        for budget in budgets:
            told = tallies[budget]
            own = told[OURS]
            assert own
            alerts = ours(series, budget)
            own.silent += alerts is None
            own.add(series, alerts or [])
            for name, score in scores.items():
                tally = told[name]
                if score is None or tally is None:
                    told[name] = None
                else:
                    tally.add(series, theirs(series, score, budget))
    progress("")
    return tallies


def rows_of(tallies: dict[float, dict[str, Tally | None]]) -> list[Row]:
    """Ours beside the best of the others at each budget; in recall, of those that kept to it on what was judged."""
    rows: list[Row] = []
    for budget, told in tallies.items():
        own, river = told[OURS], told["river HalfSpaceTrees"]
        assert own
        others = {name: tally for name, tally in told.items() if tally and name != OURS}
        kept = {name: tally for name, tally in others.items() if tally.a_day <= KEPT * budget}
        for what, among in (("f1", others), ("recall", kept)):
            said = f"{what.replace('f1', 'F1')} at {budget:g} wanted alerts a day"
            best = max(among, key=lambda name: getattr(among[name], what), default=None)
            peer = "no other kept to the budget" if best is None else f"{best}, {among[best].a_day:.2f} a day"
            rows.append(Row(said, getattr(own, what), peer, getattr(among[best], what) if best else None, "≥ 1"))
        peer = "river HalfSpaceTrees" if river else "river: not installed (pip install river)"
        rows.append(Row(f"F1 at {budget:g} wanted alerts a day", own.f1, peer, river and river.f1, "≥ 1"))
        rows.append(Row(f"alerts a day and series, {budget:g} wanted", own.a_day, "wanted", budget, f"≤ {KEPT}"))
    return rows


def main() -> None:
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("dir", type=Path, metavar="DIR", help="holds mscloud/ and kpi/")
    parser.add_argument("--all", action="store_true", help="what every detector did, too")
    options = parser.parse_args()
    paths = sorted(options.dir.glob("mscloud/*/*.csv")) + sorted(options.dir.glob("kpi/*.csv"))
    found = [series for series in map(read, paths) if series]
    if not found:
        sys.exit(f"{options.dir} holds no mscloud/*/*.csv and no kpi/*.csv: name the folder that does.")
    if options.quick:
        found = [series for series in found if len(series.times) < 5_000]
    tallies = measured(found, BUDGETS[1:2] if options.quick else BUDGETS)
    if options.all:
        for budget, told in tallies.items():
            for name, tally in told.items():
                print(json.dumps({"wanted_a_day": budget, "detector": name, **(tally.to_dict() if tally else {})}))
    report(rows_of(tallies), options.json)


if __name__ == "__main__":
    main()
