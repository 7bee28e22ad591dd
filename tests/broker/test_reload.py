"""Rules that change while the host runs: taken up, replaced, kept, let go, without a restart; and what is no rule."""

import msgspec

from minerlib.bus.publish import Publisher
from minerlib.deploy.export import export, withdraw
from minerlib.rule import Rule

from .bench import SCOPE, Bench, equal, rule
from .processes import until

COUNT = """
rule: hot
version: {version}
about: {about}
scope: host.sys.env
kind: x.value
measure: {{agg: count, over: 1h, every: 1s}}
levels: [{{severity: warning, when: "{when}"}}]
lateness: 1s
"""


def counting(when: str = ">= 3", version: int = 1, about: str = "first") -> Rule:
    return Rule.read(COUNT.format(when=when, version=version, about=about))


def spoken(bench: Bench, *kinds: str) -> list[str]:
    """What was said about rules, in the order of the stream."""
    frame = bench.archive.scan("node.*", scope=SCOPE).collect().sort("offset")
    return [kind for kind in frame["kind"] if kind in kinds]


def passed(bench: Bench, seconds: int) -> None:
    """Wait until the archived clock has moved on."""
    before = bench.rows("tick").height
    until(lambda: bench.rows("tick").height >= before + seconds, 20, "the clock moves on")


def test_a_rule_exported_while_the_host_runs_begins(bench: Bench):
    """A second one beside the first, which is not disturbed: no restart, no new run of it, nothing cleared."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "the first raises")
    other = rule(50).to_dict() | {"rule": "other"}
    export(Rule.from_dict(other), bench.url)
    bench.began(2)
    bench.say(60, source="db")
    until(lambda: "db" in bench.rows("alert.other")["source"].to_list(), 20, "the second raises")
    assert bench.alerts() == [("raised", "value")]
    assert bench.rows("node.began")["rule"].to_list() == ["hot", "other"]


def test_a_changed_rule_takes_the_place_of_the_old_one(bench: Bench):
    """What fired is cleared, reason replaced, before the new one begins; from then on only the new line counts."""
    export(rule(80), bench.url)
    bench.began(1)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "it raises")
    export(rule(95), bench.url)
    until(lambda: bench.alerts()[1:] == [("cleared", "replaced")], 20, "it is cleared")
    bench.began(2)
    assert spoken(bench, "node.began", "node.ended") == ["node.began", "node.ended", "node.began"]
    bench.say(92)
    bench.say(97, source="db")
    until(lambda: len(bench.alerts()) == 3, 20, "the new line is crossed")
    last = bench.rows("alert.hot").row(-1, named=True)
    assert (last["source"], last["threshold"], last["fingerprint"]) == ("db", 95, rule(95).fingerprint)
    until(lambda: equal(bench), 20, "replay equals live")


def test_another_version_or_text_keeps_its_state(bench: Bench):
    """What is evaluated is the same: it goes on counting, nothing begins, ends, clears; alerts name the new version."""
    export(counting(), bench.url)
    bench.began(1)
    bench.say(1)
    bench.say(1)
    passed(bench, 3)
    assert counting(version=7, about="second").fingerprint == counting().fingerprint
    export(counting(version=7, about="second"), bench.url)
    passed(bench, 3)
    bench.say(1)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "the third of three is counted")
    assert bench.rows("alert.hot")["version"].to_list() == [7]
    assert spoken(bench, "node.began", "node.ended") == ["node.began"]
    until(lambda: equal(bench), 20, "replay equals live")


def test_a_withdrawn_rule_stops(bench: Bench):
    """What fired is cleared; what comes then is no longer looked at, while the other rule goes on."""
    other = rule(80).to_dict() | {"rule": "other"}
    export(rule(80), bench.url)
    export(Rule.from_dict(other), bench.url)
    bench.began(2)
    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "it raises")
    withdraw("hot", url=bench.url)
    until(lambda: bench.alerts()[1:] == [("cleared", "replaced")], 20, "it clears")
    bench.say(99, source="db")
    until(lambda: "db" in bench.rows("alert.other")["source"].to_list(), 20, "the other one raises")
    passed(bench, 2)
    assert len(bench.alerts()) == 2
    assert bench.rows("alert.other")["what"].to_list() == ["raised", "raised"]


def test_what_is_no_rule_is_said_and_left_out(bench: Bench):
    """A rule that runs goes on, also where the broken one has its name; the next good one begins."""
    export(rule(80), bench.url)
    bench.began(1)
    faulty = {"do": "export", "rule": "hot", "scope": SCOPE, "time": "", "document": "rule: hot\nkind: x.value\n"}
    broken = [
        b"",
        b"this is no JSON",
        b"[1, 2]",
        b'{"do": "export"}',
        msgspec.json.encode(faulty | {"do": "explode"}),
        msgspec.json.encode(faulty),
        msgspec.json.encode(faulty | {"document": ": ["}),
    ]
    with Publisher(bench.url, "vandal") as publisher:
        for body in broken:
            publisher.send("rules", body, exchange="")
    until(lambda: len(left_out(bench)) == len(broken), 20, "each is said")
    assert all(f"Message {number} of the stream rules" in said for number, said in enumerate(left_out(bench), 1))
    assert "levels" in left_out(bench)[-2]  # which fault it has

    bench.say(90)
    until(lambda: bench.alerts() == [("raised", "value")], 20, "the one that ran goes on")
    export(Rule.from_dict(rule(50).to_dict() | {"rule": "other"}), bench.url)
    bench.began(2)
    assert spoken(bench, "node.ended") == []


def left_out(bench: Bench) -> list[str]:
    return [said for said in bench.said if "left out" in said]
