"""Nodes: what goes in, what comes out, and when."""

import re
from collections.abc import Callable

import pytest

from minerlib.errors import SettingError
from minerlib.event import Event
from minerlib.pipe import Node, by, changed, count, dedupe, every, map, pipe, throttle, where

from .drawn import at, drawing

DRAWN: list[tuple[str, Callable[[], Node], str, str]] = [
    ("where passes what fits",
     lambda: where(mark="a"),
     "a b a+b . a",
     "a . a . a"),
    ("where takes a function",
     lambda: where(lambda event: event.body["mark"] > "a"),
     "a b a+b . c",
     ". b b . c"),
    ("changed passes the first and what differs from the one before",
     lambda: changed("mark"),
     "a a b b a a",
     "a . b . a ."),
    ("changed of each key has a memory of its own",
     lambda: by("mark", lambda: changed("mark")),
     "a b a b a",
     "a b . . ."),
    ("every passes the newest of a span when it is over",
     lambda: every("3s"),
     "a b . . c . . d . .",
     ". . . b . . c . . d"),
    ("every gives out with the next event where nothing ticks",
     lambda: every("3s"),
     "a+b c d e f",
     ". . . d . | f"),
    ("every drops what belongs to a span that was given out",
     lambda: every("3s"),
     "a . . b c/1 .",
     ". . . a . . | b"),
    ("throttle passes so many a span, which begins with an event",
     lambda: throttle(2, "5s"),
     "a b c d . . e f g",
     "a b . . . . e f ."),
    ("throttle of each key",
     lambda: by("mark", lambda: throttle(1, "5s")),
     "a a b b a a",
     "a . b . . a"),
    ("dedupe passes the same once a span",
     lambda: dedupe("mark", "5s"),
     "a . a . b . a . a . b . a",
     "a . . . b . a . . . b . a"),
    ("dedupe remembers until the span is over",
     lambda: dedupe("mark", "5s"),
     "a . . . a a",
     "a . . . . a"),
    ("dedupe forgets the oldest where there are too many",
     lambda: dedupe("mark", "1h", most=2),
     "a b a c a",
     "a b . c a"),
    ("count gives out a window when it was over for as long as events may be late",
     lambda: count(over="2s", late="1s"),
     "a+a a . a . a . .",
     ". . . 3@0 . 1@2 . 1@4"),
    ("count of each value",
     lambda: count(by="mark", late="0s"),
     "a+b+a . b .",
     ". 2a@0+1b@0 . 1b@2"),
    ("count waits for the late ones",
     lambda: count(late="2s"),
     "a . a/0 . .",
     ". . . 2@0 ."),
    ("count gives what is later than that beside the others",
     lambda: count(late="0s"),
     "a . a/0 . .",
     ". 1@0 . 1@0 ."),
    ("count gives out at the end what it has",
     lambda: count(),
     "a b c",
     ". . . | 1@0+1@1+1@2"),
    ("count gives out the oldest window where too many keys wait",
     lambda: count(by="mark", late="1h", most=2),
     "a b c",
     ". . 1a@0 | 1b@1+1c@2"),
    ("nodes one behind the other are a node",
     lambda: pipe(throttle(2, "1h"), every("2s")),
     "a b c d e .",
     ". . b . . ."),
    ("a key that was silent for long begins anew",
     lambda: by("mark", lambda: changed("mark"), idle="3s"),
     "a a . . . a",
     "a . . . . a"),
    ("what a key holds comes out when it is forgotten",
     lambda: by("mark", lambda: every("1h"), idle="3s"),
     "a b . b . b",
     ". . . a . . | b"),
    ("of too many keys the one silent for longest is forgotten",
     lambda: by("mark", lambda: every("1h"), most=2),
     "a b a c",
     ". . . b | a+c"),
    ("every is not held up by an event of the future",
     lambda: every("3s"),
     "a b c/9999 d e f g",
     ". . b c . . f | g"),
    ("throttle neither",
     lambda: throttle(2, "5s"),
     "a c/9999 d e f g h",
     "a c d e . . ."),
    ("count neither",
     lambda: count(late="0s"),
     "a c/9999 a a . .",
     ". 1@0 . 1@2 1@3 . | 1@9999"),
    ("by neither",
     lambda: by("mark", lambda: every("1h"), idle="3s"),
     "c/9999 a . . . b . .",
     ". . . . c+a . . . | b"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "node", "given", "out"), DRAWN, ids=[drawn[0] for drawn in DRAWN])
