"""Which events go on: those that fit, that differ from the one before, that were not said a moment ago."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from minerlib.errors import SettingError
from minerlib.event.event import Event
from minerlib.event.moment import duration
from minerlib.event.pattern import kind_matches
from minerlib.pipe.node import Of, value_of

_encode = msgspec.json.Encoder(order="sorted").encode


class where:
    """The events for which all that is said is so: a pattern of kinds, or a function; values of fields.

        where("firewall.#")     where(lambda event: event.body["port"] < 1024)     where(action="drop", proto="tcp")

    The workbench's own kinds are matched only when named, as everywhere. What does not fit is dropped.
    """

    def __init__(self, test: str | Callable[[Event], Any] | None = None, **fields: Any) -> None:
        if test is None and not fields:
            raise SettingError('where lets everything pass: write where("disk.#"), or where(action="drop").')
        self.test, self.fields = test, fields

    def __call__(self, event: Event) -> Event | None:
        test = self.test
        if test is not None and not (kind_matches(test, event.kind) if isinstance(test, str) else test(event)):
            return None
        return event if all(value_of(name, event) == value for name, value in self.fields.items()) else None

    def __repr__(self) -> str:
        said = [] if self.test is None else [repr(self.test)]
        return f"where({', '.join([*said, *(f'{name}={value!r}' for name, value in self.fields.items())])})"


@dataclass
class changed:
    """The events in which something is not what it was in the one before; the first passes.

        time  0    1    2    3    4    5        changed("mark")
        in    a    a    b    b    a    a
        out   a         b         a

    One value is kept: of several things that change, `by("source", lambda: changed("state"))`.
    """

    of: Of
    last: Any = field(default=None, init=False)
    begun: bool = field(default=False, init=False)

    def __call__(self, event: Event) -> Event | None:
        value = value_of(self.of, event)
        same, self.begun, self.last = self.begun and value == self.last, True, value
        return None if same else event


class dedupe:
    """The events that were not said within `span` before: those of which source, kind and body (`time` aside) are the
    same, or what `of` means. The span begins with the one that passed, so what is said for ever is said once a span.

        time  0    1    2    3    4    5    6    7    8    9    10        dedupe("mark", span="5s")
        in    a         a         b    a         a         b    a
        out   a                   b    a                   b    a

    At most `most` are remembered; where there are more, the oldest passes again before its span is over.
    """

    def __init__(self, of: Of | None = None, span: str = "1m", most: int = 100_000) -> None:
        self.of, self.span, self.most = of, span, most
        self.said: dict[bytes, int] = {}
        self._span = duration(span)

    def __call__(self, event: Event) -> Event | None:
        key = _encode(_said(event) if self.of is None else value_of(self.of, event))
        before = self.said.get(key)
        if before is not None and abs(event.time - before) < self._span:
            return None
        self.said.pop(key, None)
        self.said[key] = event.time
        if len(self.said) > self.most:
            del self.said[next(iter(self.said))]
        return event

    def tick(self, clock: int) -> None:
        """What was said a span ago is forgotten."""
        while self.said and next(iter(self.said.values())) <= clock - self._span:
            del self.said[next(iter(self.said))]

    def flush(self) -> None:
        """Nothing waits."""

    def __repr__(self) -> str:
        return f"dedupe(of={self.of!r}, span={self.span!r}, most={self.most}, said={self.said!r})"


def _said(event: Event) -> list[Any]:
    body = event.body
    said = {name: value for name, value in body.items() if name != "time"} if isinstance(body, dict) else body
    return [event.scope, event.source, event.kind, said, event.raw]
