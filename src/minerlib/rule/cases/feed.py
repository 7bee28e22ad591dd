"""The events of a case: series and literal ones, put in the order in which they arrive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from minerlib.event import Event
from minerlib.rule.cases.notation import NOTHING, Step, is_series, read_series
from minerlib.rule.cases.reading import Reading
from minerlib.rule.text import plain

EPOCH = "test"
SOURCE = "host-1"
GAP = 2  # offsets between two events, so that a repeat finds room
_SERIES = ("source", "kind", "body", "at", "every", "lag")  # the keys of a series that are no fields of the body
_EVENT = ("at", "source", "kind", "body", "seen", "repeat")
_EXAMPLE = "{source: web-1, used_pct: 70+1x10 _x3 90x4}"


class Saying(NamedTuple):
    """An event before it has a place in the stream; times are microseconds since 1970."""

    time: int
    seen: int
    source: str
    kind: str
    body: Any
    repeat: bool = False


@dataclass
class Ground:
    """What the events of a case have in common; `end` is where the last step of a series ends, be there nothing."""

    start: int
    every: int
    kind: str | None
    scope: str
    end: int = 0
    sayings: list[Saying] = field(default_factory=list[Saying])

    def events(self) -> tuple[Event, ...]:
        """The events as they arrive: by the stream's clock, and where that stands still, as they are written."""
        company, system, environment = self.scope.split(".")
        return tuple(
            Event(
                time=saying.time, seen=saying.seen, epoch=EPOCH, offset=number * GAP, part=0,
                company=company, system=system, environment=environment,
                source=saying.source, kind=saying.kind, body=saying.body, repeat=saying.repeat,
            )
            for number, saying in enumerate(sorted(self.sayings, key=lambda saying: saying.seen))
        )  # fmt: skip


class Feed(Reading):
    """The part of a test file's reading that is about events."""

    def series(self, case: Mapping[str, Any], ground: Ground) -> None:
        for at, index, said in self.items(case, "series", _EXAMPLE):
            if isinstance(said, Mapping):
                self._series(said, ground)
            else:
                self.fault(at, index, f"a series is a map, for example `{_EXAMPLE}`.")

    def literals(self, case: Mapping[str, Any], ground: Ground) -> None:
        example = "{at: 3m, source: web-1, body: {used_pct: 80}}"
        for at, index, said in self.items(case, "events", f"[{example}]"):
            if not isinstance(said, Mapping):
                self.fault(at, index, f"an event is a map, for example `{example}`.")
                continue
            self.keys(said, _EVENT, "an event")
            if "at" not in said:
                self.fault(said, None, "an event needs `at`, how long after the case's start it happens: `at: 3m`.")
            if not isinstance(said.get("repeat", False), bool):
                self.fault(said, "repeat", "`repeat` is true or false.")
            time = self.moment(said, "at", ground.start, ground.start) or 0
            seen = self.moment(said, "seen", ground.start, time) or 0
            ground.sayings.append(
                Saying(time, seen, *self._about(said, ground), plain(said.get("body")), said.get("repeat") is True)
            )

    def _series(self, said: Mapping[str, Any], ground: Ground) -> None:
        at = self.moment(said, "at", ground.start, ground.start) or 0
        every = self.span(said, "every", ground.every) or ground.every
        lag = self.span(said, "lag", 0) or 0
        source, kind = self._about(said, ground)
        constant: Any = said.get("body", {})
        if not isinstance(constant, Mapping):
            self.fault(said, "body", "`body` of a series is a map of the fields that stay as they are.")
            constant = {}
        steps, same = self._split(said)
        same = plain(constant) | same
        length = max((len(steps) for steps in steps.values()), default=0)
        for number in range(length):
            values = {name: found[number] for name, found in steps.items() if number < len(found)}
            body = {name: value for name, value in values.items() if value is not NOTHING}
            if body:
                time = at + number * every
                ground.sayings.append(Saying(time, time + lag, source, kind, same | body))
        ground.end = max(ground.end, at + length * every + lag)

    def _split(self, said: Mapping[str, Any]) -> tuple[dict[str, list[Step]], dict[str, Any]]:
        """The fields that are series, and those that stay as they are."""
        steps: dict[str, list[Step]] = {}
        same: dict[str, Any] = {}
        wrong = False
        for key, value in said.items():
            if key in _SERIES:
                continue
            if not (isinstance(value, str) and is_series(value)):
                same[str(key)] = plain(value)
                continue
            try:
                steps[str(key)] = read_series(value)
            except ValueError as error:
                wrong = True
                aside = f" A text that stays as it is goes into `body: {{{key}: ...}}`." if "step" in str(error) else ""
                self.fault(said, key, f"`{key}`: {error}{aside}")
        if len({len(found) for found in steps.values()}) > 1:
            lengths = ", ".join(f"`{name}` has {len(found)}" for name, found in steps.items())
            self.fault(
                said, None, f"the series of one map are equally long, with `_` where there is nothing: {lengths}."
            )
        if not steps and not wrong:
            single = [name for name, value in same.items() if value is None or isinstance(value, (bool, int, float))]
            if len(single) == 1:
                return {single[0]: [same.pop(single[0])]}, same
            self.fault(
                said, None, f"no field of this map is a series: write one like `used_pct: 70x10`, as in `{_EXAMPLE}`."
            )
        return steps, same

    def _about(self, said: Mapping[str, Any], ground: Ground) -> tuple[str, str]:
        """Source and kind of an event, or of all of a series."""
        source = self.text(said, "source", SOURCE, "web-1")
        if "kind" not in said and ground.kind is None:
            self.fault(said, None, "`kind` is missing, and the rule's own is a pattern: write `kind: disk.usage`.")
        kind = self.text(said, "kind", ground.kind or "unknown", "disk.usage")
        if "" in kind.split(".") or any(sign in kind for sign in "*# \n"):
            self.fault(said, "kind", f"an event has one kind, not {kind!r}: write `kind: disk.usage`.")
        return source, kind
