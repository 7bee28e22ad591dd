"""Log files are followed through every rotation, truncation and restart: each line once, under one id."""

import base64
import gzip
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from unsent import Unsent

from minerlib.event.event import Event
from minerlib.nodes.digest import Digest
from minerlib.nodes.generation import LONGEST, Line
from minerlib.nodes.places import Places
from minerlib.nodes.tail import Follower, plain, publish_lines
from minerlib.pipe import count, map

Rotate = Callable[[Path, int], None]


class Reading:
    """A follower that can be killed: what it read is kept by id, as readers of a stream keep it."""

    def __init__(self, folder: Path, *paths: str) -> None:
        self.folder, self.paths = folder, paths or (str(folder / "app.log"),)
        self.lines: dict[str, Line] = {}
        self.sent = 0
        self.start()

    def start(self) -> None:
        self.places = Places(self.folder / "state" / "logs.sqlite")
        self.follower = Follower(self.paths, self.places)

    def kill(self) -> None:
        self.follower.close()
        self.places.close()
        self.start()

    def read(self, most: int = 500, save: bool = True) -> list[str]:
        """Everything there is, or at most one batch of `most`."""
        highs: list[str] = []
        while lines := self.follower.read(most):
            self.sent += len(lines)
            highs += [line.text.decode(errors="replace") for line in lines]
            for line in lines:
                assert self.lines.setdefault(line.id, line).text == line.text
            if save:
                self.follower.save()
            if most != 500:
                break
        return highs

    @property
    def texts(self) -> list[str]:
        return [line.text.decode() for line in self.lines.values()]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Reading]:
    reading = Reading(tmp_path)
    yield reading
    reading.follower.close()
    reading.places.close()


