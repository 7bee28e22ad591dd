"""Undoing what a message says was done to its bytes: `content_encoding`, where it is true."""

import zlib

import msgspec

from minerlib.event.decode.delivery import Delivery

_MOST = 64 * 1024 * 1024  # bytes: what grows beyond is left as it is
_MAGIC = {b"\x1f\x8b": 31, b"\x78\x01": 15, b"\x78\x5e": 15, b"\x78\x9c": 15, b"\x78\xda": 15}


def unpack(delivery: Delivery) -> Delivery:
    """The delivery with its body unpacked (gzip, zlib), where it is: its first bytes decide, as encodings lie."""
    bits = _MAGIC.get(delivery.body[:2])
    if bits is None:
        return delivery
    inflate = zlib.decompressobj(bits)
    try:
        body = inflate.decompress(delivery.body, _MOST)
        whole = inflate.eof
    except zlib.error:
        return delivery
    return msgspec.structs.replace(delivery, body=body, content_encoding="") if whole else delivery
