"""The rule host: folds every rule in force over its streams, and publishes what they raise and clear."""

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from minerlib import settings
from minerlib.bus.environments import scope_in
from minerlib.bus.publish import Publisher
from minerlib.bus.reader import Batch, Reader
from minerlib.bus.retry import patiently
from minerlib.bus.stream import follow, last_offset
from minerlib.bus.topology import ENVIRONMENTS, stream_name
from minerlib.event.order import TICK, Order, Position
from minerlib.nodes import said
from minerlib.nodes.checkpoint import Checkpoint, Held, Outgoing
from minerlib.nodes.clock import beat
from minerlib.nodes.crew import Crew
from minerlib.nodes.drift import Drift
from minerlib.nodes.prime import prime
from minerlib.nodes.rulebook import RuleBook
from minerlib.nodes.stats import Stats, Teller, stats_every
from minerlib.rule import Rule, State, begin, withdraw
from minerlib.rule.route import Router, Said

_SAVE_SECONDS, _TICK_SECONDS = 1.0, 2.0

Told = Callable[[str], None]


def run_host(url: str, folder: Path, stop: threading.Event, told: Told) -> None:
    """Host every rule of the stream `rules` on every stream of the broker until `stop` is set.

    `folder` keeps its checkpoints. Raises BrokerRefused where the broker says no for good.
    """
    book = RuleBook()
    known: set[str] = set()
    every = stats_every()
    with Publisher(url, f"node.{settings.source()}", told=told, stop=stop) as publisher, Crew(stop) as crew:
        teller = Teller(url, publisher, stop)
        crew.run("stats", teller.run)
        crew.run("rules", lambda: book.follow(url, stop, told))
        for messages, _ in follow(url, ENVIRONMENTS, stop, told=told):
            for scope in {scope_in(message.body) for message in messages} - known - {""}:
                known.add(scope)
                stats = Stats(scope, every, teller)
                crew.run(f"host {scope}", StreamHost(url, scope, folder, book, publisher, stats, stop, told).run)


