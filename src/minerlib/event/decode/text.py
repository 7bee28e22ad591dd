"""Plain text, an event a line: the body's field `message`."""

from minerlib.event.decode.defaults import kind_of, source_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery


def decode(delivery: Delivery) -> list[Decoded] | None:
    """Lines of UTF-8 without control characters but tabs and colours; None where it is other bytes, or nothing."""
    try:
        text = delivery.body.decode()
    except UnicodeDecodeError:
        return None
    if any(ord(c) < 32 and c not in "\t\r\n\x1b" for c in text):
        return None
    source, kind, time = source_of(None, delivery), kind_of(delivery), stamped(delivery)
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return [Decoded(source, kind, time, {"message": line}) for line in lines if line.strip()] or None
