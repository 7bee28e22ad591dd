"""The demo as a story: watch, mine, prove, export, alert, replay."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.live import Live

from minerlib import settings
from minerlib.archive import Archive
from minerlib.bus import broker
from minerlib.bus.reader import Reader
from minerlib.bus.tap import Tap
from minerlib.cli.burn import Burn
from minerlib.cli.outcome import Outcome
from minerlib.cli.picture import Picture
from minerlib.deploy.export import export, read_rules, withdraw
from minerlib.errors import DemoFailed
from minerlib.event.event import Event
from minerlib.event.moment import SECOND, now
from minerlib.mine import suggest
from minerlib.nodes.clock import prepare
from minerlib.nodes.parts import Parts
from minerlib.nodes.replay import replay
from minerlib.rule import Rule, Stream

KIND, FIELD = "cpu.usage", "used_pct"
_SETTLE = 6.0  # seconds: our own parts are busy starting, which is no history to learn from


class Story:
    """Tells the demo on `console`, watching for `seconds` before it mines. Ctrl-C ends it cleanly anywhere."""

    def __init__(self, console: Console, seconds: int) -> None:
        self.console, self.seconds = console, seconds
        self.outcome = Outcome()
        self.begun = time.monotonic()

    def tell(self) -> Outcome:
        say, scope = self.console.print, settings.scope()
        mine = broker.running_url() is None
        say("[bold]minerlib demo[/]  from a live event to an alert and back\n")
        try:
            with self.console.status("starting a broker of our own"):
                url = broker.start()
                prepare(url, settings.source(), [scope])  # taps are there before the first event
            with Parts(url, logs=settings.state_dir() / "logs") as parts:
                with Tap("#", url=url) as tap, Tap("alert.#", url=url) as alerts, Tap("node.began", url=url) as began:
                    start = self._watch(Picture(tap), parts)
                    rule = self._mine(start, scope, url)
                    self._export(rule, url, began)
                    self._alert(rule, alerts, Picture(tap))
                self._count(url, scope, parts, rule)
        finally:
            if mine:
                with self.console.status("stopping"):
                    broker.stop()
        self.outcome.seconds = round(time.monotonic() - self.begun, 1)
        say()
        self.outcome.show(self.console)
        say("\nNext: [bold]make lab[/] opens this archive in JupyterLab; [bold]minerlib up[/] keeps collecting.")
        return self.outcome

    def _watch(self, picture: Picture, parts: Parts) -> int:
        """The live picture; returns the moment from which the history is worth learning from."""
        self.console.print("[bold]1  Look.[/] What this machine says, live:")
        first = self._until("waiting for the first event", picture, lambda events: bool(events), 30, parts)
        if not first:
            raise DemoFailed(f"No event came within 30 s: see {settings.state_dir() / 'logs'}.")
        self._until("letting our own start pass", picture, lambda _: False, _SETTLE, parts)
        start = now()
        self._until("watching, to have a past to learn from", picture, lambda _: False, self.seconds, parts)
        self.console.print(picture.draw("watched", 1.0))
        return start

    def _mine(self, start: int, scope: str, url: str) -> Rule:
        self.console.print("\n[bold]2  Mine.[/] A rule for the processor, from what was seen:")
        archive = Archive()
        found = suggest(
            archive, FIELD, KIND, since=start / SECOND, scope=scope, alerts_per_day=1, side="high", shapes="constant",
            over="5s", every="1s", wait="4s",
        ).best  # fmt: skip
        rule = found.rule()
        for earlier in read_rules(url).rules():  # of a demo that was interrupted
            if earlier.name == rule.name:
                withdraw(earlier.name, earlier.scope, url)
        self.console.print(found.says)
        self.console.print(f"\n[bold]3  Prove.[/] The same rule on what was seen, {found.backtest.says}")
        return rule

    def _export(self, rule: Rule, url: str, began: Tap) -> None:
        self.console.print(f"\n[bold]4  Export.[/] {export(rule, url)}")
        with self.console.status("waiting for a host to take it"):
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                if any(event.body["fingerprint"] == rule.fingerprint for event in began.take(timeout=1)):
                    self.outcome.rule = rule.name
                    self.console.print("It runs.")
                    return
        raise DemoFailed(f"No host took the rule within 30 s: see {settings.state_dir() / 'logs' / 'node.log'}.")

    def _alert(self, rule: Rule, alerts: Tap, picture: Picture) -> None:
        def said(what: str) -> Callable[[list[Event]], bool]:
            return lambda _: any(self._heard(event, rule, what) for event in alerts.take())

        self.console.print("\n[bold]5  Alert.[/] Every core gets something to do:")
        with Burn():
            raised = self._until("loading the processor until the rule alerts", picture, said("raised"), 45)
        if not raised:
            raise DemoFailed("The rule raised no alert although the processor was loaded for 45 s.")
        self.console.print("[red]raised[/]; the load is taken away.")
        if not self._until("waiting until it clears", picture, said("cleared"), 60):
            raise DemoFailed("The alert did not clear within 60 s after the load was gone.")
        self.console.print("[green]cleared[/]")

    def _heard(self, event: Event, rule: Rule, what: str) -> bool:
        return event.body["fingerprint"] == rule.fingerprint and event.body["what"] == what

    def _count(self, url: str, scope: str, parts: Parts, rule: Rule) -> None:
        """Stop those who publish, wait for the archiver to have all of it, and compare with the stream itself."""
        self.console.print("\n[bold]6  Replay.[/] The archive through the same rule:")
        with self.console.status("comparing stream, archive and alerts"):
            with Tap("node.ended", url=url) as ended:
                withdraw(rule.name, rule.scope, url)
                ended.take(timeout=5)
            parts.stop("host", "node", "clock")
            there = read_all(url, scope)
            stream = Stream(scope, there[-1].epoch)
            archive = Archive()
            last = (there[-1].offset, there[-1].part)
            deadline = time.monotonic() + 30
            here = archived(archive, stream)
            while here[-1:] != [last] and time.monotonic() < deadline:
                threading.Event().wait(0.2)
                here = archived(archive, stream)
            self.outcome.count(there, here)
            runs = replay(archive, rule.name, slack=0)
            mine = [run for run in runs if run.fingerprint == rule.fingerprint]
            self.outcome.transitions = mine[-1].published if mine else []
            self.outcome.replay_equals_live = bool(mine) and all(run.equal for run in mine)
            self.outcome.bytes_archived = size_of(settings.archive_dir(), scope)

    def _until(
        self,
        title: str,
        picture: Picture,
        enough: Callable[[list[Event]], bool],
        seconds: float,
        parts: Parts | None = None,
    ) -> bool:
        """Draw the picture until there is enough or the time is over; says which."""
        begun = time.monotonic()
        with Live(console=self.console, transient=True, refresh_per_second=5) as live:
            while (spent := time.monotonic() - begun) < seconds:
                if enough(picture.look()):
                    return True
                live.update(picture.draw(title, spent / seconds))
                threading.Event().wait(0.2)
        return False


def read_all(url: str, scope: str) -> list[Event]:
    """Every event of a stream that nobody publishes to any more."""
    found: list[Event] = []
    for batch in Reader(url, scope).batches(wait=2):
        if batch is None and found:
            break
        found += batch.events if batch else []
    return found


def archived(archive: Archive, stream: Stream) -> list[tuple[int, int]]:
    """The positions that the archive holds of a stream, as often as it holds them."""
    import polars as pl

    frame = archive.scan("#", scope=stream.scope, repeats=True, own=True).filter(pl.col("epoch") == stream.epoch)
    return sorted(frame.select("offset", "part").collect().rows())


def size_of(root: Path, scope: str) -> int:
    """Bytes on disk of a stream's SQLite files and of what was sealed."""
    files = [*root.glob("sealed/**/*.parquet"), *(root / quote(scope, safe="")).glob("*.sqlite")]
    return sum(path.stat().st_size for path in files)
