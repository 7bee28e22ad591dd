"""Replay: the archive folded through the rules that ran, beside what they published then."""

from collections.abc import Callable
from typing import Any, NamedTuple

from minerlib.event.event import Event
from minerlib.event.moment import SECOND, read_time
from minerlib.nodes.said import BEGAN, ENDED
from minerlib.rule import Begun, History, Rule, Stream, Transition, backtest

_BEGAN = ("rule", "fingerprint", "document", "primed_from", "live_from", "time")
_ENDED = ("fingerprint", "last", "time")


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


def replay(
    archive: History,
    rule: str | None = None,
    slack: int = 2 * SECOND,
    since: int = 0,
    told: Callable[[str], object] = lambda _: None,
    scope: str = "*.*.*",
) -> list[Replay]:
    """Every run of `rule` (of all rules) in the archive, compared with a backtest begun at the same place.

    Runs that ended before `since` are left out, and so are transitions that were due before it. Transitions due within
    `slack` and lateness of the archive's clock are left out on both sides: their alerts may still be on their way. All
    in microseconds. `told` hears the name of each rule before it is folded.
    """
    found: list[Replay] = []
    for stream in archive.streams(scope):
        clock = archive.clock(stream) or 0
        if clock >= since:
            found += replay_stream(archive, stream, since, clock - slack, rule, told)
    return found


def replay_stream(
    archive: History,
    stream: Stream,
    since: int,
    until: int,
    rule: str | None = None,
    told: Callable[[str], object] = lambda _: None,
) -> list[Replay]:
    """The runs on one stream, compared as far as a host had come whose clock stood at `until`."""
    found: list[Replay] = []
    begans = _said(archive, stream, BEGAN, _BEGAN)
    ends = _said(archive, stream, ENDED, _ENDED)
    for began in begans:
        if rule is not None and began.body["rule"] != rule:
            continue
        following = _following(begans, began)
        ended = _end(ends, began, following)
        over = ended or following
        if over is None or _clock(over) >= since:
            told(began.body["rule"])
            ran = Rule.read(began.body["document"], name=f"{began.body['rule']}.yaml")
            if ran.fingerprint == began.body["fingerprint"]:  # else another version of minerlib ran it, in its own way
                found.append(_compare(archive, stream, ran, began, following, ended, since, until))
    return found


def _compare(
    archive: History, stream: Stream, rule: Rule, began: Event, following: Event | None, ended: Event | None,
    since: int, clock: int,
) -> Replay:  # fmt: skip
    body = began.body
    begun = Begun(stream, int(body["primed_from"]), int(body["live_from"]), _clock(began))
    until = int(following.body["live_from"]) if following else None
    if ended:
        begun = begun._replace(last=int(ended.body["last"]), ended=_clock(ended))
    elif following and until is not None:
        begun = begun._replace(last=until - 1, ended=_clock(following), withdrawn=False)
    last = clock - rule.lateness
    published = {
        event.body["id"]: Transition.from_body(event.body)
        for event in _said(archive, stream, f"alert.{rule.name}", ("id", "fingerprint", "due"))
        if event.body["fingerprint"] == rule.fingerprint
        and event.offset >= begun.live_from
        and (until is None or event.offset < until)
        and since <= (read_time(event.body["due"]) or 0) <= last
    }
    if following and not ended:  # a host that met a gap may not have come as far as the archive has
        last = max((transition.due for transition in published.values()), default=0)
    replayed = {t.id for t in backtest(rule, archive, begun=begun).transitions if since <= t.due <= last}
    return Replay(
        rule.name,
        stream,
        rule.fingerprint,
        [transition.body() for transition in published.values()],
        sorted(replayed - published.keys()),
        sorted(published.keys() - replayed),
    )


def _following(begans: list[Event], began: Event) -> Event | None:
    """The next beginning of the same rule, where there is one."""
    at, name = began.body["live_from"], began.body["fingerprint"]
    later = [each for each in begans if each.body["fingerprint"] == name and each.body["live_from"] > at]
    return min(later, key=lambda each: each.body["live_from"], default=None)


def _end(ends: list[Event], began: Event, following: Event | None) -> Event | None:
    """Where a run was withdrawn, if it was before the next one began."""
    at, name = began.body["live_from"], began.body["fingerprint"]
    mine = [each for each in ends if each.body["fingerprint"] == name and each.body["last"] >= at - 1]
    first = min(mine, key=lambda each: each.body["last"], default=None)
    return first if first and (not following or first.body["last"] < following.body["live_from"]) else None


def _clock(event: Event) -> int:
    return read_time(event.body["time"]) or 0


def _said(archive: History, stream: Stream, kind: str, needed: tuple[str, ...]) -> list[Event]:
    """The events of a kind that say what ours say; anybody may publish others."""
    return [
        event
        for batch in archive.events(stream, kind)
        for event in batch
        if isinstance(event.body, dict) and all(name in event.body for name in needed)
    ]
