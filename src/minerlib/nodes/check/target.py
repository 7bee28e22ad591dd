"""What is checked: a URL, read once and strictly."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from minerlib.errors import SettingError

_SAFE = "%/?:@!$&'()*+,;=~"  # of a path and its query; what is escaped already stays so
_PORTS = {"http": 80, "https": 443, "tcp": None}


class Target(NamedTuple):
    """`path` is what is asked for, with its query; `shown` is the URL without whatever may be secret in it."""

    scheme: str
    host: str
    port: int
    path: str
    user: str | None
    password: str | None
    shown: str

    @property
    def kind(self) -> str:
        return "check.tcp" if self.scheme == "tcp" else "check.http"


def read_target(url: str) -> Target:
    """A target of tcp://host:port, http:// or https://. Raises SettingError, which does not repeat the URL's secrets.

    >>> read_target("https://me:secret@acme.com/health?token=abc").shown
    'https://acme.com/health?token=***'
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused(url, login=True) from None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _PORTS or not host:
        raise _refused(url)
    port = port or _PORTS[scheme]
    if port is None or (scheme == "tcp" and (parts.path.strip("/") or parts.query)):
        raise _refused(url, "a TCP check has a host and a port, ")
    named = f"[{host}]" if ":" in host else host
    place = f"{scheme}://{named}{f':{port}' if port != _PORTS[scheme] else ''}"
    query = "&".join(f"{name}=***" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    user, password = (None if said is None else unquote(said) for said in (parts.username, parts.password))
    shown = f"{place}{parts.path}{f'?{query}' if query else ''}"
    asked = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(scheme, host, port, quote(asked, safe=_SAFE), user, password, shown)


def _refused(url: str, why: str = "", login: bool = False) -> SettingError:
    """What to write instead; of the URL it has no more than scheme and host, as a password may be misread as the rest.

    >>> _refused("https://me:pa/ss@acme.com").args[0][:25]
    "'https://me' is no target"
    """
    hint = ", with %-codes for / # ? in a password" if login or "@" in url else ""
    return SettingError(f"{_named(url)} is no target: {why}write tcp://db:5432 or https://acme.com/health{hint}.")


def _named(url: str) -> str:
    scheme, there, _ = url.partition("://")
    if not there or not re.fullmatch(r"[\w+.-]*", scheme):  # no URL at all
        return "What was given" if {"@", ":"} & {*url} else repr(re.split("[/?#]", url)[0])
    try:
        return repr(f"{scheme}://{urlsplit(url).hostname or ''}")
    except ValueError:
        return repr(f"{scheme}://")
