"""Log templates: right on real logs, few in memory, and a sentence about what changed."""

import csv
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import beside
import polars as pl
import pytest
from drain3.masking import LogMasker, MaskingInstruction

from minerlib.errors import MineError, SettingError
from minerlib.mine import FrameHistory, templates
from minerlib.mine import given as given_module
from minerlib.mine.wording.masks import LONGEST, PATTERNS, cleaned, masked
from minerlib.rule import backtest

START = datetime(2026, 11, 2, tzinfo=UTC)
DAY = 86400
COLOURS = ["red", "green", "blue", "pink", "grey"]


def log(messages: Sequence[str | None], seconds: Sequence[float] | None = None, **more: Any) -> pl.DataFrame:
    """Lines of one program, one a second where nothing else is said."""
    times = [START + timedelta(seconds=second) for second in seconds or range(len(messages))]
    return pl.DataFrame({"time": times, "message": messages, **more}, schema_overrides={"message": pl.String})


@pytest.fixture(scope="module")
def ten_days() -> pl.DataFrame:
    """What is usual, and on the last day: a disk that fails, something new, a backup that no longer comes."""
    rng, rows = random.Random(1), list[tuple[float, str]]()
    for day in range(10):
        for at in (day * DAY + rng.randrange(DAY) for _ in range(100)):
            user, host, port = rng.randrange(50), rng.randrange(255), rng.randrange(65535)
            rows.append((at, f"Failed password for user{user} from 10.0.0.{host} port {port}"))
        for at in (day * DAY + rng.randrange(DAY) for _ in range(8 if day < 9 else 120)):
            rows.append((at, f"disk error on /dev/sd{rng.choice('abcd')}1, sector {rng.randrange(10**9)}"))
        for n in range(20 if day < 8 else 0):
            rows.append((day * DAY + n, f"backup of volume {n} finished in {rng.randrange(100)}s"))
    rows += [(9.5 * DAY + n, f"Out of memory: killed process {n} (java)") for n in range(9)]
    rows += [(0, "up"), (10 * DAY - 1, "up")]
    rows.sort()
    return log([text for _, text in rows], [at for at, _ in rows]).with_columns(
        source=pl.lit("web-1"), kind=pl.lit("log.kernel")
    )


def accuracy(found: Sequence[object], truth: Sequence[object]) -> float:
    """Zhu et al.'s grouping accuracy: the share of lines whose group is exactly a group of the truth."""
    groups: dict[object, set[int]] = defaultdict(set)
    right: dict[object, set[int]] = defaultdict(set)
    for line, (one, other) in enumerate(zip(found, truth, strict=True)):
        groups[one].add(line)
        right[other].add(line)
    return sum(groups[one] == right[other] for one, other in zip(found, truth, strict=True)) / len(truth)


@pytest.mark.parametrize(
    ("name", "header", "least"),
    [
        ("Apache", r"\[[^]]*\] \[[^]]*\] ", 1.0),
        ("OpenSSH", r"\w+ +\d+ \S+ \S+ sshd\[\d+\]: ", 0.93),
        ("Linux", r"\w+ +\d+ \S+ \S+ .*?(\[\d+\])?: ", 0.81),
        ("Zookeeper", r"\S+ \S+ - \S+ +\[.*?@\d+\] - ", 0.99),
    ],
)
def test_lines_of_real_logs_are_grouped_as_people_group_them(name: str, header: str, least: float) -> None:
    """At least what is measured in docs/benchmarks.md, with and nearly without the lines' headers."""
    lines = beside.text("loghub", f"{name}_2k.log").splitlines()
    truth = [row["EventId"] for row in csv.DictReader(beside.text("loghub", f"{name}_2k.events.csv").splitlines())]
    contents = [re.sub(f"^{header}", "", line) for line in lines]
    assert accuracy(templates(log(contents)).of(contents).to_list(), truth) >= least
    assert accuracy(templates(log(lines)).of(lines).to_list(), truth) >= least - 0.01


