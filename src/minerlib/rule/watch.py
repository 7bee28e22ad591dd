"""Listening to a rule: what it hears and observes while it is folded."""

from typing import Protocol

from minerlib.rule.instance import Taken


class Watch(Protocol):
    """Hears the events of instances in the order in which they count, and what each instance observes."""

    def heard(self, event: Taken) -> None: ...

    def observed(self, key: str, time: int, value: float) -> None: ...

    def dropped(self, key: str) -> None:
        """The instance is forgotten: what was heard of it so far is in no window any more."""
