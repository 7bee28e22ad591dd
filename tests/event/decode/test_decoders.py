"""Each message goes to the decoder of its producer, and the others decline it."""

import pytest

from minerlib.event.decode import DECODERS, decode

from .captures import CAPTURES, captured

OF = {
    "amqp_publish_bash": ("json", "text"), "collectd_command": ("collectd",), "collectd_graphite": ("collectd",),
    "collectd_json": ("collectd",), "syslogng_default_fanout": ("syslog_ng",), "syslogng_json_topic": ("syslog_ng",),
    "celery_events": ("json",), "fedora_messaging": ("json",), "oslo_messaging": ("json",),
    "rabbitmq_event_exchange_310": ("rabbitmq",), "rabbitmq_event_exchange_405": ("rabbitmq",),
    "rabbitmq_firehose_310": ("firehose",),
}  # fmt: skip
ANYBODY = {"headers", "json", "text"}  # read what any producer may say


@pytest.mark.parametrize("capture", CAPTURES)
def test_each_capture_has_its_decoder(capture: str):
    """One that is asked later may read it as well only where it reads anybody's; Graphite reads collectd's lines."""
    for delivery in captured(capture):
        name, _ = decode(delivery)
        assert name in OF[capture]
        able = {other for other, decoder in DECODERS.items() if decoder(delivery)}
        assert able - ANYBODY - {name} <= ({"graphite"} if capture == "collectd_graphite" else set())


def test_those_who_read_anybody_are_asked_last():
    """Before them all that know a producer; headers alone are read before bodies."""
    names = list(DECODERS)
    assert names.index("json") > names.index("syslog_ng")
    assert names[-1] == "text"
