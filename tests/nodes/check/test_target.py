"""What can be checked, and what of a URL may be told."""

import pytest

from minerlib.errors import SettingError
from minerlib.nodes.check import read_target


def test_the_three_sorts():
    """Ports as usual, a path where none is said, what is unusual escaped."""
    assert read_target("tcp://db:5432")[:4] == ("tcp", "db", 5432, "/")
    assert read_target("https://acme.com")[:4] == ("https", "acme.com", 443, "/")
    assert read_target("http://[::1]:8080/a b?c=ü%20")[:4] == ("http", "::1", 8080, "/a%20b?c=%C3%BC%20")
    assert (read_target("tcp://db:5432").kind, read_target("https://acme.com").kind) == ("check.tcp", "check.http")
    assert read_target("http://[::1]:8080/a").shown == "http://[::1]:8080/a"


def test_what_is_shown_has_no_secret():
    """Neither user and password nor what stands in a query, nor the fragment."""
    target = read_target("https://me:s%40cret@acme.com:8443/health?token=abc&b=#sec")
    assert target.shown == "https://acme.com:8443/health?token=***&b=***"
    assert (target.user, target.password, target.path) == ("me", "s@cret", "/health?token=abc&b=")


@pytest.mark.parametrize(
    "url",
    ["acme.com", "ftp://me:secret@acme.com", "tcp://me:secret@db", "tcp://db:1/secret", "http://", "http://a:b", ""],
)
def test_what_is_no_target_is_refused_in_a_sentence(url: str):
    """Which says what to write, and no password."""
    with pytest.raises(SettingError, match="write tcp://db:5432") as refused:
        read_target(url)
    assert "me:secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://me:se/cret@acme.com/", "'https://me'"),
        ("https://me:se#cret@acme.com/", "'https://me'"),
        ("https://me:se?cret@acme.com/", "'https://me'"),
        ("https://acme.com:cret/", "'https://acme.com'"),
        ("tcp://me:cret", "'tcp://me'"),
        ("tcp://me:12/cret@acme.com:5432", "'tcp://me'"),
        ("https://me:cret\u2100@acme.com/", "'https://'"),
        ("https://[me:cret@acme.com/", "'https://'"),
        ("me:cret@acme.com", "What was given"),
        ("ftp://acme.com/?token=cret", "'ftp://acme.com'"),
        ("me:cret@acme.com/?to=https://acme.com", "What was given"),
        ("htps://me:cret/@acme.com", "'htps://me'"),
        ("tcp://acme.com:1/?token=cret", "'tcp://acme.com'"),
        ("acme.com/a?token=cret", "'acme.com'"),
    ],
)
def test_what_cannot_be_read_is_not_repeated(url: str, told: str) -> None:
    """Scheme and host at most are told, where it cannot be known what else is secret; and how to write a login."""
    with pytest.raises(SettingError) as refused:
        read_target(url)
    assert str(refused.value).startswith(f"{told} is no target: ")
    assert "cret" not in str(refused.value)
    assert ("with %-codes for / # ? in a password" in str(refused.value)) == ("@" in url or ":cret" in url)
