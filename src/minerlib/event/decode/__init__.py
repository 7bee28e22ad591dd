"""Decoders: what foreign producers put on a bus, as events; chosen by what a message is, not by what it says it is."""

from minerlib.event.decode.decoders import DECODERS, decode
from minerlib.event.decode.delivery import Decoded, Decoder, Delivery

__all__ = ["DECODERS", "Decoded", "Decoder", "Delivery", "decode"]
