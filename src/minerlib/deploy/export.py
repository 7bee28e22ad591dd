"""Export: a rule goes onto the stream `rules`, and every host takes it from there.

Rules carry no signature yet, so they are exported to a broker on this machine only.
"""

import difflib
import ipaddress
import threading
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
import pika
from pika.exceptions import UnroutableError

from minerlib import settings
from minerlib.bus.connect import broker_url, connected, shown
from minerlib.bus.retry import short_name
from minerlib.bus.topology import RULES, declare_base
from minerlib.deploy.cycles import find_cycle
from minerlib.errors import BrokerUnreachable, RuleError, SettingError
from minerlib.event.moment import now, rfc3339
from minerlib.nodes.rulebook import Change, RuleBook
from minerlib.rule import Rule


class Receipt(NamedTuple):
    """What was exported, and where to."""

    rule: str
    version: int
    scope: str
    fingerprint: str
    broker: str
    time: str

    def __str__(self) -> str:
        return f"{self.rule} (version {self.version}, {self.fingerprint[:12]}) is exported to {self.scope}."


def export(rule: Rule | str | Path, url: str | None = None) -> Receipt:
    """Publish a rule, or a rule file; it replaces the one of its name and scope. Returns once it is confirmed.

    Raises RuleError with every fault of the file, or where rules would watch each other's alerts in a circle;
    SettingError where the broker is not on this machine.
    """
    if not isinstance(rule, Rule):
        rule = Rule.load(Path(rule))
    where = broker_url(url)
    if rule.kind.startswith("alert") and (cycle := find_cycle(rule, read_rules(where).rules())):
        raise RuleError([f"{rule.name}: rules that watch alerts would go round in a circle: {' -> '.join(cycle)}."])
    said = rfc3339(now())
    change = Change("export", rule.name, rule.scope, said, rule.to_yaml(), settings.source())
    _publish(where, change)
    return Receipt(rule.name, rule.version, rule.scope, rule.fingerprint, shown(where), said)


def withdraw(name: str, scope: str | None = None, url: str | None = None) -> Receipt:
    """Take a rule back; what it raised is cleared, with the reason `replaced`.

    Raises SettingError where no such rule runs, or several do and `scope` does not say which.
    """
    where = broker_url(url)
    running = read_rules(where).rules()
    found = [rule for rule in running if rule.name == name and scope in (None, rule.scope)]
    if not found:
        near = difflib.get_close_matches(name, [rule.name for rule in running], 1)
        hint = f" Did you mean {near[0]}?" if near else " minerlib rules list shows those that are."
        raise SettingError(f"No rule {name!r} is exported{f' to {scope}' if scope else ''}.{hint}")
    if len(found) > 1:
        scopes = ", ".join(rule.scope for rule in found)
        raise SettingError(f"The rule {name!r} is exported to {scopes}: say which with --scope.")
    rule, said = found[0], rfc3339(now())
    _publish(where, Change("withdraw", rule.name, rule.scope, said, by=settings.source()))
    return Receipt(rule.name, rule.version, rule.scope, rule.fingerprint, shown(where), said)


def read_rules(url: str | None = None) -> RuleBook:
    """Every change so far and the rules in force, as the broker has them now."""
    where = broker_url(url)
    with connected(where, "minerlib rules") as connection:
        declare_base(connection, where)
    book, stop, said = RuleBook(), threading.Event(), list[str]()
    thread = threading.Thread(target=book.follow, args=(where, stop, said.append), daemon=True)
    thread.start()
    caught_up = book.caught_up.wait(30)
    stop.set()
    thread.join()
    if not caught_up:
        raise BrokerUnreachable(
            f"The stream rules at {shown(where)} could not be read: {said[-1] if said else 'no answer'}"
        )
    return book


def _publish(url: str, change: Change) -> None:
    _only_here(url)
    with connected(url, "minerlib export") as connection:
        declare_base(connection, url)
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(
            message_id=f"minerlib/export-{short_name()}{short_name()}:1",
            delivery_mode=2,
            content_type="application/json",
        )
        try:
            channel.basic_publish("", RULES, msgspec.json.encode(change), properties, mandatory=True)
        except UnroutableError:
            raise BrokerUnreachable(f"The stream rules at {shown(url)} is still coming up: try again.") from None


def _only_here(url: str) -> None:
    host = urlsplit(url).hostname or ""
    try:
        here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise SettingError(
            f"Rules are not signed yet, so they are exported only to a broker on this machine, not to {shown(url)}."
        )
