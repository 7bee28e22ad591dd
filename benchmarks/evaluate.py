"""The rule engine from JSON bytes to transitions, beside bytewax, plain Python and decoding alone; and its state.

python benchmarks/evaluate.py [--json] [--quick]
"""

import json
import subprocess
import sys
import time

from peers import bytewax, decoding, lines_of, plain_python
from report import Row, arguments, in_turn, report
from streams import messages, rules

from minerlib.event.known import Keys
from minerlib.event.messages import Messages
from minerlib.event.order import Message, Order
from minerlib.rule import Rule, State
from minerlib.rule.route import Router

BATCH = 5_000
GIB = 2**30


def fold(found: list[Message], some: list[Rule], batch: int = BATCH) -> tuple[float, list[State]]:
    """Messages a second from bytes to transitions, on one core, as a node folds them, and the states behind them."""
    order, keys = Order(), Keys()
    states = [State.fresh("acme.web.prod", "e") for _ in some]
    router = Router({rule.name: pair for rule, pair in zip(some, zip(some, states, strict=True), strict=True)})
    begun = time.perf_counter()
    for first in range(0, len(found), batch):
        router.fold(Messages(order, found[first : first + batch], keys))
    router.settle()
    return len(found) / (time.perf_counter() - begun), states


def memory(rules_: int, hosts: int) -> tuple[float, float]:
    """Bytes of memory that so many rules over so many instances take, and as they are stored."""
    code = f"""
import json, os, resource, sys
sys.path.insert(0, "benchmarks")
from evaluate import fold, messages, rules
seen = messages({hosts} * 30, {hosts}, {hosts})
rss = lambda: int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
fold(seen[:{hosts}], rules(1))
before = rss()
states = fold(seen, rules({rules_}))[1]
taken = rss() - before
parts = [state.to_parts() for state in states]
assert len(states[0].instances) == len(states[-1].instances) == {hosts}
stored = sum(len(own) for own, _ in parts) + sum(map(len, {{intake for _, intake in parts}}))
print(json.dumps([taken, stored]))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    taken, stored = json.loads(said)
    return taken, stored


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    events, runs = (40_000, 1) if options.quick else (300_000, 5)
    busy, sparse = messages(events, 1_000, 1_000), messages(events // 10, 1_000, 20)
    ten, hundred = rules(10), rules(100)
    strangers = [*ten, *rules(990, kind="disk.usage", first=10)]
    others = [*ten, *rules(990, first=10, where="state = 'state-{}'")]
    lines = lines_of(ten)
    ours, theirs, alone, of_hundred, of_thousand, of_equal, scarce, by_hand = in_turn(
        runs,
        lambda: fold(busy, ten)[0],
        lambda: bytewax(busy[: events // 3], lines) or 0.0,
        lambda: decoding(busy),
        lambda: fold(busy, hundred)[0],
        lambda: fold(busy, strangers)[0],
        lambda: fold(busy, others)[0],
        lambda: fold(sparse, ten, batch=20)[0],
        lambda: plain_python(sparse, lines),
    )
    many = (100, 1_000) if options.quick else (1_000, 1_000)
    taken, stored = memory(*many)
    of = f"{many[0]:,} rules x {many[1]:,} instances"
    peer = "bytewax stateful_map" if theirs else "bytewax: not installed (pip install bytewax)"
    rows = [
        Row("10 rules, 1,000 hosts, events a second", ours, peer, theirs or None, "≥ 8"),
        Row("10 rules, 1,000 hosts, events a second", ours, "decoding alone (msgspec)", alone, "≥ 0.5"),
        Row("100 rules, events a second", of_hundred, "10 rules", ours, "≥ 0.4"),
        Row("1,000 rules of which 10 match by kind, events a second", of_thousand, "10 rules", ours, "≥ 0.7"),
        Row("1,000 rules of which 10 match by where, events a second", of_equal, "10 rules", ours, "≥ 0.7"),
        Row("20 events a second, 10 rules, events a second", scarce, "plain Python, deques", by_hand, "≥ 1"),
        Row(f"{of}, bytes of memory", taken, "1 GiB", GIB, "≤ 1"),
        Row(f"{of}, bytes stored", stored, "1 GiB", GIB, "≤ 1"),
    ]
    report(rows, options.json)


if __name__ == "__main__":
    main()
