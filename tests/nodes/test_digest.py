"""Lines made less at the source: given out when they are due, and all of it."""

from minerlib.event import Event
from minerlib.event.moment import SECOND
from minerlib.nodes import digest as module
from minerlib.nodes.digest import Digest
from minerlib.pipe import count, where


def drop(ip: str, second: int) -> Event:
    return Event.of("firewall.drop", {"source_ip": ip}, time=second * SECOND)


def test_it_is_due_now_and_then_and_then_gives_everything():
    """What came through and the windows that are open: the counts add up to what was taken."""
    digest = Digest(
        count(by="source_ip", over="2s", late="0s"), hold=10, clock=iter([0.0, 9.9, 10.0, 10.0, 19.9]).__next__
    )
    for second in range(5):
        digest.take(drop("192.0.2.7", second))
    assert not digest.due
    assert digest.due
    given = digest.give()
    assert [(event.kind, event.body["count"]) for event in given] == [
        ("count.firewall.drop", 2), ("count.firewall.drop", 2), ("count.firewall.drop", 1),
    ]  # fmt: skip
    assert not digest.due


def test_it_is_due_when_it_holds_much(monkeypatch):
    """An old file is read faster than time goes on."""
    monkeypatch.setattr(module, "_MOST", 3)
    digest = Digest(where(source_ip="192.0.2.7"), hold=10, clock=lambda: 0.0)
    for ip in ("192.0.2.7", "192.0.2.8", "192.0.2.7"):
        assert not digest.due
        digest.take(drop(ip, 0))
    assert digest.due
    assert len(digest.give()) == 2
    assert (digest.due, digest.give()) == (False, [])
