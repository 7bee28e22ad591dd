"""The systemd journal, entry by entry, through rotations and restarts, without loss or repeats.

An entry's message id is its number in the journal's own sequence, so what is sent again after a crash is known as a
repeat. The cursor is saved when what was read up to it is confirmed.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.errors import EventError
from minerlib.event.decode.delivery import Decoded
from minerlib.event.decode.said import body_of
from minerlib.event.key import check_scope
from minerlib.event.lines.journal import Cursor, read_cursor, read_entry
from minerlib.event.moment import now
from minerlib.nodes.following import whose
from minerlib.nodes.journalctl import CursorFile, Journalctl, check_which, last_cursor
from minerlib.nodes.tail import MOST, confirmed

_AGAIN = 5.0  # seconds until a journalctl that ended is started again
_WAIT = 0.2
GONE = "The entry up to which the journal was read is no longer in it; what came behind it may be gone too."


def publish_journal(
    arguments: Sequence[str],
    since: str | None,
    url: str,
    stop: threading.Event,
    told: Callable[[str], None],
    read: Callable[[dict[str, Any]], Decoded | None] = read_entry,
) -> None:
    """Publish an event an entry until `stop`, none where `read` gives None. `arguments` are journalctl's, and say which
    entries; each set of them has a place of its own. The first time begins at `since`, as journalctl reads it, else
    with the next entry.

    Raises BrokerRefused, SettingError.
    """
    check_which(arguments)
    scope, machine = check_scope(settings.scope()), settings.source()
    name = f"journal.{hashlib.blake2b(chr(0).join(arguments).encode(), digest_size=5).hexdigest()}"
    place = CursorFile(settings.state_dir() / f"{name}.cursor")
    begin: list[str] = []
    if place.cursor is None and since:
        begin = [f"--since={since}"]
    elif place.cursor is None and (newest := last_cursor(arguments)):
        place.save(newest)
    with Publisher(url, f"journal.{machine}", told=told, stop=stop) as publisher:

        def fault(said: str) -> None:
            told(said)
            publisher.publish(scope, machine, "node.error", {"what": "journal", "said": said}, time=now())

        def say(entry: dict[str, Any], cursor: Cursor) -> None:
            found, id = read(entry), cursor.id(name)
            if found is None:
                return
            body, source = body_of(found), whose(found.source)
            try:
                publisher.publish(scope, source, found.kind, body, id=id)
            except EventError as error:  # an identifier that is longer than any kind
                publisher.publish(scope, source, "log.journal", {**body, "fault": str(error)}, id=id)

        last = None
        while not stop.is_set():
            with Journalctl([*arguments, *(begin if place.cursor is None else [])], place.cursor) as journal:
                for entries in _read(journal, place.cursor, fault, stop):
                    for entry, cursor in entries:
                        say(entry, cursor)
                    confirmed(publisher, stop)
                    place.save(entries[-1][0]["__CURSOR"])
                ended = journal.ended()
            if ended and ended != last:
                fault(ended)
            last = ended
            stop.wait(_AGAIN if ended else 0)


def _read(
    journal: Journalctl, place: str | None, fault: Callable[[str], None], stop: threading.Event
) -> Iterator[list[tuple[dict[str, Any], Cursor]]]:
    """Entries until journalctl ends, or `stop`. The first one is known already, unless that one is gone."""
    known = read_cursor(place).entry if place else None
    while not stop.is_set() and not journal.ended():
        entries = [(entry, read_cursor(entry["__CURSOR"])) for entry in journal.entries(MOST, _WAIT)]
        if entries and known:
            if entries[0][1].entry == known:
                entries = entries[1:]
            else:
                fault(GONE)
            known = None
        if entries:
            yield entries
