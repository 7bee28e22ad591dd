"""The workbench's own streams, in which anybody may have published anything."""

import threading

import pytest

from minerlib.bus.environments import scope_in
from minerlib.event.order import Message
from minerlib.nodes import rulebook

NONSENSE = [b"", b"no", b"[" * 100_000, b'{"scope": ' + b"[" * 100_000, b'{"rule": "\xff"}', b'{"scope": "a"}', b"[1]"]


@pytest.mark.parametrize("body", NONSENSE)
def test_it_announces_no_environment(body: bytes) -> None:
    """And ends no archiver."""
    assert scope_in(body) == ""


def test_it_is_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is said and left out, and no node ends of it."""
    messages = [Message(offset, "rules", body) for offset, body in enumerate(NONSENSE)]
    monkeypatch.setattr(rulebook, "follow", lambda *_, **__: [(messages, True)])  # pyright: ignore
    book, said = rulebook.RuleBook(), list[str]()
    book.follow("", threading.Event(), said.append)
    assert len(said) == len(NONSENSE)
    assert book.rules() == []
    assert book.caught_up.is_set()
