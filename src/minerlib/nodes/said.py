"""What a rule host says about rules, as messages with ids that come out the same when they are said again."""

from typing import Any

import msgspec

from minerlib import settings
from minerlib.event.key import make_key
from minerlib.event.moment import DAY, rfc3339
from minerlib.nodes.checkpoint import Outgoing
from minerlib.rule import Fault, Rule, Transition

BEGAN, ENDED, ERROR, DRIFT = "node.began", "node.ended", "node.error", "rule.drift"


def alert(rule: Rule, transition: Transition, clock: int) -> Outgoing:
    """The event `alert.<rule>` about the instance's source; its time is the stream's clock at publication."""
    about = transition.instance.get("source")
    source = about if isinstance(about, str) and about else rule.name
    body = {"time": rfc3339(clock), **transition.body()}
    id = f"minerlib/{rule.fingerprint}:{transition.number}"
    return message(transition.stream, source, f"alert.{rule.name}", body, id)


def began(rule: Rule, stream: str, epoch: str, primed_from: int, live_from: int, clock: int) -> Outgoing:
    """From `live_from` on, what this rule published is what a backtest begun at the same place reports."""
    body = {
        **_rule(rule, stream, epoch, clock),
        "primed_from": primed_from,
        "live_from": live_from,
        "document": rule.to_yaml(),
    }
    return message(stream, rule.name, BEGAN, body, f"minerlib/{rule.fingerprint}.began.{epoch}:{live_from}")


def ended(rule: Rule, stream: str, epoch: str, last: int, clock: int) -> Outgoing:
    """The rule was withdrawn or replaced behind the offset `last`."""
    body = {**_rule(rule, stream, epoch, clock), "last": last}
    return message(stream, rule.name, ENDED, body, f"minerlib/{rule.fingerprint}.ended.{epoch}:{last}")


def fault(rule: Rule, found: Fault, stream: str, epoch: str, clock: int) -> Outgoing:
    """An event that a rule could not evaluate: which rule, which event, which field."""
    where = {"offset": found.offset, "part": found.part, "field": found.field}
    body = {**_rule(rule, stream, epoch, clock), "what": "fault", "said": found.said, **where}
    id = f"minerlib/{rule.fingerprint}.faults.{epoch}:{found.offset * 1000 + min(found.part, 999)}"
    return message(stream, rule.name, ERROR, body, id)


def drift(rule: Rule, stream: str, epoch: str, day: int, count: int, clock: int) -> Outgoing:
    """A rule raised more on a day (since 1970) than its budget allows."""
    what = {"day": rfc3339(day * DAY)[:10], "alerts": count, "budget": rule.budget}
    body = {**_rule(rule, stream, epoch, clock), "what": "drift", **what}
    return message(stream, rule.name, DRIFT, body, f"minerlib/{rule.fingerprint}.drift.{epoch}:{day}")


def _rule(rule: Rule, stream: str, epoch: str, clock: int) -> dict[str, Any]:
    return {
        "time": rfc3339(clock),
        "rule": rule.name,
        "version": rule.version,
        "fingerprint": rule.fingerprint,
        "stream": stream,
        "epoch": epoch,
        "node": settings.source(),
    }


def message(scope: str, source: str, kind: str, body: dict[str, Any], id: str) -> Outgoing:
    """An event with an id of its own, as it goes out."""
    key, cut = make_key(scope, source, kind)
    return Outgoing(id, key, msgspec.json.encode({**body, "source": source} if cut else body))
