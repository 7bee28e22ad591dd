"""Events of an archive one by one, of however many streams."""

from pathlib import Path

from minerlib.archive import Archive, seal
from minerlib.event.moment import SECOND, rfc3339

from .made import NOON, event, write


def many(root: Path, scope: str, epoch: str, begin: int, count: int, sealed: bool = False) -> None:
    """A stream with an event a second, its value its second, and a tick; half of it sealed, if so."""
    at = [begin + n for n in range(count)]
    events = [event(n, {"at": s}, time=NOON + s * SECOND, scope=scope, epoch=epoch) for n, s in enumerate(at)]
    write(root, events[: count // 2])
    if sealed:
        seal(root, scope)
    tick = event(count, {}, kind="tick", time=NOON + (begin + count) * SECOND, scope=scope, epoch=epoch)
    write(root, [*events[count // 2 :], tick])


def test_streams_are_merged_as_they_were_seen(tmp_path: Path) -> None:
    """Of several environments, and of the epochs of one; ticks only when named."""
    many(tmp_path, "acme.web.prod", "e1", 0, 10)
    many(tmp_path, "acme.web.test", "e2", 5, 10, sealed=True)
    many(tmp_path, "acme.web.prod", "e3", 30, 4)
    archive = Archive(tmp_path)
    found = list(archive.each(scope="acme.#"))
    assert [e.body["at"] for e in found] == sorted([*range(10), *range(5, 15), *range(30, 34)])
    assert [e.offset for e in found if e.epoch == "e2"] == list(range(10))
    assert [e.body["at"] for e in archive.each(scope="*.*.test")] == list(range(5, 15))
    assert [e.epoch for e in archive.each("tick")] == ["e1", "e2", "e3"]


def test_since_and_until(tmp_path: Path) -> None:
    """Bounds are of when it was seen, as people say moments."""
    many(tmp_path, "acme.web.prod", "e1", 0, 10)
    many(tmp_path, "acme.web.test", "e2", 5, 10)
    since, until = (rfc3339(NOON + second * SECOND) for second in (8, 11))
    assert [e.body["at"] for e in Archive(tmp_path).each("cpu.#", since, until)] == [8, 8, 9, 9, 10]
    assert list(Archive(tmp_path).each("disk.#")) == []


def test_a_stream_is_read_when_the_others_have_come_to_it(tmp_path: Path) -> None:
    """So that what is in memory does not grow with the number of streams."""
    for number in range(5):
        many(tmp_path, f"acme.web.s{number}", f"e{number}", number * 100, 10)
    archive, opened = Archive(tmp_path), list[str]()
    events = archive.events

    def noted(stream, *bounds):  # type: ignore[no-untyped-def]
        opened.append(stream.epoch)
        return events(stream, *bounds)

    archive.events = noted  # type: ignore[method-assign]
    reading = archive.each()
    next(reading)
    assert opened == ["e0"]
    assert len(list(reading)) == 49
    assert opened == ["e0", "e1", "e2", "e3", "e4"]