def test_the_masks_are_drain3s_own_instructions_in_polars() -> None:
    """Over real lines, drain3's masker given the same patterns says the same."""
    masker = LogMasker([MaskingInstruction(pattern, "*") for pattern in PATTERNS.values()], "<", ">")
    lines = [
        line for path in beside.files("loghub", "*_2k.log") for line in path.read_text(errors="replace").splitlines()
    ]
    frame = pl.DataFrame({"message": lines}).select(cleaned(pl.col("message")))
    ours = frame.select(masked(pl.col("message"))).to_series().to_list()
    assert ours == [masker.mask(line) for line in frame["message"]]


@pytest.mark.parametrize(
    ("message", "masks"),
    [
        ("from 203.0.113.9:22 to /10.0.0.1/24", "from <*> to <*>"),
        ("at 2026-11-02T03:04:05.678Z or Fri Jul  1 07:57:30 2005", "at <*> or <*>"),
        ("id 0xdeadBEEF, 123e4567-e89b-12d3-a456-426614174000", "id <*>"),
        ("read /var/lib/x.db in 12ms, 3.5 KB", "read <*> in <*>"),
        ("eth0 is up; user2 too", "eth0 is up; user2 too"),
        ("a\tb\x00\x1b[K c\u2028d\n", "a b [K c d"),
    ],
)
def test_what_is_masked(message: str, masks: str) -> None:
    """Times, addresses, paths, numbers; names keep their digits; what steers a terminal is a blank."""
    assert pl.select(masked(cleaned(pl.lit(message)))).item() == masks


def test_few_words_make_templates_of_their_own() -> None:
    """Opened and closed are told apart, the eight users are not, nor are words that more than four stand for."""
    lines = [f"session {'opened' if n % 2 else 'closed'} for user {'abcdefgh'[n % 8] * 3} by root" for n in range(80)]
    lines += [f"the colour is {COLOURS[n % 5]} today" for n in range(20)]
    found = templates(log(lines)).frame
    assert sorted(found["template"]) == [
        "session closed for user <*> by root", "session opened for user <*> by root", "the colour is <*> today",
    ]  # fmt: skip
    assert found.filter(pl.col("template").str.contains("colour"))["variables"].to_list() == [["blue | green | grey"]]


def test_many_numbers_and_few_words_are_one_template() -> None:
    """Likeness is of the words: four of five are the same."""
    found = templates(log([f"k {n} v {n} q {n} r {n} {colour}" for n in range(9) for colour in COLOURS]))
    assert found.frame["template"].to_list() == ["k <*> v <*> q <*> r <*> <*>"]


def test_new_bursting_and_vanished_are_told(ten_days: pl.DataFrame) -> None:
    """And what is as usual is not."""
    found = templates(ten_days)
    states = dict(found.frame.select("template", "state").rows())
    assert states == {
        "Failed password for <*> from <*> port <*>": "usual",
        "disk error on <*>, sector <*>": "bursting",
        "backup of volume <*> finished in <*>": "vanished",
        "Out of memory: killed process <*> (java)": "new",
        "up": "usual",
    }
    row = found.frame.filter(pl.col("state") == "bursting").row(0, named=True)
    assert (row["count"], row["recent"], row["usual"]) == (192, 120, 8.0)
    assert '1 bursting, foremost "disk error on <*>, sector <*>" (120 instead of 8)' in found.says
    assert found.numbers["new"] == found.numbers["bursting"] == found.numbers["vanished"] == 1


def test_chance_is_not_called_a_burst() -> None:
    """Forty templates of steady rates, fifty histories: at most a few are ever called bursting."""
    rng, called = random.Random(5), 0
    words = [
        f"{a}{b}"
        for a in ("red", "green", "blue", "pink", "grey")
        for b in ("cat", "dog", "cow", "fox", "bee", "ant", "elk", "owl")
    ]
    for _ in range(10):
        rows = [(rng.random() * 10 * DAY, f"{word} seen here") for word in words for _ in range(100)]
        rows.sort()
        called += templates(log([text for _, text in rows], [at for at, _ in rows])).numbers["bursting"]
    assert called <= 1


def test_counts_by_source_add_up() -> None:
    """Lines of two hosts."""
    found = templates(log(["a 1", "a 2", "a 3", "b x"], source=["w1", "w1", "w2", "w2"]))
    assert found.by_source.rows() == [("a <*>", "w1", 2), ("a <*>", "w2", 1), ("b x", "w2", 1)]
    assert dict(found.frame.select("template", "sources").rows()) == {"a <*>": 2, "b x": 1}


