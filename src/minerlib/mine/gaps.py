"""Silences: how long each instance usually keeps quiet, what is unusual, who is silent now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import rfc3339
from minerlib.mine.finding import Finding
from minerlib.mine.given import given
from minerlib.mine.progress import Progress
from minerlib.mine.silence.learned import learned
from minerlib.mine.silence.silences import silences
from minerlib.mine.silence.steps import steps
from minerlib.mine.silence.unheard import Unheard, classes
from minerlib.mine.spoken import ago, count, listed
from minerlib.mine.whence import Whence, whence

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

MOST = 200  # silences that are told


@dataclass(frozen=True)
class Gaps(Finding):
    """What `gaps` found.

    `frame` has a row an instance: `events`, `first`, `last`, `usual` and `high` (the median and the 99th percentile of
    its silences), `limit` (a longer one is unusual), `unusual` (how many were), `longest`, `silent` (how long it has
    been so at the end of the data), `silent_now` (whether that is unusual). `silences` has the longest unusual ones, a
    row each: `begin`, `end`, `length`, `at_once` (how many instances were unusually silent in its middle), `everyone`
    (nobody said anything for half of it or more: it was not the instance). Lengths are in seconds.
    """

    silences: Any
    missed: Unheard = field(repr=False, compare=False)
    whence: Whence = field(repr=False, compare=False)

    def chart(self) -> "alt.Chart | alt.LayerChart | alt.VConcatChart":
        """The unusual silences of those with the longest ones, and when everybody was silent."""
        from minerlib.mine.charts.gaps import chart

        return chart(self)

    def rule(self, kind: str | None = None, scope: str | None = None) -> "Rule":
        """One rule that alerts of what is missing, `after` such that the past keeps to the alerts wanted.

        `kind` and `scope` are those of the rows unless named. One `after` has to suit the slowest instance; `rules`
        gives each rhythm its own. Raises MineError where there is no step to learn from.
        """
        return self.missed.rule(self.whence.kind_or(kind), self.whence.scope_or(scope))

    def rules(self, kind: str | None = None, scope: str | None = None) -> "list[Rule]":
        """A rule for each rhythm: instances whose usual silences are within a factor of three share one.

        The alerts wanted are shared among them by how many instances each has. Raises MineError where `by` holds no
        text, which is what a rule would tell them apart by.
        """
        if any(self.given.schema[self.given.column(name)] != pl.String for name in self.missed.by):
            raise MineError(f"Rules tell instances apart by text, and {', '.join(self.missed.by)} is not: use .rule().")
        return self.missed.rules(self.whence.kind_or(kind), self.whence.scope_or(scope))


def gaps(data: Any, by: str | Sequence[str] = "source", alerts_per_day: float = 1.0, progress: Progress = None) -> Gaps:
    """How long each instance (`by`) usually keeps quiet, which silences were unusual, and who is silent now.

    `data` is a frame (Polars or pandas), `archive.scan(...)`, or that on Dask. A silence is the time from one event to
    the next of its instance; events at one moment are one, and events that a rule would not see, as they came more than
    5 s late, are none. Unusual is what is longer than three times the median and than twice the 99th percentile of its
    own silences: of an instance that talks by the clock two readings missing in a row, of one that talks at random one
    silence in ten thousand. Percentiles are exact to two percent. "Now" is the stream's clock at the end of the data.

        gaps(archive.scan("cpu.usage", since="30d"), alerts_per_day=0.5).rule()

    Raises MineError where there are no rows or no such field, SettingError where `alerts_per_day` cannot be meant.
    """
    if isinstance(alerts_per_day, str) or not alerts_per_day > 0:
        raise SettingError(f"alerts_per_day is {alerts_per_day!r}: write how many a day are bearable, 0.1 or 5 say.")
    rows = given(data)
    keys, names = rows.keys(by), [by] if isinstance(by, str) else list(by)
    names = [name for name in names if name in keys]
    if set(names) & set(_TAKEN):
        raise SettingError(f"by={by!r} has a name that the answer needs itself: rename the field, or mine by source.")
    where = whence(rows)
    runs, said = steps(rows, keys, progress)
    if not runs.height:
        raise MineError("All events came late, more than 5 s after they happened; there is no rhythm to learn.")
    frame = learned(runs, said, names, where.clock)
    found = silences(frame, said, names, where.clock)
    missed = Unheard(frame, said, tuple(names), alerts_per_day, where)
    found = found.sort("length", "begin", *names, descending=[True, *(False for _ in ("begin", *names))])
    told = found.head(MOST)
    numbers = _numbers(frame, found, names, where)
    shown = frame.drop("end").with_columns(
        pl.from_epoch(name, "us").dt.replace_time_zone("UTC") for name in ("first", "last")
    )
    return Gaps(rows.back(shown), numbers, _says(numbers, missed), rows, rows.back(told), missed, where)


_TAKEN = (
    "events", "first", "last", "usual", "high", "limit", "unusual", "longest", "silent", "silent_now", "begin", "end",
    "class", "count", "step", "length", "at_once", "everyone", "what", "time",
)  # fmt: skip


def _numbers(frame: pl.DataFrame, found: pl.DataFrame, names: list[str], where: Whence) -> dict[str, Any]:
    now = frame.filter("silent_now").sort("silent", descending=True)
    slow = frame["usual"].drop_nulls()
    longest = found.head(1).to_dicts()
    return {
        "instances": frame.height,
        "since": rfc3339(where.first),
        "until": rfc3339(where.clock),
        "usual": {
            "median": _plain(slow.median()), "shortest": _plain(slow.min()), "longest": _plain(slow.max()),
        },
        "unusual": found.height,
        "everyone": _outages(found),
        "longest": {
            "instance": {name: longest[0][name] for name in names},
            "length": longest[0]["length"], "begin": longest[0]["begin"].isoformat(),
            "end": longest[0]["end"].isoformat(), "everyone": longest[0]["everyone"],
        } if longest else None,
        "silent_now": [
            {"instance": {name: row[name] for name in names}, "silent": _plain(row["silent"])}
            for row in now.head(20).to_dicts()
        ],
        "silent_now_count": now.height,
    }  # fmt: skip


def _outages(found: pl.DataFrame) -> int:
    """How often everybody was silent: overlapping silences in which nobody spoke are one."""
    times = found.filter("everyone").sort("begin")
    if not times.height:
        return 0
    apart = times["begin"] >= times["end"].cum_max().shift(1)
    return 1 + int(apart.sum())


def _says(numbers: dict[str, Any], missed: Unheard) -> str:
    who = count(numbers["instances"], "instance")
    usual = numbers["usual"]
    if usual["median"] is None:
        return f"{who} spoke once{' each' if numbers['instances'] > 1 else ''}; there is no rhythm to learn yet."
    if usual["longest"] > 3 * usual["shortest"]:
        said = f"{who} speak every {ago(usual['shortest'])} to {ago(usual['longest'])}"
    else:
        said = f"{who} speak{'s' if numbers['instances'] == 1 else ''} every {ago(usual['median'])}"
    said += f"; {count(numbers['unusual'], 'silence')} {'were' if numbers['unusual'] > 1 else 'was'} unusually long"
    if numbers["longest"]:
        longest = numbers["longest"]
        name, begin = " ".join(longest["instance"].values()), longest["begin"][:16].replace("T", " ")
        said += f", the longest {ago(longest['length'])}{name and f' of {name}'} from {begin} UTC"
    if numbers["everyone"]:
        said += (
            f". In {count(numbers['everyone'], 'silence')} everybody was silent at once, which speaks of the archiver"
            " or the broker and not of an instance"
        )
    if numbers["silent_now_count"]:
        named = [
            " ".join([*row["instance"].values(), f"({ago(row['silent'])})"]).strip() for row in numbers["silent_now"]
        ]
        said += f". Silent now: {listed(named, numbers['silent_now_count'])}"
    if len(classes(missed.frame)) > 1:
        said += ". Their rhythms differ: .rules() gives each its own rule"
    return said + "."


def _plain(value: Any) -> float | None:
    return None if value is None else float(f"{value:.4g}")
