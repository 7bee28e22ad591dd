"""From the history of a field to ranked rules: chosen on the past, measured on what came after."""

from collections.abc import Sequence
from typing import Any

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import to_datetime
from minerlib.mine.progress import Progress
from minerlib.mine.suggesting.look import Moment, look
from minerlib.mine.suggesting.measured import suggestions
from minerlib.mine.suggesting.reading import Read
from minerlib.mine.suggesting.tries import SHAPES
from minerlib.mine.suggestions import Suggestions
from minerlib.rule.labels import Incident, read_incidents


def suggest(
    history: Any,
    field: str,
    kind: str | None = None,
    by: str | Sequence[str] = ("source",),
    alerts_per_day: float = 1.0,
    labels: Any = None,
    *,
    since: Moment = None,
    until: Moment = None,
    scope: str | None = None,
    side: str = "both",
    shapes: str | Sequence[str] = SHAPES,
    to: float | None = None,
    zone: str = "UTC",
    over: str | None = None,
    every: str | None = None,
    wait: str | None = None,
    most: int = 5,
    client: Any = None,
    progress: Progress = None,
) -> Suggestions:
    """Rules for a field, the best first, each of which would raise about `alerts_per_day` over all instances.

    `history` is an Archive, anything else `backtest` reads, or a Polars or pandas frame with a column of times (it then
    stands in the scope `local.lab.dev`); `kind` may be left out where only one kind has the field. `by` is what one
    instance is. `side` is `high`, `low` or `both`; `shapes` are those tried: a constant line, a rate of change, usual ±
    spread by the hours of `zone`, a forecast (for a percentage, or where `to` says the limit), absence, a count over a
    window. Window (`over`), step (`every`) and how long the line must be crossed (`wait`) are found, unless given
    (`5s`, `10m`). `labels` are incidents (see `minerlib.rule.labels.read_incidents`): rules are then ranked by those
    they catch. At most `most` are given back, the best of each shape and side.

    Lines are compared by sweeps over the windows; every number told is `backtest`'s. What is told of later history
    comes from lines chosen on what lay before it; the rule's own line is chosen on everything.

        found = suggest(archive, "used_pct", "disk.usage", by=("source", "mount"), alerts_per_day=0.5)
        found.best.rule(), found.best.backtest, found.best.missed

    With `client` (a `distributed.Client`) an archive is read and folded by its workers. Raises MineError with the
    reason where no rule can be suggested, SettingError where an argument cannot be meant.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    if most < 1:
        raise SettingError(f"most is {most}: write how many rules to give back.")
    incidents = None if labels is None else read_incidents(labels, by)
    at = look(
        history, field, kind, by, alerts_per_day, since=since, until=until, scope=scope, side=side, shapes=shapes,
        to=to, zone=zone, over=over, every=every, wait=wait, client=client, progress=progress,
    )  # fmt: skip
    _check_labels(incidents, at.seen)
    return suggestions(at, at.candidates(incidents, progress=progress)[:most], incidents, progress)


def _check_labels(incidents: Sequence[Incident] | None, seen: Read) -> None:
    """Raises MineError where no label lies in the history."""
    if incidents is None:
        return
    if not incidents:
        raise MineError("There are no labels in labels: leave it out, or give some (begin, end).")
    if all(each.end < seen.first or each.begin > seen.last for each in incidents):
        raise MineError(
            f"None of the {len(incidents)} labels lies in the history, which goes from {_day(seen.first)} to "
            f"{_day(seen.last)}: give labels of that time, or more history."
        )


def _day(at: int) -> str:
    return f"{to_datetime(at):%Y-%m-%d %H:%M}"
