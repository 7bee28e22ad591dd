"""The fields that a rule reads, and those that are not there."""

from story import rule

from minerlib.rule.fields import fields_of, unknown_fields

READS = rule(
    by=["source", "port", "disk.name"], where="body.source = 'x' and v > 1 and kind <> 'tick'",
    measure={"ratio": {"of": "status >= 500", "to": "v"}, "over": "5m", "every": "1m"},
)  # fmt: skip


def test_all_that_is_read_of_a_body():
    """By, where and what is measured, each once; the columns of an event are none."""
    assert fields_of(READS) == ("port", "disk.name", "source", "v", "status")
    assert fields_of(rule()) == ("v",)
    assert fields_of(rule(levels=None, measure=None, missing={"after": "1m", "then": "alert"})) == ()


def test_what_no_event_has():
    """With the nearest that there is; an object is there where one of its fields is."""
    there = ["port", "disk.name", "body.source", "v", "statuses"]
    assert unknown_fields(READS, there) == {"status": "statuses"}
    assert unknown_fields(rule(by=["disk"]), there) == {}
    assert unknown_fields(rule(measure={"of": "x"}), there) == {"x": None}
