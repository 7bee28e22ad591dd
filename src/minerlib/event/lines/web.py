"""Access logs of web servers, in the common and the combined format of Apache and nginx."""

import re
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from minerlib.event.decode.delivery import Decoded
from minerlib.event.decode.times import zoned
from minerlib.event.lines.stamp import MONTHS

_TEXT = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    r"(?P<who>\S.*?) \[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)\] "
    rf"{_TEXT} (\d{{3}}) (\d{{1,18}}|-)(?: {_TEXT} {_TEXT})?(?: (?P<more>\S.*))?$"
)
_REQUEST = re.compile(r"([A-Za-z_-]{1,40}) (\S.*?)(?: (HTTP/[0-9.]+))?$")


def read_access(text: str, at: int, zone: ZoneInfo | None) -> Decoded:
    """A request as `web.access`. Raises ValueError where the line has another form.

    Fields: `client`, `user`, `method`, `path` (without the query), `query`, `protocol`, `status`, `bytes`, `referrer`,
    `agent`, `site` (where the virtual host stands before the client), `more` (what stands behind). Texts are as the
    server wrote them, with its escapes; what it writes as `-` is left out. What is no request of HTTP is in `request`.

    >>> line = '192.0.2.7 - - [22/Nov/2026:08:00:26 +0100] "GET /a?b=1 HTTP/1.1" 200 12'
    >>> read_access(line, 0, None).body["path"]
    '/a'
    """
    found = _LINE.match(text)
    if not found:
        raise ValueError("no line of the common or combined format")
    day, month, year, hour, minute, second, ahead, minutes, request, status, size, referrer, agent = found.groups()[
        1:14
    ]
    said = f"{year}-{MONTHS.index(month) + 1:02}-{day}T{hour}:{minute}:{second}{ahead}:{minutes}"
    body: dict[str, Any] = {**_who(found["who"].split(" ")), **_request(request), "status": int(status)}
    body["bytes"] = 0 if size == "-" else int(size)
    body |= _there(referrer=referrer, agent=agent, more=found["more"])
    return Decoded("", "web.access", zoned(datetime.fromisoformat(said), None), body)


def _who(words: list[str]) -> dict[str, str]:
    """Client and user, who may have blanks in his name; before the client may stand the site, or what syslog put
    there."""
    place = next((place for place, word in enumerate(words) if _is_address(word)), 0)
    site = words[0] if place == 1 else None
    return {"client": words[place], **_there(site=site, user=" ".join(words[place + 2 :]))}


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def _request(said: str) -> dict[str, str]:
    found = _REQUEST.match(said)
    if not found or not (found[3] or found[2].startswith("/")):
        return {"request": said}
    path, _, query = found[2].partition("?")
    return {"method": found[1], "path": path, **_there(query=query, protocol=found[3])}


def _there(**said: str | None) -> dict[str, str]:
    return {name: text for name, text in said.items() if text and text not in ("-", '"-"')}
