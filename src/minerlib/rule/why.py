"""Why a rule said something: the history is folded up to that moment, and what decided it is looked at."""

from collections import deque
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec

from minerlib.errors import ArchiveError, SettingError
from minerlib.rule import reasons
from minerlib.rule.evaluate import withdraw
from minerlib.rule.explained import SHOWN, Before, Facts, Why
from minerlib.rule.fold import Begun, Fold
from minerlib.rule.history import History, Stream
from minerlib.rule.instance import Taken
from minerlib.rule.rule import Rule
from minerlib.rule.run import read_alert, runs
from minerlib.rule.silence import STREAM
from minerlib.rule.state import State
from minerlib.rule.transition import Transition

if TYPE_CHECKING:
    from minerlib.rule.backtest import Backtest


def why(alert: Any, history: History, rule: Rule | None = None, since: int | None = None) -> Why:
    """Why an alert was raised, cleared, or anything else that a rule says: what was observed, compared and waited for.

    `alert` is a Transition, the event or the body of an archived alert, or its id. The rule is the one that ran, as its
    host said when it began; or `rule`, folded as by `backtest(rule, history, since)` (microseconds). Raises
    SettingError where there is no such alert, ArchiveError where the history does not lead to it.
    """
    found = read_alert(alert, history)
    said = found.transition
    if rule is None:
        for ran, begun in runs(history, found):
            explained = _explain(ran, history, said, begun, None)
            if explained:
                return explained
    else:
        if rule.fingerprint != said.fingerprint:
            raise SettingError(f"The rule {rule.name} is not the one that said this: it means something else by now.")
        explained = _explain(rule, history, said, None, since)
        if explained:
            return explained
    raise ArchiveError(
        f"The archive does not lead to this alert of {said.rule} in {said.stream}: it has not all of the events "
        "that the rule saw, or others."
    )


def why_of(found: "Backtest", transition: Transition | str) -> Why:
    """Why a backtest has one of its transitions, which may be named by the first characters of its id."""
    if isinstance(transition, str):
        named = [each for each in found.transitions if each.id.startswith(transition)]
        if len(named) != 1:
            raise SettingError(f"{len(named) or 'None'} of the backtest's transitions has the id {transition!r}.")
        transition = named[0]
    if found.history is not None:
        explained = _explain(found.rule, found.history, transition, found.begun, found.primed_before)
        if explained:
            return explained
    raise SettingError(f"This backtest of {found.rule.name} has no such transition: {transition}.")


class _Ear:
    """Hears of one instance: its newest observations, and the events of the window that ends at `due`."""

    def __init__(self, key: str, begin: int) -> None:
        self.key, self.begin = key, begin
        self.observed_: deque[tuple[int, float, tuple[int, int] | None]] = deque(maxlen=SHOWN)
        self.events: list[tuple[int, int]] = []
        self.count = 0
        self._at: tuple[int, int] | None = None

    def heard(self, event: Taken) -> None:
        if event.key != self.key:
            return
        self._at = event.offset, event.part
        if event.time > self.begin:
            self.count += 1
            self.events += [self._at] if self.count <= SHOWN else []

    def observed(self, key: str, time: int, value: float) -> None:
        if key == self.key:
            self.observed_.append((time, value, self._at))

    def dropped(self, key: str) -> None:
        if key == self.key:
            self.events, self.count = [], 0


def _explain(rule: Rule, history: History, said: Transition, begun: Begun | None, since: int | None) -> Why | None:
    """The explanation; None where a fold from there does not say it."""
    whole = bool(rule.by) and not said.instance
    key = STREAM if whole else msgspec.json.encode([said.instance.get(name) for name in rule.by]).decode()
    measure = rule.measure
    ear = _Ear(key, said.due - measure.over if measure and measure.agg else said.due - 1)
    fold = Fold(rule, Stream(said.stream, said.epoch), watch=ear)
    end = said.due + (0 if said.reason in ("primed", "replaced") else rule.lateness)
    if begun and said.reason == "primed":
        begun = begun._replace(last=begun.live_from - 1)
    if begun:
        fold.from_offset(history, begun._replace(ended=None), end, end + 1)
    else:
        fold.from_time(history, since, end + (said.reason != "primed"), end)
    before = _before(fold.state, key)
    if said.reason == "replaced":
        fold.transitions += withdraw(rule, fold.state, said.due)
    elif said.reason != "primed":
        fold.transitions += fold.move(end + 1)
    if said.id not in {each.id for each in fold.transitions if each.due == said.due}:
        return None
    observed = list(ear.observed_)
    if said.reason in ("value", "returned") and said.positions and measure and not measure.agg:
        observed = [each for each in observed if each[0] < said.due or (each[2] or (0, 0)) <= said.positions[-1]]
    facts = Facts(rule, said, key, before, [(time, value) for time, value, _ in observed], ear.events, ear.count)
    return Why(facts, reasons.told(facts), begun)


def _before(state: State, key: str) -> Before:
    silence = state.silence.since if state.silence else None
    instance = state.instances.get(key)
    last = state.last(key) if instance else 0
    return Before(deepcopy(instance), last, state.latest, silence, len(state.instances))
