"""Each message goes to the decoder of its producer, and the others decline it."""

import pytest

from minerlib.event.decode import DECODERS, Delivery, decode

from .captures import CAPTURES, captured
from .samples import SAMPLES

OF = {
    "amqp_publish_bash": ("json", "text"), "collectd_command": ("collectd",), "collectd_graphite": ("collectd",),
    "collectd_json": ("collectd",), "syslogng_default_fanout": ("syslog_ng",), "syslogng_json_topic": ("syslog_ng",),
    "celery_events": ("celery",), "fedora_messaging": ("fedora",), "oslo_messaging": ("oslo",),
    "rabbitmq_event_exchange_310": ("rabbitmq",), "rabbitmq_event_exchange_405": ("rabbitmq",),
    "rabbitmq_firehose_310": ("firehose",),
}  # fmt: skip
ANYBODY = {"headers", "json", "text"}  # read what any producer may say


def readers(delivery: Delivery) -> set[str]:
    """Those who would read a message, of them that know a producer."""
    return {name for name, decoder in DECODERS.items() if decoder(delivery)} - ANYBODY


@pytest.mark.parametrize("capture", CAPTURES)
def test_each_capture_has_its_decoder(capture: str):
    """No other reads it, unless it reads anybody's; but collectd's lines for Graphite are Graphite's too."""
    for delivery in captured(capture):
        name, _ = decode(delivery)
        assert name in OF[capture]
        assert readers(delivery) - {name} <= ({"graphite"} if capture == "collectd_graphite" else set())


@pytest.mark.parametrize("producer", SAMPLES)
def test_each_sample_has_its_decoder(producer: str):
    """The same for those of which there is no capture."""
    for delivery in SAMPLES[producer]:
        assert decode(delivery)[0] == producer
        assert readers(delivery) <= {producer}


def test_every_decoder_has_something_to_read():
    """A capture or a sample, which the tests mutate."""
    assert {*DECODERS, "raw"} == {*SAMPLES, *(name for names in OF.values() for name in names)}


def test_those_who_read_anybodys_are_asked_after_the_producers():
    """Of headers alone, of JSON, of lines."""
    names = list(DECODERS)
    assert names.index("headers") > max(map(names.index, ("firehose", "rabbitmq", "syslog_ng")))
    assert names.index("json") > max(map(names.index, ("cloudevents", "oslo", "celery", "logstash", "fluentd")))
    assert names[-1] == "text"
