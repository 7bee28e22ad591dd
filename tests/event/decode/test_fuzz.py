"""Every decoder under mutated captures; `MINERLIB_FUZZ=N` tries N of them."""

import functools
import os
import random
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from minerlib.event.decode import DECODERS, Decoded, Delivery, decode
from minerlib.event.decode.said import body_of

from .captures import CAPTURES, captured
from .samples import SAMPLES

N = int(os.environ.get("MINERLIB_FUZZ", "3000"))
SLOW = 20e-6, 20e-3  # seconds a byte of body, and a message: a hundred times what is usual
SPLICES = (
    b"\n", b"\r\n", b"\0", b"\xff", b'"', b"\\", b",", b"=", b" ", b":", b"/", b"-", b".", b";", b"{", b"[", b"]", b"}",
    b"nan", b"1e999", b"99999999999999999999999999", b"null", b"[" * 5000, b'"' * 500, b"\\" * 500, b"PUTVAL ",
    b'"data":', b'"oslo.message":"{', b'"host":{', b"<34>", b"<34>1 - - - - - [", b"12 <34>",
    b"\xed\xa0\x80",
    b"-1", b"0" * 5000, b"\xe2\x80\xa8",
)  # fmt: skip


@functools.cache
def seeds() -> list[Delivery]:
    """What there is to mutate: all captures, and what there is beside them."""
    return [
        *(each for name in CAPTURES for each in captured(name)),
        *(each for some in SAMPLES.values() for each in some),
    ]


def mutations(found: list[Delivery], count: int, dice: random.Random) -> Iterator[Delivery]:
    """So many of them: bytes turned, cut, doubled, spliced with others; now and then in other clothes."""
    for _ in range(count):
        one, other = dice.choice(found), dice.choice(found)
        body = bytearray(one.body)
        for _ in range(dice.randint(1, 4)):
            at, to = sorted(dice.randint(0, len(body)) for _ in range(2))
            match dice.randrange(6):
                case 0 if body:
                    body[at % len(body)] ^= 1 << dice.randrange(8)
                case 1:
                    del body[at:to]
                case 2:
                    body[at:at] = body[at:to]
                case 3:
                    body[at:to] = other.body[: dice.randint(0, len(other.body))]
                case 4:
                    body = (body + b"\n") * 2
                case _:
                    body[at:at] = dice.choice(SPLICES)
        clothes = other if dice.random() < 0.2 else one
        yield msgspec.structs.replace(clothes, body=bytes(body))


def check(delivery: Delivery) -> None:
    """No decoder raises or says that there is nothing; what comes of it can be published; it takes no time."""
    for name, decoder in DECODERS.items():
        found = decoder(delivery)
        assert found is None or (found and all(isinstance(each, Decoded) for each in found)), name
    name, found = decode(delivery)
    assert found, name
    for each in found:
        assert each.source, name
        assert each.kind, name
        assert "" not in each.kind.split("."), name
        msgspec.json.encode(body_of(each))
    limit = SLOW[0] * len(delivery.body) + SLOW[1]
    assert any(seconds(delivery) < limit for _ in range(3)), name  # once it may meet the garbage collector


def seconds(delivery: Delivery, decoder: Callable[[Delivery], object] = decode) -> float:
    """What decoding takes of this thread."""
    begun = time.thread_time()
    decoder(delivery)
    return time.thread_time() - begun


@pytest.mark.parametrize("decoder", DECODERS)
def test_mutated_captures(decoder: str):
    """What a decoder reads, mutated: N tries of them all."""
    found = seeds()
    mine = [each for each in found if decode(each)[0] == decoder] or found
    for number, each in enumerate(mutations(mine, max(1, N // len(DECODERS)), random.Random(len(decoder)))):
        try:
            check(each)
        except Exception as error:
            pytest.fail(f"{decoder}, try {number}: {error!r} of {each!r}")


@given(st.randoms(use_true_random=False))
@settings(max_examples=max(100, N // 30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mutation(dice: random.Random):
    """The same, but Hypothesis throws the dice, and finds the least that fails."""
    for each in mutations(seeds(), 1, dice):
        check(each)


@given(st.binary(max_size=200), st.sampled_from(["", "collectd", "syslog"]))
@settings(max_examples=max(100, N // 30), deadline=None)
@example(b"[" * 100_000, "")
@example(b'[{"dsnames":' * 20_000, "collectd")
def test_any_bytes(body: bytes, app_id: str):
    """Bytes of nobody."""
    check(Delivery(body=body, app_id=app_id))


@pytest.mark.parametrize("piece", [
    b"a=", b"m,t=1", b'm f="', b"\\", b"a\\", b",", b" ", b"m f=1\n", b'm f="\n', b"a.b 1 1795334335\n", b"a;b=1",
    b"PUTVAL ", b"PUTVAL a/b/c 1:2\n", b"1:2 ", b'{"a":1}\n', b"\n", b'"', b'm,a=1 f="\\"\n', b"m f=1,", b"<", b"<1>",
    b'<1>1 - - - - - [a b="c"]\n', b'[a b="c" b="d"]', b'[a b="', b"1 <1>a", b"9999999 <1>", b"9999999",
    b"<1>Nov 22 08:00:26 a b[1]: c\n", b"a:",
])  # fmt: skip
def test_time_grows_with_the_bytes(piece: bytes):
    """A hundred kilobytes of what makes careless patterns look back take well under a second a decoder."""
    many = piece * (100_000 // len(piece))
    for start in (b"", b"m,t=1 f=1 1795334335000000000\n", b"<1>1 - - - - - "):
        for name, decoder in DECODERS.items():
            delivery = Delivery(body=start + many, app_id="collectd")
            assert any(seconds(delivery, decoder) < 0.8 for _ in range(3)), name  # once it may meet the collector
