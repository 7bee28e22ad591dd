"""All decoders, in the order in which they are asked: the more a producer gives itself away, the earlier."""

from collections.abc import Mapping
from functools import partial

from minerlib.event.decode import (
    collectd,
    firehose,
    graphite,
    headers,
    influx,
    json,
    rabbitmq,
    syslog,
    syslog_ng,
    text,
)
from minerlib.event.decode.defaults import raw
from minerlib.event.decode.delivery import Decoded, Decoder, Delivery
from minerlib.event.decode.unpack import unpack

_PRODUCERS: dict[str, Decoder] = {
    "rabbitmq": rabbitmq.decode,
    "syslog_ng": syslog_ng.decode,
    "headers": headers.decode,
    "collectd": collectd.decode,
    "json": json.decode,
    "syslog": syslog.decode,
    "influx": influx.decode,
    "graphite": graphite.decode,
    "text": text.decode,
}


def _first(decoders: Mapping[str, Decoder], delivery: Delivery) -> tuple[str, list[Decoded]]:
    for name, decoder in decoders.items():
        found = decoder(delivery)
        if found:
            return name, found
    return "raw", [raw(delivery)]


DECODERS: dict[str, Decoder] = {
    "firehose": partial(firehose.decode, inner=partial(_first, _PRODUCERS)),  # a trace of a trace is read as a message
    **_PRODUCERS,
}


def decode(delivery: Delivery) -> tuple[str, list[Decoded]]:
    """The producer's name, as in DECODERS, and the events of a message, at least one. `raw` where nobody reads it.

    >>> decode(Delivery(body=b'{"host": "web-1", "load": 0.4}', exchange="app", key="load"))
    ('json', [Decoded(source='web-1', kind='load', time=None, body={'host': 'web-1', 'load': 0.4}, raw=None)])
    """
    return _first(DECODERS, unpack(delivery))