def test_drawn(said: str, node: Callable[[], Node], given: str, out: str) -> None:
    """A column a second: what happened, and what came out."""
    assert drawing(node(), given=given) == out


@pytest.mark.parametrize("node", [changed, dedupe, every, throttle, count], ids=lambda node: node.__name__)
def test_the_drawing_of_its_docstring_is_true(node: type) -> None:
    """What `in` gives is what `out` says, second for second, until the drawing ends."""
    lines = {line.split()[0]: line for line in (node.__doc__ or "").splitlines() if line.strip()}
    time, call, _ = re.split(r"([a-z]+\(.*\))", lines["time"])
    columns = [match.start() for match in re.finditer(r"\d+", time)]

    def drawn(line: str) -> str:
        ends = [*columns[1:], columns[-1] + 4]
        cells = (line[begin:end].split() for begin, end in zip(columns, ends, strict=True))
        return " ".join("+".join(cell) or "." for cell in cells)

    made = eval(call, {node.__name__: node})
    assert drawing(made, given=drawn(lines["in"])).partition(" | ")[0] == drawn(lines["out"])


def test_where_by_kind() -> None:
    """A text is a pattern of kinds; the workbench's own kinds are there only when named."""
    assert where("test.#")(at(0))
    assert where("#")(Event.of("alert.hot", {}, time=0)) is None
    assert where("alert.#")(Event.of("alert.hot", {}, time=0))


def test_where_about_the_event_itself() -> None:
    """`source` is the event's own; the field of that name is `body.source`."""
    event = Event.of("test", {"source": "inside", "port": {"dst": 22}}, source="web-1", time=0)
    assert where(source="web-1")(event)
    assert where(**{"body.source": "inside"})(event)
    assert where(**{"port.dst": 22})(event)
    assert where(source="inside")(event) is None


def test_map() -> None:
    """Another body, kind and source; an Event is taken as it is."""
    event = at(0, bytes=2_000_000)
    made = map(lambda event: {"mb": event.body["bytes"] / 1e6}, kind="traffic.mb", source=lambda event: "all")(event)
    assert (made.kind, made.source, made.body, made.time) == ("traffic.mb", "all", {"mb": 2.0}, event.time)
    assert map(lambda event: at(5))(event) == at(5)


def test_dedupe_of_all_that_was_said() -> None:
    """Without a key: source, kind and body have to be the same, and what the body calls its time does not matter."""
    node = dedupe()
    first = Event.of("test", {"time": "2026-09-23T12:00:00Z", "n": 1}, source="web-1")
    again = Event.of("test", {"n": 1, "time": "2026-09-23T12:00:05Z"}, source="web-1")
    other = Event.of("test", {"n": 1, "time": "2026-09-23T12:00:05Z"}, source="web-2")
    assert [bool(node(event)) for event in (first, again, other)] == [True, False, True]


def test_a_count_is_an_event() -> None:
    """About the same source, at the begin of its window, with the fields it counted by."""
    node = count(by=("src", "port"), over="500ms")
    for _ in range(3):
        node(at(0.7, src="10.0.0.1", port=22))
    (made,) = node.flush()
    assert (made.kind, made.source, made.scope, made.time) == ("count.test", "web-1", "acme.web.prod", at(0.5).time)
    assert made.body == {"count": 3, "seconds": 0.5, "src": "10.0.0.1", "port": 22}


def test_a_count_by_a_function() -> None:
    """What it gave is the field `key`; a field that is not there is left out."""
    node = count(by=lambda event: event.body["src"].rpartition(".")[0])
    node(at(0, src="10.0.0.1"))
    node(at(0, src="10.0.0.9"))
    assert [made.body for made in node.flush()] == [{"count": 2, "seconds": 1, "key": "10.0.0"}]
    node = count(by="src")
    node(at(0))
    assert [made.body for made in node.flush()] == [{"count": 1, "seconds": 1}]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: where(), "lets everything pass"),
        (lambda: every("0s"), "A span cannot be '0s'"),
        (lambda: count(by="count"), "says 'count' itself"),
        (lambda: throttle(1, "soon"), "not a duration"),
    ],
)
def test_what_cannot_be_meant(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        make()
