"""The rule host: what begins, ends and changes, and that a replay of the archive knows all of it."""

import json
import sqlite3
import time

import pytest
from click.testing import CliRunner

from minerlib.bus.connect import connect
from minerlib.bus.publish import Publisher
from minerlib.bus.topology import stream_name
from minerlib.cli.verify import verify
from minerlib.deploy.export import export, read_rules, withdraw
from minerlib.errors import SettingError
from minerlib.nodes.clock import run_clock

from .bench import SCOPE, Bench, equal, rule
from .processes import until


def test_rules_come_and_go_and_come_again(bench: Bench):
    """Replaced and withdrawn rules clear what they raised, a new one begins with what it knows, and replays agree."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "it raises")

    export(rule(70), bench.url)
    bench.began(2)
    until(lambda: bench.alerts()[1:] == [("cleared", "replaced"), ("raised", "primed")], 20, "the new one takes over")
    assert [found.levels[0].when.number for found in read_rules(bench.url).rules()] == [70]

    bench.say(60)
    until(lambda: bench.alerts()[-1] == ("cleared", "value"), 20, "the new one clears")
    bench.say(75)
    until(lambda: bench.alerts()[-1] == ("raised", "value"), 20, "the new one raises")
    withdraw("hot", url=bench.url)
    until(lambda: bench.alerts()[-1] == ("cleared", "replaced"), 20, "withdrawn, it clears")
    until(lambda: bench.rows("node.ended").height == 2, 20, "both runs ended")
    assert read_rules(bench.url).rules() == []
    with pytest.raises(SettingError, match="No rule 'hot'"):
        withdraw("hot", url=bench.url)

    export(rule(70), bench.url)  # the same fingerprint as before: another run of it
    bench.began(3)
    until(lambda: bench.alerts()[-1] == ("raised", "primed"), 20, "it begins with what it knows")
    bench.say(20)
    bench.say(99)
    until(lambda: bench.alerts()[-1] == ("raised", "value"), 20, "it raises once more")
    until(lambda: equal(bench), 20, "replay equals live")
    verified(bench)


def verified(bench: Bench) -> None:
    """`minerlib verify` says that all is equal; of an archive from which an alert was taken, which one."""
    time.sleep(3)  # what was due in the last two seconds is not compared
    code, runs = verify_json(bench)
    assert (code, [run["equal"] for run in runs]) == (0, [True] * 3)
    assert sum(run["published"] for run in runs) >= 6
    alert = bench.rows("alert.hot").row(0, named=True)
    (file,) = (bench.archive.path / SCOPE).glob("*.sqlite")
    with sqlite3.connect(file) as db:
        assert db.execute("delete from events where offset = ?", (alert["offset"],)).rowcount == 1
    db.close()
    code, runs = verify_json(bench)
    assert (code, [run["missing"] for run in runs if not run["equal"]]) == (1, [[alert["id"]]])


def verify_json(bench: Bench) -> tuple[int, list[dict]]:
    result = CliRunner().invoke(verify, ["--archive", str(bench.archive.path), "--since", "1h", "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_host_that_was_away_goes_on_where_it_was(bench: Bench):
    """What happened meanwhile is folded, what was exported meanwhile begins when it is back."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "it raises")
    bench.stop("host")
    bench.say(10)
    bench.say(95, source="db")
    bench.start_host()
    until(lambda: len(bench.alerts()) == 3, 20, "it says what it missed")
    assert sorted(bench.alerts()[1:]) == [("cleared", "value"), ("raised", "value")]
    assert bench.rows("node.began").height == 1

    bench.stop("host")
    export(rule(85), bench.url)
    bench.say(99, source="mail")  # above both lines: the old rule is asked for it no more
    bench.start_host()
    bench.began(2)
    until(lambda: ("cleared", "replaced") in bench.alerts(), 20, "the old one is cleared")
    until(lambda: equal(bench), 20, "replay equals live")


def test_a_stream_declared_anew_begins_rules_anew(bench: Bench):
    """Another epoch, another run: the state of the old one means nothing there."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "it raises")
    bench.stop("clock")
    with connect(bench.url) as connection:
        connection.channel().queue_delete(stream_name(SCOPE))
    bench.start("clock", lambda stop: run_clock(bench.url, "test", [SCOPE], stop, bench.said.append))
    bench.began(2)
    assert bench.rows("node.began")["epoch"].n_unique() == 2
    bench.say(91)
    until(lambda: len(bench.alerts()) == 2, 20, "it raises in the new epoch")
    until(lambda: equal(bench), 20, "replay equals live")


def test_a_fault_is_an_event(bench: Bench):
    """A field of another type costs its event, which is named; the next one is evaluated."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say("not a number")  # type: ignore[arg-type]
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "the next event is evaluated")
    until(lambda: bench.rows("node.error").height == 1, 20, "the fault is said")
    assert bench.rows("node.error").select("what", "rule", "field").rows() == [("fault", "hot", "value")]


def test_what_is_no_rule_on_the_stream_is_left_out(bench: Bench):
    """Garbage in the stream `rules` stops nobody."""
    with Publisher(bench.url, "vandal") as publisher:
        publisher.send("rules", b"\xff", exchange="")
        publisher.send(
            "rules", b'{"do": "export", "rule": "x", "scope": "a.b.c", "time": "", "document": "x: 1"}', exchange=""
        )
    export(rule(80), bench.url)
    bench.began(1)
    assert sum("is no rule" in said for said in bench.said) == 2
