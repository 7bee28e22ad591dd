"""Entries of the journal, in every form in which journalctl writes a field."""

import base64
from typing import Any

import pytest

from minerlib.event.lines.journal import LONGEST, read_cursor, read_entry

CURSOR = "s=31172835982b411a9d35d062f87eaffa;i=1f;b=aa;m=f4240;t=660d8dd2a4000;x=4b4e6fe490d7ac8d"


def body(**fields: Any) -> dict[str, Any]:
    return read_entry({"SYSLOG_IDENTIFIER": "sshd", "MESSAGE": "x", **fields}).body


def test_an_entry_in_all_its_fields():
    """The time in microseconds, the priority by its name, numbers as numbers."""
    found = read_entry(
        {
            "__REALTIME_TIMESTAMP": "1795334400000001", "_HOSTNAME": "gate", "SYSLOG_IDENTIFIER": "sshd",
            "PRIORITY": "3", "_PID": "77", "_UID": "0", "_SYSTEMD_UNIT": "ssh.service", "MESSAGE": "no",
        }
    )  # fmt: skip
    assert (found.source, found.kind, found.time) == ("gate", "log.sshd", 1_795_334_400_000_001)
    wanted = {"message": "no", "priority": "err", "identifier": "sshd", "unit": "ssh.service", "pid": 77, "uid": 0}
    assert found.body == wanted


def test_a_message_of_bytes():
    """journalctl writes numbers where there is no text; what is no UTF-8 is kept beside."""
    assert body(MESSAGE=[99, 97, 102, 195, 169])["message"] == "café"
    found = body(MESSAGE=list(b"caf\xe9"))
    assert (found["message"], base64.b64decode(found["base64"])) == ("caf�", b"caf\xe9")


def test_a_field_that_was_said_several_times_or_not_at_all():
    """Both are told; null is what was too long to be told."""
    assert body(MESSAGE=["a", [98, 99]])["message"] == "a\nbc"
    assert body(MESSAGE=None)["message"] == ""
    assert body(PRIORITY=["3", "4"]).keys() == {"message", "identifier"}


def test_a_long_message_is_cut_and_says_so():
    """As a line of a file is."""
    found = body(MESSAGE="x" * (LONGEST + 1))
    assert (len(found["message"]), found["bytes"]) == (LONGEST, LONGEST + 1)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"SYSLOG_IDENTIFIER": "org.gnome.Shell"}, "log.org.gnome.Shell"),
        ({"SYSLOG_IDENTIFIER": "a b/c"}, "log.a_b_c"),
        ({"_COMM": "cron"}, "log.cron"), ({"SYSLOG_IDENTIFIER": ".."}, "log.journal"), ({}, "log.journal"),
    ],
)  # fmt: skip
def test_the_kind_is_who_said_it(fields: dict[str, str], kind: str):
    """By identifier, else by program; never one that cannot be a kind."""
    assert read_entry(fields).kind == kind


def test_a_cursor_is_a_number_in_a_sequence():
    """An entry that was copied into another file has another number, and is the same entry."""
    cursor = read_cursor(CURSOR)
    assert cursor.id("journal.x") == "minerlib/journal.x.31172835982b411a9d35d062f87eaffa:31"
    assert read_cursor(CURSOR.replace("s=3", "s=4").replace("i=1f", "i=2")).entry == cursor.entry
    assert read_cursor(CURSOR.replace("m=f4240", "m=f4241")).entry != cursor.entry
    with pytest.raises(ValueError, match="without 'i'"):
        read_cursor("s=1;b=2")
