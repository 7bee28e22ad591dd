"""Log files, followed line by line through rotation, truncation and restarts, without loss or repeats.

A line's message id is its generation (what a file held between two rotations) and the offset of its end, so what is
sent again after a crash is known as a repeat. Places are saved when what was read up to them is confirmed.

    publish_lines(["/var/log/app.log", "/srv/*/log/*.log"], event, url, stop, told)

For reading alone: `Follower(paths, Places(file))`, then `read()`, and `save()` once the lines are in safety.
"""

import contextlib
import glob
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from minerlib import settings
from minerlib.bus.publish import Publisher
from minerlib.bus.put import put
from minerlib.errors import BrokerError, BrokerUnreachable, EventError, SettingError
from minerlib.event.decode.defaults import clean_kind
from minerlib.event.event import Event
from minerlib.event.key import check_scope
from minerlib.event.moment import now, read_time
from minerlib.event.written import message_of, readable
from minerlib.nodes.digest import Digest
from minerlib.nodes.followed import Followed
from minerlib.nodes.generation import Line
from minerlib.nodes.places import Places
from minerlib.nodes.rotation import leftover
from minerlib.nodes.source import Reading, fault_told

MOST = 500  # lines between two saved places
PAUSE = 0.2  # seconds until files are looked at again
_GLOB = 1.0  # seconds until patterns are

Fault = tuple[str, str]  # path, and what is wrong with it


class Follower:
    """Reads lines of files and of patterns of files (`*`, `?`, `[...]`, `**`); `save` is for whoever has them."""

    def __init__(self, paths: Sequence[str], places: Places) -> None:
        self._paths, self._places = paths, places
        self._files: dict[str, Followed] = {}
        self._left: set[str] = set()  # those whose names are no UTF-8
        self._faults: list[Fault] = []
        self._matched = float("-inf")

    def read(self, most: int = MOST) -> list[Line]:
        """What can be read now, at most about so many lines; empty when there is nothing new."""
        self._match()
        share = max(1, most // max(1, len(self._files)))
        return [line for file in self._files.values() for line in file.read(share)]

    def save(self) -> None:
        """Everything that was read is in safety: go on behind it after a restart."""
        self._places.save([place for file in self._files.values() for place in file.changed()])

    def faults(self) -> list[Fault]:
        """What was found wrong since this was last asked, each trouble of a file once."""
        found = self._faults + [(path, said) for path, file in self._files.items() for said in file.faults]
        self._faults = []
        for file in self._files.values():
            file.faults.clear()
        return found

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _match(self) -> None:
        if time.monotonic() - self._matched < _GLOB:
            return
        self._matched = time.monotonic()
        named = {str(Path(path).absolute()) for path in self._paths if not glob.has_magic(path)}
        matched = {
            str(path)
            for pattern in self._paths if glob.has_magic(pattern)
            for path in Path("/").glob(str(Path(pattern).absolute())[1:]) if _is_file(path)
        }  # fmt: skip
        for path in sorted(named | (matched - leftover(named | matched))):
            if path in self._files or path in self._left:
                continue
            if (shown := readable(path)) == path:
                self._files[path] = Followed(path, self._places)
            else:
                self._left.add(path)
                self._faults.append((shown, f"{shown} is left out: its name is no UTF-8."))


def _is_file(path: Path) -> bool:
    with contextlib.suppress(OSError):  # in a folder that may be listed and not entered
        return path.is_file()
    return False


def follow_lines(paths: Sequence[str], places: Places, stop: threading.Event) -> Iterator[list[Line]]:
    """Batches of lines until `stop`; a place is saved when the next batch is asked for."""
    follower = Follower(paths, places)
    try:
        while not stop.is_set():
            lines = follower.read()
            if lines:
                yield lines
                follower.save()
            else:
                stop.wait(PAUSE)
    finally:
        follower.close()


def plain(line: Line) -> Reading:
    """A line as the event `log.<file stem>`. Bytes that are no UTF-8 are in `base64` too; of a line that was cut,
    `bytes` is the whole size."""
    body = {**message_of(line.text), "file": line.path}
    if line.size > len(line.text) + 1:
        body["bytes"] = line.size
    return f"log.{clean_kind(Path(line.path).stem) or 'file'}", body


def publish_lines(
    paths: Sequence[str],
    event: Callable[[Line], Reading | None],
    url: str,
    stop: threading.Event,
    told: Callable[[str], None],
    name: str = "logs",
    digest: Digest | None = None,
) -> None:
    """Publish an event a line (none where `event` gives None) until `stop`; a line it fails on is published plain. With
    a `digest`, publish what that makes of them.

    Reads no faster than the broker confirms. The places are in `<state>/<name>.sqlite`, so `name` is of one program.
    Raises BrokerRefused, SettingError.
    """
    if not paths:
        raise SettingError(f"There is nothing to follow: name a file, as in minerlib collect {name} /var/log/syslog.")
    scope, machine = check_scope(settings.scope()), settings.source()
    places = Places(settings.state_dir() / f"{name}.sqlite")
    follower = Follower(paths, places)
    try:
        with Publisher(url, f"{name}.{machine}", told=told, stop=stop) as publisher:
            ending = False
            while not ending:
                ending = stop.is_set()
                lines = [] if ending else follower.read()
                for line in lines:
                    _publish(publisher, scope, machine, line, event, digest)
                for path, said in follower.faults():
                    told(said)
                    publisher.publish(
                        scope, machine, "node.error", {"what": name, "file": path, "said": said}, time=now()
                    )
                if digest is None or digest.due or ending:
                    for made in digest.give() if digest else ():
                        with fault_told(publisher, scope, machine, name):
                            put(publisher, made)
                    for said in digest.faults() if digest else ():
                        publisher.publish(scope, machine, "node.error", {"what": name, "said": said}, time=now())
                    confirmed(publisher, stop)
                    follower.save()
                if not lines:
                    stop.wait(PAUSE)
    finally:
        follower.close()
        places.close()


def _publish(
    publisher: Publisher,
    scope: str,
    machine: str,
    line: Line,
    event: Callable[[Line], Reading | None],
    digest: Digest | None,
) -> None:
    try:
        reading = event(line)
        if reading:
            kind, body, *other = reading
            source = other[0] if other else machine
            if digest is None:
                publisher.publish(scope, source, kind, body, id=line.id)
            else:
                time = read_time(body.get("time")) if isinstance(body, dict) else None
                digest.take(Event.of(kind, body, source=source, scope=scope, time=now() if time is None else time))
    except BrokerError:
        raise
    except Exception as error:
        kind, body, *_ = plain(line)
        body = {**body, "fault": repr(error)[:500]}
        try:
            publisher.publish(scope, machine, kind, body, id=line.id)
        except EventError:  # the file's name is longer than any kind
            publisher.publish(scope, machine, "log.file", body, id=line.id)


def confirmed(publisher: Publisher, stop: threading.Event) -> None:
    """Wait for the broker as long as it takes, and once told to stop not much longer."""
    while True:
        try:
            return publisher.flush(5.0)
        except BrokerUnreachable:
            if stop.is_set():
                raise
