"""All decoders, in the order in which they are asked: the more a producer gives itself away, the earlier."""

from collections.abc import Mapping
from functools import partial

from minerlib.event.decode import (
    celery,
    cloudevents,
    collectd,
    fedora,
    firehose,
    fluentd,
    graphite,
    headers,
    influx,
    json,
    logstash,
    oslo,
    rabbitmq,
    syslog,
    syslog_ng,
    text,
)
from minerlib.event.decode.defaults import raw, whole
from minerlib.event.decode.delivery import Decoded, Decoder, Delivery
from minerlib.event.decode.unpack import unpack

_PRODUCERS: dict[str, Decoder] = {
    "rabbitmq": rabbitmq.decode,
    "fedora": fedora.decode,
    "cloudevents": cloudevents.decode,
    "syslog_ng": syslog_ng.decode,
    "headers": headers.decode,
    "collectd": collectd.decode,
    "oslo": oslo.decode,
    "celery": celery.decode,
    "logstash": logstash.decode,
    "fluentd": fluentd.decode,
    "json": json.decode,
    "syslog": syslog.decode,
    "influx": influx.decode,
    "graphite": graphite.decode,
    "text": text.decode,
}


_KEEPERS = ("firehose", "syslog_ng", "cloudevents")  # have the headers in the body under other names


def _first(decoders: Mapping[str, Decoder], delivery: Delivery) -> tuple[str, list[Decoded]]:
    for name, decoder in decoders.items():
        found = decoder(delivery)
        if found:
            headers = {} if name in _KEEPERS else delivery.headers
            if headers or delivery.message_id:
                found = [each if each.raw is not None else whole(each, headers, delivery.message_id) for each in found]
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
