"""The same event with something else in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from minerlib.event.event import Event

Text = str | Callable[[Event], str]


@dataclass
class map:
    """Every event, with the body that `body` makes of it, another kind, another source: a text, or a function.

        map(lambda event: {"mb": event.body["bytes"] / 1e6}, kind="traffic.mb")

    Where `body` gives an Event, that is what goes on. Nothing is kept, nothing waits.
    """

    body: Callable[[Event], Any] | None = None
    kind: Text | None = None
    source: Text | None = None

    def __call__(self, event: Event) -> Event:
        made = event
        if self.body is not None:
            said = self.body(event)
            made = said if isinstance(said, Event) else msgspec.structs.replace(event, body=said, raw=None)
        if self.kind is not None:
            made = msgspec.structs.replace(made, kind=_text(self.kind, event))
        if self.source is not None:
            made = msgspec.structs.replace(made, source=_text(self.source, event))
        return made


def _text(said: Text, event: Event) -> str:
    return said if isinstance(said, str) else said(event)
