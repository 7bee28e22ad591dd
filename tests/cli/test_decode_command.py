"""`minerlib decode`: what a bridge would make of a message, without a broker."""

import json
from pathlib import Path

from beside import files
from click.testing import CliRunner, Result

from minerlib.cli.main import cli

LINE = b"disk,host=web-1 used=81.5 1795334400000000000"


def decoded(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["decode", *arguments], input=given)


def rows(result: Result) -> list[dict]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_body_alone() -> None:
    """A body on standard input: producer, time, source, kind and body, a line an event."""
    (line,) = decoded("-", given=LINE).output.splitlines()
    assert line.split() == [
        "influx", "2026-11-22T08:00:00.000000Z", "web-1", "disk",
        '{"time":"2026-11-22T08:00:00.000000Z","host":"web-1","used":81.5}',
    ]  # fmt: skip


def test_what_stands_beside_a_body() -> None:
    """Exchange, key and headers of a message are given beside its body."""
    (row,) = rows(decoded("-", "--exchange", "app", "--key", "a.b", "--header", "host=web-9", "--json", given=b"7"))
    assert (row["source"], row["kind"], row["body"]) == ("web-9", "a.b", {"value": 7, "headers": {"host": "web-9"}})
    (row,) = rows(decoded("-", "--header", "host=web-9", "--json", given=b""))
    assert (row["producer"], row["source"]) == ("headers", "web-9")


def test_captured_messages() -> None:
    """A capture's messages, each with the number of its line."""
    found = rows(decoded(str(files("captures", "collectd_json.jsonl")[0]), "--json"))
    assert [row["message"] for row in found][-1] == 57
    assert {row["source"] for row in found} == {"web1.example.net"}
    assert all(row["time"] and row["readable"] for row in found)


def test_bytes_of_a_capture(tmp_path: Path) -> None:
    """A body that is no text stands in base64; a line that is no message makes of the file a body alone."""
    message = {"routing_key": "a.b", "body_base64": "//4=", "properties": {"headers": None}}
    file = tmp_path / "captured"
    file.write_text(json.dumps(message))
    (row,) = rows(decoded(str(file), "--json"))
    assert (row["producer"], row["kind"], row["readable"], row["body"]["base64"]) == ("raw", "a.b", False, "//4=")
    for other in ({**message, "properties": 3}, {**message, "body_base64": "?"}, {"body": "x"}):
        file.write_text(f"{json.dumps(message)}\n{json.dumps(other)}\n")
        assert [row["producer"] for row in rows(decoded(str(file), "--json"))] == ["json", "json"]


def test_mapping_and_zone(tmp_path: Path) -> None:
    """With a bridge's mapping and zone it is what that bridge would publish, and where."""
    mapping = tmp_path / "ours.yaml"
    mapping.write_text("- {key: 'shop.#', scope: acme.shop.prod, source: '{till}', kind: sale, time: sold}\n")
    body = b'{"till": "t-3", "sold": "2026-11-22 09:00:00"}'
    arguments = ["-", "--key", "shop.sale", "--mapping", str(mapping), "--zone", "Europe/Berlin"]
    (row,) = rows(decoded(*arguments, "--json", given=body))
    assert (row["scope"], row["source"], row["kind"]) == ("acme.shop.prod", "t-3", "sale")
    assert row["time"] == "2026-11-22T08:00:00.000000Z"
    assert "  acme.shop.prod  t-3  sale  " in decoded(*arguments, given=body).output


def test_faults(tmp_path: Path) -> None:
    """A sentence that names what is wrong, and the exit code of a setting."""
    for arguments, said in (
        ([str(tmp_path / "none")], "none cannot be read: No such file"),
        (["-", "--header", "host"], "--header 'host' is not NAME=VALUE"),
        (["-", "--zone", "Mars/Base"], "'Mars/Base' is no time zone"),
        (["-", "--mapping", str(tmp_path / "none")], "cannot be read"),
    ):
        result = decoded(*arguments, given=LINE)
        assert (result.exit_code, said in result.output) == (2, True), result.output


def test_nothing_steers_the_terminal() -> None:
    """What a message says is shown, not obeyed."""
    for sign in "\x1b\x7f\x9b\u202e\u2066":
        given = json.dumps({"host": "web-1", "text": f"{sign}[2Jwiped"}, ensure_ascii=False).encode()
        assert sign not in decoded("-", given=given).output
        told = decoded("-", "--json", given=given)
        assert sign not in told.output
        assert rows(told)[0]["body"]["text"] == f"{sign}[2Jwiped"
