"""Bodies to columns beside orjson and pyarrow.json; messages of collectd and Telegraf to events, a core-second.

python benchmarks/decode.py [--json] [--quick]
"""

import gc
import json
import time
from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json
from report import Row, arguments, in_turn, report

from minerlib.archive.fields import fields_of
from minerlib.event.body import flatten
from minerlib.event.decode import Delivery, decode

try:
    import orjson
except ImportError:
    orjson = None

START = 1_795_334_315


def bodies(count: int) -> list[bytes]:
    """Readings of a thousand hosts as JSON: a time, text, a truth, numbers, and some in an object."""
    return [
        json.dumps({
            "time": START + n * 0.027, "host": f"web-{n % 1000:04d}", "ok": n % 17 > 0, "procs": n % 400,
            "cpu": {"user": n % 9_700 / 100, "system": n % 1_300 / 100, "idle": n % 5_100 / 100}, "load": n % 800 / 100,
        }).encode()
        for n in range(count)
    ]  # fmt: skip


def rate(count: int, work: Callable[[], Any]) -> float:
    """So many a core-second."""
    gc.collect()
    begun = time.process_time()
    work()
    return count / (time.process_time() - begun)


def seconds(work: Callable[[], Any]) -> float:
    """By the clock, for a peer may use all cores."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ours(found: list[str]) -> pl.DataFrame:
    """What sealing does with the bodies that SQLite gives: a column a field, and `rest`."""
    return fields_of(found, {})


def by_hand(found: list[bytes]) -> pl.DataFrame:
    """orjson, and a Python loop that makes nested names flat and fills columns."""
    columns: dict[str, list[Any]] = {}
    for row, body in enumerate(found):
        for name, value in flatten(orjson.loads(body)).items():
            if name not in columns:
                columns[name] = [None] * len(found)
            columns[name][row] = value
    return pl.DataFrame(columns)


def bare(found: list[bytes]) -> pa.Table:
    """pyarrow.json on all bodies as lines."""
    return pyarrow.json.read_json(pa.BufferReader(b"\n".join(found)))


def putval(count: int) -> list[Delivery]:
    """A value list a message, as collectd's amqp plugin sends them."""
    return [
        Delivery(
            body=b"PUTVAL web%d.example.net/interface-eth%d/if_octets interval=10.000 %d.542:%d:%d"
            % (n % 1000, n % 4, START + n, n * 977, n * 31),
            exchange="collectd", key="collectd", app_id="collectd",
        )
        for n in range(count)
    ]  # fmt: skip


def values(count: int) -> list[Delivery]:
    """The same in collectd's JSON."""
    return [
        Delivery(
            body=b'[{"values":[%d,%d],"dstypes":["derive","derive"],"dsnames":["rx","tx"],"time":%d.542,'
            b'"interval":10.000,"host":"web%d.example.net","plugin":"interface","plugin_instance":"eth%d",'
            b'"type":"if_octets","type_instance":""}]' % (n * 977, n * 31, START + n, n % 1000, n % 4),
            exchange="collectd", key="collectd", app_id="collectd",
        )
        for n in range(count)
    ]  # fmt: skip


def points(count: int) -> list[Delivery]:
    """Lines of Telegraf's input `cpu`, a hundred a message."""
    lines = [
        b"cpu,cpu=cpu%d,host=web-%d usage_user=%.2f,usage_system=%.2f,usage_idle=%.2f,usage_iowait=0 %d"
        % (n % 8, n % 1000, n % 97, n % 13, n % 51, (START + n) * 1_000_000_000)
        for n in range(count)
    ]
    return [Delivery(body=b"\n".join(lines[n : n + 100]) + b"\n", exchange="telegraf") for n in range(0, count, 100)]


def events(found: list[Delivery]) -> int:
    """How many events are in messages."""
    return sum(len(decode(each)[1]) for each in found)


def main() -> None:
    options = arguments(__doc__.split("\n")[0]).parse_args()
    count, runs = (20_000, 1) if options.quick else (200_000, 5)
    found = bodies(count)
    texts = [body.decode() for body in found]
    foreign = [make(count) for make in (putval, values, points)]
    for each in foreign:
        assert events(each) == count
        assert decode(each[0])[1][0].raw is None
    flat = pl.from_arrow(bare(found)).unnest("cpu", separator=".")
    assert ours(texts).drop("rest").equals(flat.cast({"procs": pl.Float64}).rename({"time": "body.time"}))
    in_frame, flattened, arrow, *rates = in_turn(
        runs,
        lambda: seconds(lambda: ours(texts)),
        lambda: seconds(lambda: by_hand(found)) if orjson else 0.0,
        lambda: seconds(lambda: bare(found)),
        *(lambda each=each: rate(count, lambda: events(each)) for each in foreign),
    )
    peer = "orjson, flattened in Python" if orjson else "orjson: not installed (pip install orjson)"
    per_second = count / flattened if flattened else None
    bar = "a hundred thousand"
    report([
        Row("JSON bodies to columns, events a second", count / in_frame, peer, per_second, "≥ 2"),
        Row("JSON bodies to columns, seconds", in_frame, "bare pyarrow.json", arrow, "≤ 1.3"),
        Row("collectd PUTVAL, events a core-second", rates[0], bar, 100_000, "≥ 1"),
        Row("collectd JSON, events a core-second", rates[1], bar, 100_000, "≥ 1"),
        Row("Influx, 100 lines a message, events a core-second", rates[2], bar, 100_000, "≥ 1"),
    ], options.json)  # fmt: skip


if __name__ == "__main__":
    main()
