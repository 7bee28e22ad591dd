"""The event itself."""

from minerlib.event import Event
from minerlib.event.moment import SECOND


def test_an_event_prints_as_a_line():
    """Time, scope, source, kind, and what was said."""
    event = Event(
        time=0, seen=SECOND, epoch="e", offset=1, part=0,
        company="a", system="b", environment="c", source="web", kind="x.y", body={"v": 1},
    )  # fmt: skip
    assert str(event) == '1970-01-01T00:00:00.000000Z a.b.c web x.y {"v":1}'
    assert event.scope == "a.b.c"
