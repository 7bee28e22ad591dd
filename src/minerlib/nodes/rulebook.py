"""The rules in force, as the stream `rules` tells them: read from its beginning, one rule a name and scope."""

import threading
from collections.abc import Callable
from typing import Literal

import msgspec

from minerlib.bus.stream import follow
from minerlib.bus.topology import RULES
from minerlib.errors import RuleError
from minerlib.event.body import NO_JSON
from minerlib.event.pattern import topic_matches
from minerlib.rule import Rule

Told = Callable[[str], None]


class Change(msgspec.Struct, frozen=True):
    """What a message of the stream `rules` says: a rule is exported, or withdrawn. `time` is RFC 3339."""

    do: Literal["export", "withdraw"]
    rule: str
    scope: str
    time: str
    document: str = ""
    by: str = ""


class RuleBook:
    """Every change so far, and the rules that follow from them. `caught_up` is set once the past was read."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.caught_up = threading.Event()
        self._rules: dict[tuple[str, str], Rule] = {}

    def follow(self, url: str, stop: threading.Event, told: Told) -> None:
        """Keep up with the stream until `stop` is set; what cannot be run is said and left out."""
        for messages, caught_up in follow(url, RULES, stop, told=told):
            for message in messages:
                try:
                    self.take(msgspec.json.decode(message.body, type=Change))
                except (*NO_JSON, RuleError) as error:
                    told(f"Message {message.offset} of the stream rules is no rule and was left out: {error}")
            if caught_up:
                self.caught_up.set()

    def take(self, change: Change) -> None:
        """Apply a change: a rule replaces the one of its name and scope. Raises RuleError where it is none."""
        rules = dict(self._rules)  # replaced whole: readers on other threads see before or after
        if change.do == "export":
            rules[change.rule, change.scope] = Rule.read(change.document, name=f"{change.rule}.yaml")
        else:
            rules.pop((change.rule, change.scope), None)
        self.changes.append(change)
        self._rules = rules

    def rules(self) -> list[Rule]:
        """The rules in force everywhere, in the order they were first exported."""
        return list(self._rules.values())

    def of(self, scope: str) -> dict[str, Rule]:
        """The rules in force for one stream, by fingerprint."""
        return {rule.fingerprint: rule for rule in self._rules.values() if topic_matches(rule.scope, scope)}
