"""Replay: the archive folded through the rules that ran, beside what they published then."""

from typing import Any, NamedTuple

from minerlib.archive import Archive
from minerlib.event.event import Event
from minerlib.event.moment import SECOND, read_time
from minerlib.nodes.said import BEGAN, ENDED
from minerlib.rule import Begun, Rule, Stream, Transition, backtest


class Replay(NamedTuple):
    """One run of a rule on a stream: the transitions it published and those that the archive gives, by id."""

    rule: str
    stream: Stream
    fingerprint: str
    published: list[dict[str, Any]]
    missing: list[str]
    extra: list[str]

    @property
    def equal(self) -> bool:
        """Whether the same transitions, by id, were published live and come out of the archive."""
        return not self.missing and not self.extra


def replay(archive: Archive, rule: str | None = None, slack: int = 2 * SECOND) -> list[Replay]:
    """Every run of `rule` (of all rules) in the archive, compared with a backtest begun at the same place.

    Transitions due within `slack` and lateness (microseconds) of the archive's clock are left out on both sides:
    their alerts may still be on their way.
    """
    found: list[Replay] = []
    for stream in archive.streams("*.*.*"):
        begans = _said(archive, stream, BEGAN)
        ends = _said(archive, stream, ENDED)
        clock = archive.clock(stream) or 0
        for began in begans:
            body = began.body
            if rule is not None and body["rule"] != rule:
                continue
            live_from, fingerprint = int(body["live_from"]), body["fingerprint"]
            later = [int(b.body["live_from"]) for b in begans if b.body["fingerprint"] == fingerprint]
            until = min((at for at in later if at > live_from), default=None)
            ended = _first_end(ends, fingerprint, live_from, until)
            found.append(_compare(archive, stream, began, until, ended, clock - slack))
    return found


def _compare(
    archive: Archive, stream: Stream, began: Event, until: int | None, ended: Event | None, clock: int
) -> Replay:
    body = began.body
    rule = Rule.read(body["document"], name=f"{body['rule']}.yaml")
    begun = Begun(
        stream=stream,
        primed_from=int(body["primed_from"]),
        live_from=int(body["live_from"]),
        clock=read_time(body["time"]) or 0,
        last=int(ended.body["last"]) if ended else None,
        ended=(read_time(ended.body["time"]) or 0) if ended else None,
    )
    last = clock - rule.lateness
    replayed = {t.id for t in backtest(rule, archive, begun=begun).transitions if t.due <= last}
    published = {
        event.body["id"]: Transition.from_body(event.body).body()
        for event in _said(archive, stream, f"alert.{rule.name}")
        if event.body["fingerprint"] == rule.fingerprint
        and event.offset >= begun.live_from
        and (until is None or event.offset < until)
        and (read_time(event.body["due"]) or 0) <= last
    }
    return Replay(
        rule.name,
        stream,
        rule.fingerprint,
        list(published.values()),
        sorted(replayed - published.keys()),
        sorted(published.keys() - replayed),
    )


def _first_end(ends: list[Event], fingerprint: str, live_from: int, until: int | None) -> Event | None:
    """The end of a run that began at `live_from`, where it ended before the next one began at `until`."""
    mine = [event for event in ends if event.body["fingerprint"] == fingerprint and event.body["last"] >= live_from - 1]
    first = min(mine, key=lambda event: event.body["last"], default=None)
    return first if first and (until is None or first.body["last"] < until) else None


def _said(archive: Archive, stream: Stream, kind: str) -> list[Event]:
    return [event for batch in archive.events(stream, kind) for event in batch if isinstance(event.body, dict)]
