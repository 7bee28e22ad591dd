"""What real producers put on a broker, as it was recorded: `captures` of the data beside the checkout."""

from beside import text

from minerlib.event.decode import Delivery
from minerlib.event.decode.captured import captured as read
from minerlib.event.moment import SECOND

CAPTURES = (
    "amqp_publish_bash", "celery_events", "collectd_command", "collectd_graphite", "collectd_json", "fedora_messaging",
    "oslo_messaging", "rabbitmq_event_exchange_310", "rabbitmq_event_exchange_405", "rabbitmq_firehose_310",
    "syslogng_default_fanout", "syslogng_json_topic",
)  # fmt: skip
_DAY = 1_795_334_400 * SECOND  # they were recorded; one capture does not say when


def captured(name: str) -> list[Delivery]:
    """The messages of a capture, delivered when they were; the test skips where it is not there, and fails in CI."""
    return read(text("captures", f"{name}.jsonl").encode(), _DAY)