class StreamHost:
    """The rules of one stream. Alerts are confirmed before the state behind them is saved; what begins and ends
    is saved first, with the messages that say so, because it is not decided anew after a crash."""

    def __init__(
        self,
        url: str,
        scope: str,
        folder: Path,
        book: RuleBook,
        publisher: Publisher,
        stats: Stats,
        stop: threading.Event,
        told: Told,
    ) -> None:
        self.url, self.scope, self.book, self.publisher, self.stop, self.told = url, scope, book, publisher, stop, told
        self.stats = stats
        self.checkpoint = Checkpoint(folder, scope)
        self.hosted: dict[str, tuple[Rule, State]] = {}
        self.router: Router | None = None
        self.drift = Drift()
        self.numbers: dict[str, int] = {}  # the highest of rules that ended: those that come again go on above it

    def run(self) -> None:
        while not self.book.caught_up.wait(0.2):
            if self.stop.is_set():
                return
        for fingerprint, held in self.checkpoint.rules().items():
            self.hosted[fingerprint] = (Rule.read(held.document), State.from_parts(held.state, held.intake))
        self.stats.mark(self.hosted)
        self._empty_outbox()
        position = self.checkpoint.position if self.hosted else None
        end = patiently(self.stop, self.told)(last_offset, self.url, stream_name(self.scope), self.stop)
        # Inside a stream the clock is known a minute later, and what publishers said is known for an hour.
        hour_ago = datetime.now(UTC) - timedelta(minutes=61)
        reader = Reader(self.url, self.scope, position, start=hour_ago, stop=self.stop, told=self.told)
        saved = ticked = time.monotonic()
        for batch in reader.batches(wait=0.2):
            if batch:
                if batch.new_epoch or batch.gap:
                    self._begin_anew(batch)
                    end = -1
                self._publish(self._said(self._router().fold(batch.read), batch.order))
                if self.stats.folded(batch, bool(self.hosted)):
                    self._settle(batch.order)
                    self.stats.tell(batch.order, self.hosted)
                if TICK in batch.read.kinds:
                    ticked = time.monotonic()
            if time.monotonic() - ticked > _TICK_SECONDS:
                beat(self.publisher, self.scope, settings.source(), Order(reader.order.clock, reader.order.epoch))
                ticked = time.monotonic()
            if reader.order.clock is None or not reader.last or reader.last[0] < end:
                continue  # a rule begins at the end of the stream, not in its past
            if self._changes(reader.order):
                self._settle(reader.order)
                self._change(reader)
                saved = time.monotonic()
            elif batch and self.hosted and time.monotonic() - saved > _SAVE_SECONDS:
                self._settle(reader.order)
                self._save(reader, [])
                saved = time.monotonic()
        self.checkpoint.close()

    def _settle(self, order: Order) -> None:
        """Let the states come as far as the messages have."""
        self._publish(self._said(self._router().settle(), order))

    def _said(self, found: list[Said], order: Order) -> list[Outgoing]:
        """What rules said, and what they could not evaluate, as messages."""
        clock = order.clock or 0
        messages: list[Outgoing] = []
        for name, transitions in found:
            rule, state = self.hosted[name]
            messages += [said.alert(rule, transition, clock) for transition in transitions]
            messages += self.drift.heard(rule, state, transitions, clock)
            messages += [said.fault(rule, each, self.scope, state.epoch, clock) for each in state.take_faults()]
        return messages

    def _router(self) -> Router:
        """The router of the rules that are hosted now."""
        if self.router is None:
            self.router = Router(self.hosted)
        return self.router

    def _begin_anew(self, batch: Batch) -> None:
        """A gap, or a stream declared anew: what the rules knew does not hold, and they begin here."""
        first, clock, order = batch.messages[0].offset, batch.read.began, batch.order
        self.stats.add(self.hosted)
        self.router = None  # what it kept lies before
        for fingerprint, (rule, old) in self.hosted.items():
            state = State.fresh(stream=self.scope, epoch=order.epoch)
            state.number = old.number if old.epoch == order.epoch else 0
            begin(rule, state, clock)  # nothing fires yet; its numbers go on above the clock
            self.hosted[fingerprint] = (rule, state)
        self.stats.mark(self.hosted)
        self._publish(
            [said.began(rule, self.scope, order.epoch, first, first, clock) for rule, _ in self.hosted.values()]
        )

    def _changes(self, order: Order) -> bool:
        wanted = self.book.of(self.scope)
        for fingerprint in wanted.keys() & self.hosted.keys():  # another version or text means the same and goes on
            rule, state = self.hosted[fingerprint]
            if wanted[fingerprint] != rule:
                self._settle(order)
                self.hosted[fingerprint], self.router = (wanted[fingerprint], state), None
        return wanted.keys() != self.hosted.keys()

    def _change(self, reader: Reader) -> None:
        """Take up what was exported and let go of what was withdrawn, right behind the last message folded."""
        wanted, order = self.book.of(self.scope), reader.order
        last, clock = reader.last[0] if reader.last else 0, reader.order.clock or 0
        messages: list[Outgoing] = []
        self.stats.add(self.hosted)
        self.router = None
        for fingerprint in [name for name in self.hosted if name not in wanted]:
            rule, state = self.hosted.pop(fingerprint)
            messages += [said.alert(rule, transition, clock) for transition in withdraw(rule, state, clock)]
            messages.append(said.ended(rule, self.scope, order.epoch, last, clock))
            self.numbers[fingerprint] = state.number
            self.told(f"{rule.name} ended on {self.scope}")
        for fingerprint in [name for name in wanted if name not in self.hosted]:
            rule = wanted[fingerprint]
            state, primed_from = prime(self.url, self.scope, rule, last, order, self.stop)
            state.number = max(state.number, self.numbers.get(fingerprint, 0))
            messages.append(said.began(rule, self.scope, order.epoch, primed_from, last + 1, clock))
            messages += [said.alert(rule, transition, clock) for transition in begin(rule, state, clock)]
            self.hosted[fingerprint] = (rule, state)
            self.told(f"{rule.name} runs on {self.scope}")
        self.stats.mark(self.hosted)
        if self.stop.is_set():
            return
        self._save(reader, messages)
        self._empty_outbox()

    def _publish(self, messages: list[Outgoing]) -> None:
        for message in messages:
            self.publisher.send(message.key, message.body, id=message.id)
        if messages:
            self.publisher.flush(math.inf)

    def _empty_outbox(self) -> None:
        self._publish(self.checkpoint.outbox())
        self.checkpoint.published()

    def _save(self, reader: Reader, outbox: list[Outgoing]) -> None:
        offset, digest = reader.last or (0, "")
        position = Position(reader.order.epoch, offset, digest, reader.order.to_json())
        held = {name: Held(rule.to_yaml(), *state.to_parts()) for name, (rule, state) in self.hosted.items()}
        self.checkpoint.save(position, held, outbox)
        self.stats.saved(held)
