"""One path of a log file, followed through its generations."""

import time
from pathlib import Path

from minerlib.nodes.generation import Generation, Line, open_log
from minerlib.nodes.places import Place, Places
from minerlib.nodes.rotation import BROKEN, known, locate, rotated, unseen

LINGER = 60.0  # seconds for which a rotated file is read on: its writer may not have noticed yet
PATIENCE = 5.0  # seconds of a rotation, in which a file may be nowhere


class Followed:
    """A path; its open generations, the oldest first, and what is to be said of it, in `faults`."""

    def __init__(self, path: str, places: Places) -> None:
        self.path, self.faults = path, list[str]()
        self._places, self._known = places, places.of(path)
        self._open: list[Generation] = []
        self._lost: dict[str, float] = {}  # generations that were looked for in vain, and since when
        self._missing, self._said, self._begun = 0.0, False, False

    def read(self, most: int) -> list[Line]:
        """The lines that can be read now, at most so many, of one generation after the other."""
        self._look()
        lines: list[Line] = []
        for each in tuple(self._open):
            last = each.still or (each is not self._open[-1] and time.monotonic() - each.read_at > LINGER)
            try:
                self._begin(each, last)
                found = each.read(most - len(lines), last)
            except BROKEN as error:
                self._say(f"{self.path} cannot be read: {error}.")
                found, last = [], each.still
            lines += found
            if last and not found and len(lines) < most:
                self._finish(each)
        return lines

    def _begin(self, each: Generation, last: bool) -> None:
        """Gives a generation its place, and keeps it before a line is read: its name goes into ids, and what is kept
        later than that must be in safety."""
        if each.place is None and (place := each.begin(last)):
            self._known.append(place)
            self._places.save([place])

    def changed(self) -> list[Place]:
        """The places that may have moved."""
        moved = [place for place in self._known if not place.done]
        ended = [place for place in self._known if place.done]
        self._known = self._known[-50:]
        return moved + ended[-10:]

    def close(self) -> None:
        for each in self._open:
            each.close()
        self._open.clear()

    def _look(self) -> None:
        try:
            now = Path(self.path).stat()
            self._missing = 0.0
        except OSError as error:
            self._missing = self._missing or time.monotonic()
            if time.monotonic() - self._missing > PATIENCE:
                self._say(f"{self.path} cannot be read: {error.strerror}; it is looked for again.")
            if self._begun:
                return
            now = None
        at = (now.st_dev, now.st_ino) if now else None
        if not self._lost and any(each.identity == at and not each.still and each.intact() for each in self._open):
            return
        self._turn(at)

    def _turn(self, at: tuple[int, int] | None) -> None:
        """The path begins, or holds another generation than before: finds the rest of the old ones, and the new."""
        self._begun = True
        among = rotated(Path(self.path))
        cut = self._drop_cut()
        latest = max((place.changed for place in self._known), default=None)
        last = self._known[-1] if self._known else None
        attached = {each.place.name for each in self._open if each.place}
        for place in [one for one in self._known if not one.done and one.name not in attached]:
            own = [Path(self.path)] if at == (place.device, place.inode) else []
            found = locate(place, own + among)
            if found:
                self._lost.pop(place.name, None)
                self._open.append(found)
            elif place is cut or own:  # emptied, and what a copy of it holds is read
                self._done(place)
            elif time.monotonic() - self._lost.setdefault(place.name, time.monotonic()) > PATIENCE:
                self._say(f"What {self.path} held behind byte {place.offset} before it was rotated is not there.")
                self._done(place)
        if latest is not None:
            cut = cut or (last if last and last.done and at == (last.device, last.inode) else None)
            taken = {each.identity for each in self._open}
            for each in among:
                stat = each.stat()
                if stat.st_mtime >= latest and (stat.st_dev, stat.st_ino) not in taken:
                    new = None if known(each, self._known, cut) else unseen(each, self.path, self._next())
                    self._open += [new] if new else []
        self._open.sort(key=lambda each: each.number)
        if at and not any(each.identity == at and not each.still for each in self._open):
            try:
                self._open.append(Generation(self.path, open_log(Path(self.path)), self._next(), None))
                self._said = False
            except OSError as error:
                self._say(f"{self.path} cannot be read: {error.strerror}; it is tried again.")

    def _drop_cut(self) -> Place | None:
        """Lets go of the open generation that somebody cut short; its place."""
        for each in self._open:
            if not each.intact():
                each.close()
                self._open.remove(each)
                return each.place
        return None

    def _next(self) -> int:
        return max([one.number for one in (*self._known, *self._open)], default=0) + 1

    def _finish(self, each: Generation) -> None:
        each.close()
        self._open.remove(each)
        if each.place:
            self._done(each.place)

    def _done(self, place: Place) -> None:
        place.done = True
        self._lost.pop(place.name, None)

    def _say(self, what: str) -> None:
        if not self._said:
            self._said = True
            self.faults.append(what)
