"""Access logs of web servers: real ones, and those of attackers."""

import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from beside import files, text

from minerlib.event.lines import read_access
from minerlib.event.moment import rfc3339

WHEN = "[22/Nov/2026:08:00:26 +0130]"


def body(line: str) -> dict[str, Any]:
    found = read_access(line, 0, None)
    assert found.kind == "web.access"
    return found.body


def test_a_request_in_all_its_fields():
    """Time with its zone, status and bytes as numbers, the query beside the path."""
    found = read_access(
        f'192.0.2.7 - ann {WHEN} "GET /a/b?c=d&e HTTP/1.1" 200 12 "https://acme.com/" "Mozilla/5.0 (\\"x\\")" 0.004',
        0,
        None,
    )
    assert rfc3339(found.time or 0) == "2026-11-22T06:30:26.000000Z"
    assert found.body == {
        "client": "192.0.2.7", "user": "ann", "method": "GET", "path": "/a/b", "query": "c=d&e", "protocol": "HTTP/1.1",
        "status": 200, "bytes": 12, "referrer": "https://acme.com/", "agent": 'Mozilla/5.0 (\\"x\\")', "more": "0.004",
    }  # fmt: skip


def test_what_is_not_there_is_left_out():
    """A server writes - where there is nothing; no bytes are none."""
    assert body(f'::1 - - {WHEN} "HEAD / HTTP/1.0" 304 - "-" "-"') == {
        "client": "::1", "method": "HEAD", "path": "/", "protocol": "HTTP/1.0", "status": 304, "bytes": 0,
    }  # fmt: skip


def test_the_site_stands_before_the_client():
    """As in Apache's vhost_combined; what syslog puts before a line is no site."""
    assert body(f'acme.com:443 192.0.2.7 - - {WHEN} "GET / HTTP/1.1" 200 1 "-" "-"')["site"] == "acme.com:443"
    shipped = body(f'Nov 22 08:00:26 gate nginx: 192.0.2.7 - - {WHEN} "GET / HTTP/1.1" 200 1 "-" "-"')
    assert shipped["client"] == "192.0.2.7"
    assert "site" not in shipped
    assert body(f'host-7.isp.net - - {WHEN} "GET / HTTP/1.1" 200 1')["client"] == "host-7.isp.net"


@pytest.mark.parametrize("said", ["", r"\x16\x03\x01\x01 \x02", "HELP", "batman", "GET", "GET x", "-"])
def test_what_is_no_request_is_kept(said: str):
    """Who speaks TLS to a port of HTTP, or nonsense, is seen with what he said."""
    found = body(f'192.0.2.7 - - {WHEN} "{said}" 400 226 "-" "-"')
    assert (found["request"], found["status"], "path" in found) == (said, 400, False)


def test_a_user_cannot_write_another_line_into_his_own():
    """Quotes in what a client says are escaped by the server, and are no end of it."""
    forged = r"a [10/Oct/2000:13:55:36 +0000] \"GET /forged HTTP/1.0\" 200 5"
    found = body(f'192.0.2.7 - {forged} {WHEN} "GET /real HTTP/1.1" 401 1 "-" "x\\" 1"')
    assert (found["path"], found["status"], found["user"]) == ("/real", 401, forged)
    found = body(rf'192.0.2.7 - - {WHEN} "GET /\" 200 5 HTTP/1.1" 404 1 "-" "-"')
    assert (found["path"], found["status"]) == (r"/\" 200 5", 404)


@pytest.mark.parametrize(
    "line",
    [
        "", "x", "[error] [client 192.0.2.7] File does not exist", f'192.0.2.7 - - {WHEN} "GET / HTTP/1.1" 200',
        '192.0.2.7 - - [22/Foo/2026:08:00:26 +0100] "GET / HTTP/1.1" 200 1',
        '192.0.2.7 - - [32/Nov/2026:08:00:26 +0100] "GET / HTTP/1.1" 200 1',
        '192.0.2.7 - - [22/Nov/2026:08:00:26 +0100] "GET / HTTP/1.1 200 1',
    ],
)  # fmt: skip
def test_a_line_of_another_form_is_a_fault(line: str):
    """A ValueError, by which the line is published as it is."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
        read_access(line, 0, None)


def test_a_long_line_takes_no_time():
    """The worst of 64 KiB in milliseconds: whatever a client sends, the log is read on."""
    for piece in ('" ', f"{WHEN} ", f'{WHEN} "', f'{WHEN} "a" 1', "\\", "- "):
        line = piece * (65_536 // len(piece))
        begun = time.process_time()
        with pytest.raises(ValueError):  # noqa: PT011 - whatever is wrong with it
            read_access(line, 0, None)
        assert time.process_time() - begun < 2, piece


def test_a_real_log_of_apache():
    """3,000 lines, each a request whose parts put together are the line again."""
    lines = files("weblogs", "*.log")[0].read_text().splitlines()
    for line in lines:
        found = read_access(line, 0, None)
        said = found.body
        query = f"?{said['query']}" if "query" in said else ""
        when = datetime.fromtimestamp((found.time or 0) / 1e6, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
        size = said["bytes"] or line.split('" ')[1].split(" ")[1]
        assert line.startswith(
            f'{said["client"]} - - [{when}] "{said["method"]} {said["path"]}{query} {said["protocol"]}" '
            f'{said["status"]} {size} "{said.get("referrer", "-")}" "{said.get("agent", "-")}"'
        )


def test_real_lines_of_attacks():
    """What crowdsec's tests of nginx and Apache hold: each line a request, malformed ones with what was said."""
    cases = [
        "apache-http-probing", "apache2-malformed", "http-dos-random-uri", "nginx-http-malformed", "netgear_rce",
        "nginx-http-path-traversal", "nginx-http-xss-probing", "spring4shell_cve-2022-22965",
    ]  # fmt: skip
    found: Counter[str] = Counter()
    for case in cases:
        for line in text("crowdsec", f"{case}/input.log").splitlines():
            found["request" if "request" in body(line) else "path"] += bool(line)
    assert found == {"path": 181, "request": 23}
