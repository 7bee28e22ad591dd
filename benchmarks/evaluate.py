"""The rule engine from JSON bytes to transitions, beside bytewax, plain Python and decoding alone; and its state.

python benchmarks/evaluate.py [--json] [--quick]
"""

import time

from peers import bytewax, decoding, lines_of, plain_python
from report import Row, arguments, in_turn, report
from streams import messages, rules

from minerlib.event.order import Message, Order
from minerlib.rule import Rule, State, evaluate

BATCH = 5_000
GIB = 2**30


def fold(found: list[Message], some: list[Rule], batch: int = BATCH) -> tuple[float, list[State]]:
    """Messages a second from bytes to transitions, on one core, and the states behind them."""
    order = Order()
    states = [State.fresh("acme.web.prod", "e") for _ in some]
    begun = time.perf_counter()
    for first in range(0, len(found), batch):
        events = [event for message in found[first : first + batch] for event in order.read(message)]
        states = [evaluate(rule, state, events, order.clock)[0] for rule, state in zip(some, states, strict=True)]
    return len(found) / (time.perf_counter() - begun), states


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    events, runs = (20_000, 1) if options.quick else (100_000, 5)
    busy, sparse = messages(events, 1_000, 1_000), messages(events // 5, 1_000, 20)
    ten, hundred = rules(10), rules(100)
    strangers = [*ten, *rules(990, kind="disk.usage", first=10)]
    lines = lines_of(ten)
    ours, others, alone, of_hundred, of_thousand, scarce, by_hand = in_turn(
        runs,
        lambda: fold(busy, ten)[0],
        lambda: bytewax(busy, lines) or 0.0,
        lambda: decoding(busy),
        lambda: fold(busy[: events // 10], hundred)[0],
        lambda: fold(busy[: events // 10], strangers)[0],
        lambda: fold(sparse, ten, batch=20)[0],
        lambda: plain_python(sparse, lines),
    )
    size = len(fold(messages(5_000, 1_000, 1_000), rules(1))[1][0].to_bytes()) / 1_000
    peer = "bytewax stateful_map" if others else "bytewax: not installed (pip install bytewax)"
    rows = [
        Row("10 rules, 1,000 hosts, events a second", ours, peer, others or None, "≥ 8"),
        Row("10 rules, 1,000 hosts, events a second", ours, "decoding alone (msgspec)", alone, "≥ 0.5"),
        Row("100 rules, events a second", of_hundred, "10 rules", ours, "≥ 0.4"),
        Row("1,000 rules of which 10 match, events a second", of_thousand, "10 rules", ours, "≥ 0.7"),
        Row("20 events a second, 10 rules, events a second", scarce, "plain Python, deques", by_hand, "≥ 1"),
        Row("1,000 rules x 1,000 instances as bytes", size * 1e6, "1 GiB", GIB, "≤ 1"),
    ]
    report(rows, options.json)


if __name__ == "__main__":
    main()
