"""Routing keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minerlib.errors import EventError, SettingError
from minerlib.event.key import check_scope, fingerprint, make_key, split_key, whole_source

SCOPE = "acme.web.prod"


def test_a_key_holds_scope_source_and_kind():
    """What is put into a key comes out of it, with the dots of the source as slashes."""
    key, cut = make_key(SCOPE, "web-17.acme.com", "disk.usage")
    assert (key, cut) == ("acme.web.prod.web-17/acme/com.disk.usage", False)
    assert split_key(key) == (SCOPE, "web-17/acme/com", "disk.usage")


@given(st.text(min_size=1, max_size=10_000).filter(lambda text: "\ud800" not in repr(text)))
def test_no_source_is_too_long(source: str):
    """A source of any length fits a key of 255 bytes, and the body vouches for the whole of it."""
    try:
        source.encode()
    except UnicodeEncodeError:
        return
    key, cut = make_key(SCOPE, source, "log.app")
    assert len(key.encode()) <= 255
    found = split_key(key)
    assert found is not None
    assert found.kind == "log.app"
    assert whole_source(found.source, {"source": source}) == (source if cut else found.source)


def test_a_body_cannot_claim_another_source():
    """A source in the body counts only where the key's hash vouches for it."""
    assert whole_source(f"x~{fingerprint('long')}", {"source": "other"}) == f"x~{fingerprint('long')}"


@pytest.mark.parametrize("key", ["", "a.b.c.d", "a.b.c.d.", "a.b..d.e", "a.b.c.d.e..f", "...."])
def test_too_few_or_empty_words_are_no_key(key: str):
    """Such keys cannot say what an event is about."""
    assert split_key(key) is None


@pytest.mark.parametrize("scope", ["acme", "a.b", "a.b.c.d", "a..c", "*.b.c", "a.#.c", "a b.c.d", "x" * 121 + ".b.c"])
def test_a_scope_is_three_plain_words(scope: str):
    """Anything else is refused with an example of what to write."""
    with pytest.raises(SettingError, match=r"company\.system\.environment|120 bytes"):
        check_scope(scope)


@pytest.mark.parametrize(("source", "kind"), [("", "a"), ("a", ""), ("a", "b..c"), ("a", "k" * 250)])
def test_an_event_without_source_or_kind_has_no_key(source: str, kind: str):
    """The publisher is told, before anything is sent."""
    with pytest.raises(EventError):
        make_key(SCOPE, source, kind)
