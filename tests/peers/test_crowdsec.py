"""CrowdSec's own test cases: its scenarios, as rules over its log lines, alert of the sources that it says they do."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minerlib.event.moment import SECOND
from minerlib.rule import Events, Rule, backtest

from .crowdsec.folder import Case, case, names, scenarios
from .crowdsec.lines import body, events, stream
from .crowdsec.scenario import BY_HAND, CHANGED, LISTS, ladder, where, wide

# Folders whose lines are read, and whose scenario no rule of ours says.
NOT_SAID = {
    "aws-nwo-login": "the hour and the weekday of an event are no fields",
    "dovecot-time-based-bf-user-enum": "the median of the times between the last four events",
    "ssh-time-based-bf": "the median of the times between the last four events",
    "sshd-impossible-travel-user": "how far the places of two addresses are from each other",
}
NOT_READ = {
    "k8s-audit-priv-pod-file": "what is asked for is in a list, and no expression looks through one",
    "magento-ccs-by-as": "counts by the network of an address, which is looked up elsewhere",
    "teleport-impossible-travel": "how far the places of two addresses are from each other",
}
# Folders where one window says something else than the bucket.
WIDER = {
    "CVE-2024-38475": "four in 13s: with one leaked every 10s no bucket of three runs over, but all are within 30s",
    "mongodb-bf": "six in 38s: with one leaked every 20s no bucket of five runs over, but all are within 100s",
    "paperless-ngx-bf": "six in 4m, one of them leaked every minute: an alert more",
}
OTHERWISE = {
    "gitea-bf": "three log-ins before 13:00:01 and three an hour earlier, which alert where a clock may go back",
    "pterodactyl-wings-bf": "nine of ten log-ins alert where a bucket holds ten; their times go back by half an hour",
    "zoneminder-bf": "wrong passwords alert too, and the scenario given counts unknown names",
}
# Lines that no parser knows: how many, and why that is right. Empty ones are left out.
UNREAD = {
    "CVE-2023-4911": (2, "the kernel's other lines"),
    "endlessh-logs": (58, "connections closed, settings"),
    "fireflyiii-bf": (4, "remarks"),
    "iptables-scan-multi-port": (16, "packets that a firewall let through"),
    "k8s-audit-priv-pod-file": (1, "not read"),
    "magento-ccs-by-as": (22, "not read"),
    "modsecurity": (1, "without a severity"),
    "ntfy-bf": (10, "other steps of a request"),
    "pureftpd-bf": (1, "a log-in that is right"),
    "radarr-bf": (1, "a log-in that is right"),
    "sympa_ww-http-scan": (5, "an address that is none"),
    "teleport-impossible-travel": (2, "not read"),
    "zoneminder-bf": (4, "a remark, log-ins that are right, or by token"),
}


def alerted(rules: Iterable[Rule], of: Case) -> Counter[str | None]:
    """How often each instance alerts."""
    history = Events(events(of.family, of.lines))
    found = (alert for rule in rules for alert in backtest(rule, history).alerts)
    return Counter(next(iter(alert.instance.values()), None) for alert in found)


def told(of: Case, by: str) -> Counter[str | None]:
    """How often each source alerts, as it is expected; None where that says no source."""
    alerts = [alert for alert in of.alerts if alert["scenario"] == by]
    return Counter(source.get("value") for alert in alerts for source in alert.get("sources", [{}]))


def same(found: Counter[str | None], expected: Counter[str | None]) -> bool:
    """The same sources, as often; only how many alerts where nothing is said of sources."""
    return found.total() == expected.total() if set(expected) == {None} else found == expected


@pytest.fixture(scope="module")
def said() -> list[Case]:
    """The cases that rules of ours say."""
    return [case(name) for name in names() if name not in NOT_SAID | NOT_READ]


def test_every_case_has_its_place() -> None:
    """113 folders: 100 alert the same by one window, 3 alert of more, 3 are otherwise, 4 are not said, 3 not read."""
    tables = [NOT_SAID, NOT_READ, WIDER, OTHERWISE]
    placed = [name for table in tables for name in table]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(names())
    assert [len(names()), *map(len, tables)] == [113, 4, 3, 3, 3]


def test_every_line_is_read_or_told_of() -> None:
    """A line that no parser knows is no event, and is one of those in the table."""
    left = {}
    for each in map(case, names()):
        count = sum(body(each.family, line) is None for line in each.lines if line.strip())
        if count:
            left[each.name] = count
    assert left == {name: count for name, (count, _) in UNREAD.items()}


def test_one_window_alerts_of_the_same_sources(said: list[Case]) -> None:
    """More than a bucket holds, within the time in which a full one runs empty: the same sources, as often; where they
    are not the same, the folder is in a table."""
    given = scenarios()
    different = {
        each.name for each in said for by in each.scenarios
        if not same(alerted([wide(by, given[by])], each), told(each, by))
    }  # fmt: skip
    assert different == set(WIDER | OTHERWISE)


def test_where_one_window_is_wider_it_alerts_of_more_and_not_of_less(said: list[Case]) -> None:
    """A window of the whole time misses no bucket that runs over."""
    given = scenarios()
    for each in said:
        for by in each.scenarios if each.name not in OTHERWISE else ():
            found, expected = alerted([wide(by, given[by])], each), told(each, by)
            assert set(expected) == {None} or expected <= found, (each.name, by)


def test_windows_of_every_length_alert_of_the_same_sources(said: list[Case]) -> None:
    """A window for every number of drops leaked is what a bucket is: none of the folders is wider by these."""
    given = scenarios()
    different = {
        each.name for each in said for by in each.scenarios
        if set(told(each, by)) != {None} and set(alerted(ladder(by, given[by]), each)) != set(told(each, by))
    }  # fmt: skip
    assert different == set(OTHERWISE)


def test_which_conditions_are_written_by_hand() -> None:
    """All others are CrowdSec's, word for word in SQL; nine stand for a list that is not among the data."""
    assert (len(BY_HAND), len(LISTS), len(CHANGED)) == (9, 9, 2)
    given = scenarios()
    assert set(BY_HAND) | set(LISTS) | set(CHANGED) <= set(given)
    assert where("crowdsecurity/iptables-scan-multi_ports", given["crowdsecurity/iptables-scan-multi_ports"]) == (
        "\"log_type\" = 'iptables_drop' and \"service\" = 'tcp'"
    )


def runs_over(times: list[int], capacity: int, leak: int) -> bool:
    """Whether a bucket that holds so many drops, and loses one in so long, runs over at any of these times."""
    level, last = 0.0, times[0]
    for time in times:
        level = max(0.0, level - (time - last) / leak) + 1
        last = time
        if level > capacity + 1e-9:
            return True
    return False


@settings(deadline=None)
@given(st.integers(1, 4), st.integers(1, 9), st.data())
def test_a_bucket_between_its_windows(capacity: int, leak: int, data: st.DataObject) -> None:
    """Of up to twice as many events as it holds: it runs over just where one of the windows of every length holds too
    many, and nowhere where the widest does not."""
    times = sorted(data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=2 * capacity)))
    history = Events(stream([(time * SECOND, {"v": 1}) for time in times]))
    scenario = {"filter": "evt.Meta.v == 1", "capacity": capacity, "leakspeed": f"{leak}s"}
    over = runs_over(times, capacity, leak)
    assert any(backtest(rule, history).alerts for rule in ladder("a/bucket", scenario)) == over
    assert backtest(wide("a/bucket", scenario), history).alerts or not over
