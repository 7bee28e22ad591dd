"""Two rules over the same past: what both say, what would be gone, what would be new."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minerlib.event.moment import rfc3339
from minerlib.rule.backtest import Backtest, Moment, backtest
from minerlib.rule.drawn import Drawn
from minerlib.rule.firing import Firing, Spans
from minerlib.rule.fold import Progress
from minerlib.rule.history import History
from minerlib.rule.report import count, span
from minerlib.rule.rule import Rule

_SHOWN = 10  # firings of one rule alone in a printed result


class Pair(NamedTuple):
    """A firing of the old rule and one of the new that overlap, at one instance."""

    old: Firing
    new: Firing


@dataclass
class Comparison(Drawn):
    """What would change. `both` holds every pair of firings that overlap at one instance, `only_old` and `only_new` the
    firings that overlap none of the other rule's; `old` and `new` are the backtests."""

    old: Backtest
    new: Backtest
    both: list[Pair] = field(default_factory=list[Pair])
    only_old: list[Firing] = field(default_factory=list[Firing])
    only_new: list[Firing] = field(default_factory=list[Firing])

    @property
    def same(self) -> int:
        """How many firings of the old rule the new one says, too."""
        return len(self.old.firings) - len(self.only_old)

    @property
    def says(self) -> str:
        """The result in one sentence."""
        old, new = len(self.old.alerts), len(self.new.alerts)
        said = f"over {span(max(self.old.until, self.new.until) - _begin(self))}: "
        if not old and not new:
            return said + "no alert, neither of the old rule nor of the new one."
        said += f"{count(new, 'alert')} instead of {old:,}" if old != new else f"{count(new, 'alert')} as before"
        if not self.only_old and not self.only_new:
            said += ", at the same times"
        else:
            said += f"; {self.same:,} the same, {len(self.only_old):,} gone, {len(self.only_new):,} new"
        return said + f"; firing {self.new.firing:.1%} instead of {self.old.firing:.1%} of the time."

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON; times are RFC 3339."""
        return {
            "says": self.says,
            "old": _plain(self.old),
            "new": _plain(self.new),
            "both": [{"old": _span(pair.old), "new": _span(pair.new)} for pair in self.both],
            "only_old": [_span(each) for each in self.only_old],
            "only_new": [_span(each) for each in self.only_new],
        }

    def __str__(self) -> str:
        lines = [f"{_names(self.old.rule, self.new.rule)}: {self.says}"]
        for name, one in (("old", self.old), ("new", self.new)):
            day = one.per_day
            lines.append(
                f"  {name}  {count(len(one.alerts), 'alert')}; a day median {day['median']:g}, p95 {day['p95']:g}, "
                f"worst {day['worst']:g}; firing {one.firing:.1%} of the time"
            )
        for said, found in (("gone", self.only_old), ("new", self.only_new)):
            if found:
                which = f"the last {_SHOWN} of {len(found):,}" if len(found) > _SHOWN else "all"
                lines.append(f"  {said} ({which}):")
                lines += [f"    {each.alert}, for {span(each.end - each.begin)}" for each in found[-_SHOWN:]]
        return "\n".join(lines)


def compare(
    old: Rule,
    new: Rule,
    history: History,
    since: Moment = None,
    until: Moment = None,
    progress: Progress | None = None,
) -> Comparison:
    """Fold two rules over the same history, `[since, until)` as in `backtest`, and say what would change.

    Alerts are matched by instance (the fields that both rules are `by`) and by overlapping in time, not by id.
    `progress` hears of the events of one rule after those of the other.
    """
    first = backtest(old, history, since, until, progress=progress)
    second = backtest(new, history, since, until, progress=progress)
    return _compared(first, second)


def _compared(old: Backtest, new: Backtest) -> Comparison:
    shared = [name for name in old.rule.by if name in new.rule.by]
    theirs, ours = _spans(new.firings, shared), _spans(old.firings, shared)
    found = Comparison(old, new)
    for each in old.firings:
        over = theirs[_key(each, shared)].over(each.begin, each.end)
        found.both += [Pair(each, other) for other in over]
        if not over:
            found.only_old.append(each)
    found.only_new = [each for each in new.firings if not ours[_key(each, shared)].over(each.begin, each.end)]
    return found


def _spans(found: Sequence[Firing], shared: Sequence[str]) -> defaultdict[str, Spans]:
    apart: defaultdict[str, list[Firing]] = defaultdict(list)
    for each in found:
        apart[_key(each, shared)].append(each)
    return defaultdict(lambda: Spans([]), {key: Spans(some) for key, some in apart.items()})


def _key(each: Firing, shared: Sequence[str]) -> str:
    """What two firings have in common that are of one instance; the whole stream is one where a rule knows several."""
    return repr((each.stream, [each.instance.get(name) for name in shared] if each.instance or not shared else None))


def _begin(found: Comparison) -> int:
    return min([each.since for each in (found.old, found.new) if each.until] or [0])


def _plain(found: Backtest) -> dict[str, Any]:
    return {
        "rule": found.rule.name, "version": found.rule.version, "fingerprint": found.rule.fingerprint,
        "alerts": len(found.alerts), "alerts_per_day": found.per_day, "firing": found.firing, "says": found.says,
    }  # fmt: skip


def _span(each: Firing) -> dict[str, Any]:
    return {
        "stream": each.stream.scope, "instance": each.instance, "severity": each.severity,
        "begin": rfc3339(each.begin), "end": rfc3339(each.end), "ended": each.last is not None, "id": each.alert.id,
    }  # fmt: skip


def _names(old: Rule, new: Rule) -> str:
    if old.name != new.name:
        return f"{old.name} and {new.name}"
    return f"{old.name}, version {old.version} and {new.version}" if old.version != new.version else old.name