def test_strange_lines_are_lines() -> None:
    """Empty ones, blanks, 100 kB, other scripts, control characters, what looks like our own mask; null is none."""
    lines = [
        "",
        "   ",
        "x" * 100_000,
        "w " * 50_000,
        "пароль 5 неверен",
        "пароль 6 неверен",
        "\x00\x07\x1b[31m",
        "<*> <*>",
        None,
        "🔥 7",
    ]
    found = templates(log(lines))
    counts = dict(found.frame.select("template", "count").rows())
    assert counts[""] == 2
    assert counts["пароль <*> неверен"] == 2
    assert found.numbers["lines"] == 9
    assert found.numbers["empty"] == 1
    assert found.numbers["long"] == 2
    assert found.frame["template"].str.len_chars().max() <= LONGEST
    assert found.frame["example"].str.len_chars().max() <= 300
    assert found.chart().to_json()


def test_no_more_templates_are_kept_than_said() -> None:
    """A thousand different lines, ten places: what was forgotten is told, what is kept is counted right."""
    letters = "abcdefghij"
    lines = [f"{a}{b}{c} {c}{a}{b} {b}{c}{a}" for a in letters for b in letters for c in letters] + [
        "last one here"
    ] * 5
    found = templates(log(lines), max_clusters=10)
    assert found.frame.height <= 10
    assert found.numbers["forgotten"]["lines"] + found.frame["count"].sum() == 1005
    assert found.frame["template"][0] == "last one here"
    assert "forgotten templates are left out" in found.says


def test_the_same_lines_give_the_same_templates_read_in_parts_or_whole(
    ten_days: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan in ten parts, and once more."""
    whole = templates(ten_days)
    monkeypatch.setattr(given_module, "_ROWS", 150)
    parts = [templates(ten_days.with_columns(pl.col("time").dt.cast_time_unit("us")).lazy()) for _ in range(2)]
    assert parts[0].frame.equals(parts[1].frame)
    columns = ["template", "count", "recent", "state"]
    assert parts[0].frame.select(columns).equals(whole.frame.select(columns))


def test_the_rule_watches_the_template_that_bursts(ten_days: pl.DataFrame) -> None:
    """By its `like`; the quiet days raise no more than was wanted, the day of the failure raises."""
    found = templates(ten_days)
    rule = found.rule(over="1h", alerts_per_day=0.3)
    assert str(rule.where) == "message like 'disk error on %, sector %'"
    alerts = backtest(rule, FrameHistory(ten_days, "log.kernel")).alerts
    days = [(alert.due / 1e6 - START.timestamp()) // DAY for alert in alerts]
    assert 9 in days
    assert sum(day < 9 for day in days) <= 3
    assert len(alerts) == rule.evidence["alerts"]["earlier"] + rule.evidence["alerts"]["later"]


def test_a_rule_of_another_template_may_be_had_by_row_or_text(ten_days: pl.DataFrame) -> None:
    """And one that is not there is refused."""
    found = templates(ten_days)
    assert "Failed password" in str(found.rule(0).where)
    assert "Out of memory" in str(found.rule("Out of memory: killed process <*> (java)").where)
    for strange in (99, "nothing like it"):
        with pytest.raises(SettingError, match="There is no"):
            found.rule(strange)
    with pytest.raises(MineError, match="No template is new or bursting"):
        templates(log(["a 1", "a 2", "a 1"])).rule()


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (log([]), "no events in this history"),
        (log([None, None]), "is empty in all of these events"),
        (log(["x"]).with_columns(message=pl.lit(3.5)), "holds Float64, not text"),
        (log(["x"]).rename({"message": "messages"}), "did you mean messages?"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(frame: pl.DataFrame, said: str) -> None:
    """What it is."""
    with pytest.raises(MineError, match=said):
        templates(frame)


def test_pandas_is_given_back() -> None:
    """With its index as the time."""
    found = templates(log(["a 1", "a 2"]).to_pandas().set_index("time"))
    assert list(found.frame["template"]) == ["a <*>"]
    assert found.says.startswith(
        "2 lines are of 1 template. In the last 250ms, a quarter of this short history: nothing"
    )
