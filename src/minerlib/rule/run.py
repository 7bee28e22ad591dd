"""The run of a rule that said something: found in the history by what the host said when it began."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from minerlib.errors import ArchiveError, SettingError
from minerlib.event.event import Event
from minerlib.event.moment import read_time
from minerlib.rule.fold import Begun
from minerlib.rule.history import History, Stream
from minerlib.rule.rule import Rule
from minerlib.rule.transition import Transition

BEGAN = "node.began"
_BEGAN = ("fingerprint", "document", "primed_from", "live_from", "time")
_PREFIX = 6  # characters of an id that are enough, where only one begins so


class Alert(NamedTuple):
    """A transition, and the offset of the event that carried it where that is known."""

    transition: Transition
    offset: int | None = None


def read_alert(said: Any, history: History) -> Alert:
    """The transition that is meant: one itself, the event or the body of an alert, or its id (its first characters).

    Raises SettingError where it is none of these, or no alert of the history, or several, have this id.
    """
    if isinstance(said, Transition):
        return Alert(said)
    if isinstance(said, Event):
        return Alert(_transition(said.body), said.offset)
    if isinstance(said, Mapping):
        return Alert(_transition(said))
    if not isinstance(said, str) or len(said) < _PREFIX:
        raise SettingError(f"{said!r} is no alert: give a transition, an alert's event or body, or its id.")
    found = {
        str(event.body["id"]): event
        for stream in history.streams("*.*.*")
        for events in history.events(stream, "alert.#")
        for event in events
        if isinstance(event.body, dict) and str(event.body.get("id", "")).startswith(said)
    }
    if len(found) != 1:
        what = "No alert of the archive has" if not found else f"{len(found)} alerts of the archive have"
        hint = (
            "its alerts are events of the kind alert.<rule>, with an id in their bodies." if not found else "say more."
        )
        raise SettingError(f"{what} the id {said!r}: {hint}")
    return read_alert(next(iter(found.values())), history)


def runs(history: History, alert: Alert) -> list[tuple[Rule, Begun]]:
    """The runs of the alert's rule that may have said it, the likeliest first. Raises ArchiveError where none is."""
    said = alert.transition
    stream = Stream(said.stream, said.epoch)
    begans = [
        event
        for events in history.events(stream, BEGAN)
        for event in events
        if isinstance(event.body, dict)
        and all(name in event.body for name in _BEGAN)
        and event.body["fingerprint"] == said.fingerprint
        and (alert.offset is None or event.body["live_from"] <= alert.offset)
    ]
    if not begans:
        raise ArchiveError(
            f"No run of the rule {said.rule} ({said.fingerprint[:12]}) in {said.stream} is in the archive: give the "
            "rule that said it."
        )
    begans.sort(key=lambda event: event.body["live_from"], reverse=True)
    return [(Rule.read(event.body["document"], f"{said.rule}.yaml"), _begun(event, stream)) for event in begans]


def _begun(event: Event, stream: Stream) -> Begun:
    body = event.body
    return Begun(stream, int(body["primed_from"]), int(body["live_from"]), read_time(body["time"]) or 0)


def _transition(body: Any) -> Transition:
    try:
        return Transition.from_body(cast("dict[str, Any]", body))
    except (KeyError, TypeError, ValueError, AttributeError) as reason:
        raise SettingError(f"This event is no alert of a rule: its body has no usable {reason}.") from None
