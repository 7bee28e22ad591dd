"""What Celery workers say of themselves and their tasks (`celery worker -E`), alone or many in an array (task.multi).

The source is the worker (`w1@web1`), the kind `celery.` and the type with dots (`celery.task.failed`), the body the
event as it is. `timestamp` is time.time() where it was sent: seconds since 1970, UTC. `utcoffset` is the zone of that
machine, and changes nothing of it.
"""

from typing import Any

from minerlib.event.decode.defaults import clean_kind, kind_of, stamped
from minerlib.event.decode.delivery import Decoded, Delivery
from minerlib.event.decode.json import objects
from minerlib.event.decode.times import in_unit

_ALWAYS = {"type", "hostname", "timestamp", "utcoffset", "pid", "clock"}


def decode(delivery: Delivery) -> list[Decoded] | None:
    """An event an object; None where none has all that Celery always says."""
    return objects(delivery, _event) if b'"utcoffset"' in delivery.body else None


def _event(said: dict[str, Any], delivery: Delivery) -> Decoded | None:
    type_, worker, time = said.get("type"), said.get("hostname"), said.get("timestamp")
    if not said.keys() >= _ALWAYS or not isinstance(type_, str) or not isinstance(worker, str) or not worker:
        return None
    moment = in_unit(time, "s") if isinstance(time, (int, float)) and not isinstance(time, bool) else None
    kind = clean_kind(type_.replace("-", ".")) or kind_of(delivery)
    return Decoded(worker, f"celery.{kind}", stamped(delivery) if moment is None else moment, said)
