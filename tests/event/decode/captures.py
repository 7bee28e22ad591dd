"""What real producers put on a broker, as it was recorded: `captures` of the data beside the checkout."""

import json
from datetime import datetime

from beside import text

from minerlib.event.decode import Delivery
from minerlib.event.moment import from_datetime

CAPTURES = (
    "amqp_publish_bash", "celery_events", "collectd_command", "collectd_graphite", "collectd_json", "fedora_messaging",
    "oslo_messaging", "rabbitmq_event_exchange_310", "rabbitmq_event_exchange_405", "rabbitmq_firehose_310",
    "syslogng_default_fanout", "syslogng_json_topic",
)  # fmt: skip
_DAY = "2026-11-22T08:00:00+00:00"  # they were recorded; one capture does not say when
_SAID = ("headers", "content_type", "content_encoding", "timestamp", "message_id", "app_id", "type")


def captured(name: str) -> list[Delivery]:
    """The messages of a capture, delivered when they were; the test skips where it is not there, and fails in CI."""
    return [_delivery(json.loads(line)) for line in text("captures", f"{name}.jsonl").splitlines()]


def _delivery(said: dict) -> Delivery:
    properties = said["properties"]
    return Delivery(
        body=said["body"].encode(),
        exchange=said["exchange"],
        key=said["routing_key"],
        at=from_datetime(datetime.fromisoformat(said.get("captured_at", _DAY))),
        **{name: properties[name] for name in _SAID if name in properties},
    )
