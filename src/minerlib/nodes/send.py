"""Lines that somebody has, published as events."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from minerlib.bus.publish import Publisher
from minerlib.errors import EventError
from minerlib.event.body import field
from minerlib.event.decode import Decoded, Delivery
from minerlib.event.decode.defaults import read_any, time_of
from minerlib.event.decode.said import body_of
from minerlib.event.moment import now
from minerlib.event.written import Written

_TEXT = {"message", "base64"}  # the fields of a line that has none of its own


class Terms(NamedTuple):
    """What the lines are: events of `kind` in `scope` about `source`, or what the field `source_field` names; `time` is
    the field of their time, without it the first of the usual ones; `zone` is that of times that name none."""

    kind: str
    scope: str
    source: str
    source_field: str | None = None
    time: str | None = None
    zone: ZoneInfo | None = None


class Left(NamedTuple):
    """A line that was not sent, and why."""

    called: str
    line: int
    said: str


class Sending:
    """Publishes what is written, in its order; `left` hears of each line that cannot be an event, and `without_time` of
    the first that says no time though it has fields: its time is that of its arrival."""

    def __init__(
        self, publisher: Publisher, terms: Terms, left: Callable[[Left], None], without_time: Callable[[Left], None]
    ) -> None:
        self.publisher, self.terms, self.left, self.without_time = publisher, terms, left, without_time
        self.sent = 0
        self._timeless = False

    def send(self, lines: Iterable[Written], called: str) -> None:
        """All of them. Raises BrokerError."""
        for line, body, fault in lines:
            if body is None:
                self.left(Left(called, line, fault))
                continue
            try:
                self._publish(body, called, line)
                self.sent += 1
            except (EventError, _Timeless) as error:
                self.left(Left(called, line, str(error)))

    def _publish(self, body: dict[str, Any], called: str, line: int) -> None:
        terms = self.terms
        given = Delivery(body=b"", at=now(), zone=terms.zone)
        if terms.time is None:
            time = time_of(body, given)
            if time is None and not self._timeless and not body.keys() <= _TEXT:
                self._timeless = True
                self.without_time(Left(called, line, "says no time that can be read"))
        else:
            time = _time(body, terms.time, given)
            body = {name: value for name, value in body.items() if name != terms.time or name == "time"}
        source = terms.source
        if terms.source_field is not None:
            said = field(body, terms.source_field)
            source = "unknown" if said in (None, "") else str(said)
        said = body_of(Decoded(source, terms.kind, time, body))
        self.publisher.publish(terms.scope, source, terms.kind, said)


class _Timeless(Exception):
    """A line whose time was to be in a field, and is not."""


def _time(body: dict[str, Any], name: str, given: Delivery) -> int:
    said = field(body, name)
    if said is None:
        raise _Timeless(f"has no field {name!r}, which was to be its time")
    time = read_any(said, given)
    if time is None:
        utc = read_any(said, Delivery(body=b"", at=given.at, zone=ZoneInfo("UTC")))
        why = "names no zone (see --zone)" if utc is not None else "is no time that can be read"
        raise _Timeless(f"says {str(said)[:60]!r} in {name!r}, which {why}")
    return time
