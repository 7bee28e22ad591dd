"""The picture of a live view, folded from events: what is drawn, what is bounded, what is only text."""

from typing import Any

import msgspec

from minerlib.event.event import Event
from minerlib.event.moment import SECOND
from minerlib.views.picture import KINDS, KNOWN, LINES, ROWS, SPAN, Picture

BEGIN = 1_700_000_000 * SECOND


def event(body: Any, *, at: float = 0, kind: str = "cpu", source: str = "web-1", raw: bytes | None = None) -> Event:
    moment = BEGIN + int(at * SECOND)
    return Event(
        time=moment, seen=moment, epoch="", offset=0, part=0, company="acme", system="web", environment="prod",
        source=source, kind=kind, body=body, raw=raw,
    )  # fmt: skip


def frame(*events: Event, at: float = 0) -> dict[str, Any]:
    picture = Picture()
    picture.add(events)
    return picture.frame(BEGIN + int(at * SECOND))


def test_bars_count_events_by_second_and_kind() -> None:
    """A bar is [seconds ago, count of each kind], from totals that only grow."""
    picture = Picture()
    for totals, at in (({"cpu": 1}, 1), ({"cpu": 2, "disk": 1}, 1.1), ({"cpu": 3, "disk": 1}, 2.9)):
        picture.count(totals, BEGIN + int(at * SECOND))
    drawn = picture.frame(BEGIN + 3 * SECOND)
    assert drawn["kinds"] == ["cpu", "disk"]
    assert drawn["bars"] == [[2, 2, 1], [1, 1, 0]]


def test_many_kinds_share_a_colour() -> None:
    """The first few kinds have a colour of their own, the others are counted together."""
    picture = Picture()
    picture.count({f"kind-{number}": 1 for number in range(KINDS + 3)}, BEGIN)
    drawn = picture.frame(BEGIN)
    assert drawn["kinds"] == [*(f"kind-{number}" for number in range(KINDS)), "others"]
    assert drawn["bars"] == [[0, *[1] * KINDS, 3]]


def test_a_line_for_each_instance_of_a_numeric_field() -> None:
    """Instances are told apart by source and short texts; a line has one value a second, the latest."""
    drawn = frame(
        *(
            event({"mount": mount, "used_pct": base + at, "ok": True, "time": 3}, at=at, kind="disk")
            for at in (0, 1, 1.5)
            for mount, base in (("/", 10), ("/var", 20))
        ),
        at=2,
    )
    lines = [(line["instance"], line["field"], line["points"]) for line in drawn["lines"]]
    assert lines == [
        ("web-1 /", "used_pct", [[2, 10.0], [1, 11.5]]),
        ("web-1 /var", "used_pct", [[2, 20.0], [1, 21.5]]),
    ]
    assert drawn["more"] == 0


def test_what_never_moves_is_no_line() -> None:
    """A total that stays the same is not drawn, nor counted as missing."""
    drawn = frame(event({"total": 5}), event({"total": 5}, at=1), at=1)
    assert (drawn["lines"], drawn["more"]) == ([], 0)


def test_lines_keep_their_place() -> None:
    """Kinds take turns at the places; a line once drawn stays where it is."""
    picture = Picture()
    for at in (0, 1):
        picture.add(
            [event({f"f{number}": at for number in range(2 * LINES)}, at=at), event({"x": at}, at=at, kind="b")]
        )
    before = [(line["kind"], line["field"]) for line in picture.frame(BEGIN)["lines"]]
    assert len(before) == LINES
    assert before[1] == ("b", "x")
    for at in (2, 3):
        picture.add([event({"y": at}, at=at, kind="c")])
    assert [(line["kind"], line["field"]) for line in picture.frame(BEGIN)["lines"]] == before


def test_bounded() -> None:
    """A flood of events, kinds, fields, instances and text makes no frame large, and is spoken of."""
    picture = Picture()
    for second in range(3 * SPAN):
        bodies = ({f"field-{second}-{number}": second, "text": "x" * 5000} for number in range(300))
        picture.add([event(body, at=second, kind=f"k{number}") for number, body in enumerate(bodies)])
        picture.count({f"k{number}": second + 1 for number in range(300)}, BEGIN + second * SECOND)
    drawn = picture.frame(BEGIN + 3 * SPAN * SECOND)
    assert len(drawn["rows"]) == ROWS
    assert len(drawn["bars"]) <= SPAN + 1
    assert drawn["more"] > KNOWN
    assert len(msgspec.json.encode(drawn)) < 60_000


def test_rows_are_newest_first_and_text() -> None:
    """A row is its number, time, source, kind, and the body as pairs of texts, whatever the body is."""
    bodies = [{"a": {"b": 1234.5678}, "n": 8_123_456_789, "x": 1e10}, [1, 2], None, "<b>", {"deep": {}, "l": [1]}]
    drawn = frame(*(event(body) for body in bodies), event(None, raw=b"\xff<i>"))
    assert [row[0] for row in drawn["rows"]] == [6, 5, 4, 3, 2, 1]
    assert [row[4] for row in reversed(drawn["rows"])] == [
        [["a.b", "1234.57"], ["n", "8,123,456,789"], ["x", "10,000,000,000"]],
        [["", "[1,2]"]],
        [["", "null"]],
        [["", "<b>"]],
        [["deep", "{}"], ["l", "[1]"]],
        [["unreadable", "\\xff<i>"]],
    ]
    assert drawn["rows"][0][1:4] == ["22:13:20.000", "web-1", "cpu"]