def write(path: Path, *lines: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def shift(path: Path, number: int) -> None:
    for each in range(number, 0, -1):
        for end in ("", ".gz"):
            old = path.with_name(f"{path.name}.{each}{end}")
            if old.exists():
                old.rename(path.with_name(f"{path.name}.{each + 1}{end}"))


def rename(path: Path, number: int) -> None:
    shift(path, number)
    path.rename(f"{path}.1")
    path.touch()


def copytruncate(path: Path, number: int) -> None:
    shift(path, number)
    shutil.copy(path, f"{path}.1")
    with path.open("r+") as file:
        file.truncate(0)


def compress(path: Path, number: int) -> None:
    """Renamed, and what was renamed is compressed at once."""
    rename(path, number)
    old = Path(f"{path}.1")
    stat = old.stat()
    with gzip.open(f"{old}.gz", "wb") as file:
        file.write(old.read_bytes())
    os.utime(f"{old}.gz", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    old.unlink()


ROTATIONS = pytest.mark.parametrize("rotate", [rename, copytruncate, compress])


@ROTATIONS
@pytest.mark.parametrize("killed", [False, True])
def test_rotated_at_every_point(app: Reading, tmp_path: Path, rotate: Rotate, killed: bool) -> None:
    """Ten lines, read up to the nth, rotated; ten more; nothing is lost or doubled, killed in between or not."""
    path = tmp_path / "app.log"
    wanted: list[str] = []
    for nth in range(10):
        lines = [f"{nth} {number} {'x' * number}" for number in range(10)]
        write(path, *lines)
        wanted += lines
        app.read(nth + 1)
        rotate(path, nth)
        if killed:
            app.kill()
    app.read()
    assert sorted(app.texts) == sorted(wanted)
    assert app.sent == len(wanted)


@ROTATIONS
def test_several_rotations_while_away(app: Reading, tmp_path: Path, rotate: Rotate) -> None:
    path = tmp_path / "app.log"
    write(path, "1", "2", "3")
    assert app.read(2) == ["1", "2"]
    for number in range(3):
        write(path, f"a{number}", f"b{number}")
        rotate(path, number)
    write(path, "last")
    app.kill()
    assert app.read() == ["3", "a0", "b0", "a1", "b1", "a2", "b2", "last"]
    app.kill()
    assert app.read() == []


def test_killed_inside_a_compressed_one(app: Reading, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    write(path, "a")
    app.read()
    rename(path, 1)
    app.kill()
    write(path, *(f"b{n}" for n in range(9)))
    compress(path, 2)
    write(path, "c")
    for _ in range(4):
        app.read(2)
        app.kill()
    app.read()
    assert app.texts == ["a", *(f"b{n}" for n in range(9)), "c"]


def test_sent_again_under_the_same_ids(app: Reading, tmp_path: Path) -> None:
    write(tmp_path / "app.log", *(f"line {n}" for n in range(20)))
    app.read(5)
    app.read(5, save=False)
    ids = list(app.lines)
    app.kill()
    app.read()
    assert app.sent == 25
    assert len(app.lines) == 20
    assert list(app.lines)[:10] == ids


def test_killed_behind_the_first_lines(app: Reading, tmp_path: Path) -> None:
    """The first lines of a file, read and not yet in safety, are read again after a kill: of each generation."""
    path = tmp_path / "app.log"
    for number in range(3):
        write(path, f"{number}-1", f"{number}-2")
        first = app.follower.read()
        app.kill()
        assert [line.id for line in app.follower.read()] == [line.id for line in first]
        app.follower.save()
        rename(path, number)


def test_what_was_there_before_is_left(tmp_path: Path) -> None:
    """Files rotated before the first look are not read."""
    write(tmp_path / "app.log.1", "old")
    os.utime(tmp_path / "app.log.1", (1, 1))
    write(tmp_path / "app.log", "new")
    app = Reading(tmp_path)
    assert app.read() == ["new"]
    rename(tmp_path / "app.log", 1)
    write(tmp_path / "app.log", "newer")
    assert app.read() == ["newer"]
    app.follower.close()
    app.places.close()


@pytest.mark.parametrize("killed", [False, True])
def test_truncated_and_longer_than_before(app: Reading, tmp_path: Path, killed: bool) -> None:
    """The same file with another content is another generation, also where it has grown past the place."""
    path = tmp_path / "app.log"
    write(path, "same first", "a")
    app.read()
    with path.open("r+") as file:
        file.truncate(0)
    write(path, "same first", "b", "c", "d")
    if killed:
        app.kill()
    assert app.read() == ["same first", "b", "c", "d"]
    assert len({line.publisher for line in app.lines.values()}) == 2


def test_written_on_after_the_rename(app: Reading, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    write(path, "a")
    with path.open("a") as writer:
        app.read()
        rename(path, 1)
        write(path, "c")
        app.read()
        writer.write("b\n")
    assert app.read() == ["b"]


def test_a_partial_line_waits_for_its_end(app: Reading, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("a\nb")
    assert app.read() == ["a"]
    with path.open("a") as file:
        file.write("c\r\n")
    assert app.read() == ["bc"]


def test_a_long_line_is_cut_and_says_so(app: Reading, tmp_path: Path) -> None:
    write(tmp_path / "app.log", "x" * (3 * LONGEST), "next")
    assert [len(text) for text in app.read()] == [LONGEST, 4]
    first = plain(next(iter(app.lines.values())))
    assert first[1]["bytes"] == 3 * LONGEST
    assert "bytes" not in plain(list(app.lines.values())[1])[1]


def test_bytes_that_are_no_utf8_are_kept(app: Reading, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(b"caf\xe9\n")
    app.read()
    kind, body, *_ = plain(next(iter(app.lines.values())))
    assert kind == "log.app"
    assert base64.b64decode(body["base64"]) == b"caf\xe9"


def test_patterns_leave_rotated_files_to_their_path(tmp_path: Path) -> None:
    app = Reading(tmp_path, str(tmp_path / "*.log*"))
    write(tmp_path / "app.log", "a")
    write(tmp_path / "web.log", "w")
    assert sorted(app.read()) == ["a", "w"]
    copytruncate(tmp_path / "app.log", 1)
    write(tmp_path / "app.log", "b")
    app.kill()
    assert app.read() == ["b"]
    app.follower.close()
    app.places.close()


def test_a_missing_file_is_said_once(app: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minerlib.nodes.followed.PATIENCE", -1.0)
    for _ in range(3):
        app.read()
    assert [path for path, _ in app.follower.faults()] == [str(tmp_path / "app.log")]
    app.read()
    assert app.follower.faults() == []
    write(tmp_path / "app.log", "here")
    assert app.read() == ["here"]


def test_a_rest_that_is_gone_is_said(app: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minerlib.nodes.followed.PATIENCE", -1.0)
    path = tmp_path / "app.log"
    write(path, "a", "b")
    app.read(1)
    app.kill()
    write(tmp_path / "new", "c")  # beside the old one, so that it has another inode
    (tmp_path / "new").rename(path)
    app.read()
    app.read()
    assert app.texts == ["a", "c"]
    assert [said for _, said in app.follower.faults()] == [
        f"What {path} held behind byte 2 before it was rotated is not there."
    ]


def test_a_name_that_is_no_utf8_is_left_out_and_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may make one below a pattern; the others are read on."""
    monkeypatch.setattr("minerlib.nodes.tail._GLOB", -1.0)
    app = Reading(tmp_path, str(tmp_path / "*.log"))
    write(Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.log")), "lost")
    write(tmp_path / "app.log", "a")
    assert app.read() == ["a"]
    shown = f"{tmp_path}/caf\N{REPLACEMENT CHARACTER}.log"
    assert app.follower.faults() == [(shown, f"{shown} is left out: its name is no UTF-8.")]
    write(tmp_path / "app.log", "b")
    assert app.read() == ["b"]
    assert app.follower.faults() == []
    app.follower.close()
    app.places.close()


def test_a_match_that_may_not_be_looked_at_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies in a folder that may be listed and not entered."""
    is_file = Path.is_file

    def refused(path: Path) -> bool:
        if path.parent.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refused)
    (tmp_path / "closed").mkdir()
    app = Reading(tmp_path, str(tmp_path / "**/*.log"))
    write(tmp_path / "closed" / "other.log", "lost")
    write(tmp_path / "app.log", "a")
    assert app.read() == ["a"]
    app.follower.close()
    app.places.close()


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unsent:
    monkeypatch.setenv("MINERLIB_STATE", str(tmp_path / "state"))
    bus = Unsent(threading.Event())
    monkeypatch.setattr("minerlib.nodes.tail.Publisher", bus)
    return bus


def test_a_file_whose_name_is_longer_than_any_kind_is_followed(tmp_path: Path, bus: Unsent) -> None:
    """Its lines are `log.file`, and say why."""
    path = tmp_path / f"{'x' * 246}.log"
    write(path, "a")
    publish_lines([str(path)], plain, "", bus.stop, print)
    [(kind, body)] = bus.said
    assert (kind, body["message"], body["file"]) == ("log.file", "a", str(path))
    assert "too long" in body["fault"]


class Broken:
    """A node that has nothing to give in the end but a fault."""

    def __call__(self, event: Event) -> Event:
        return event

    def tick(self, clock: int) -> None:
        pass

    def flush(self) -> None:
        raise ValueError("no end")


def test_what_a_digest_fails_on_costs_itself(tmp_path: Path, bus: Unsent) -> None:
    """A node that fails as it gives out what it holds, an event that has no place on the bus: the others are
    published, and the place is behind their lines."""
    write(tmp_path / "a.log", "1", "2")
    write(tmp_path / "b.log", "3")
    bad = map(kind=lambda event: "bad..kind" if event.kind == "count.log.a" else event.kind)
    digest = Digest(count(), bad, Broken(), hold=0)
    paths = [str(tmp_path / "a.log"), str(tmp_path / "b.log")]
    publish_lines(paths, plain, "", bus.stop, print, digest=digest)
    assert [kind for kind, _ in bus.said] == ["node.error", "count.log.b", "node.error", "node.error"]  # one at the end
    assert "bad..kind" in bus.said[0][1]["said"]
    assert bus.said[2][1]["said"] == "Broken: ValueError('no end')"
    bus.stop.clear()
    bus.said.clear()
    write(tmp_path / "b.log", "4")
    publish_lines(paths, plain, "", bus.stop, print, digest=digest)
    assert [(kind, body.get("count")) for kind, body in bus.said][:1] == [("count.log.b", 1)]
