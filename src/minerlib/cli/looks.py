"""The looks at the past that `minerlib mine` has: what each is given, and its own options."""

from typing import Any, NamedTuple

import click

SIDES = ("high", "low", "both")
BY = "What one instance is, as in source,mount; default source."


class Look(NamedTuple):
    """One function of `minerlib.mine` as a verb.

    `given` is what the function takes: a scan of the kind, several scans, or the archive. `field` says whether it takes
    one: "must", "may", or "" for no. `options` are its arguments by their names; those in `rule` go to the finding's
    `rule` instead.
    """

    line: str
    about: str
    examples: tuple[str, ...]
    given: str = "scan"
    field: str = ""
    by: str = BY
    options: tuple[click.Option, ...] = ()
    rule: tuple[str, ...] = ()


def _option(name: str, text: str, **how: Any) -> click.Option:
    return click.Option([f"--{name}"], help=text, **how)


_OVER = _option("over", "Of the rule: the span it looks back over, 10m say.")
_LAST = _option("since-last", "What counts as new: not there before the last 7d, say.")
_A_DAY = _option("alerts-per-day", "How many alerts a day are bearable; default 1.", type=float)
_COUNTER = _option("counter", "The field only counts up: look at its rate.", is_flag=True)
_EVERY = _option("every", "The width of a bucket, 5m say; default what suits.")
_MOST = _option("most", "How many instances to look at, at most.", type=int)
_CONFIDENCE = _option("confidence", "Of the intervals; default 0.95.", type=float)
_WEIGHT = _option("weight", "Sum this field instead of counting events.")

LOOKS = {
    "profile": Look(
        "What is there: fields, ranges, cadence, what is missing.",
        "The first look at a kind: what its fields hold, how often each source tells, what could be --by and what to"
        " measure.",
        ("disk.usage", "'log.#' --since 7d"),
        by="",
    ),
    "spread": Look(
        "How the values of a field are spread, and its percentiles.",
        "Where the percentiles of a field lie, how sure that is, and how heavy its tail.",
        ("http.requests latency_ms --since 7d", "disk.usage used_pct --by source,mount --chart spread.svg"),
        field="must",
        options=(_CONFIDENCE,),
    ),
    "gaps": Look(
        "Who keeps quiet for longer than usual.",
        "How long each instance usually keeps quiet, which silences were unusual, who is silent now. The rule alerts of"
        " what is missing.",
        ("cpu.usage --since 30d", "cpu.usage --alerts-per-day 0.2 --rule silent.yaml"),
        options=(_A_DAY,),
    ),
    "trend": Look(
        "Where a field is going, and when it is full.",
        "The slope of a field for each instance and how sure it is, where it changed, and when it reaches its limit."
        " The rule alerts some time before that.",
        (
            "disk.usage used_pct --by source,mount --since 14d",
            "disk.usage used_pct --by source,mount --since 14d --lead 6h --rule full.yaml --chart disks.svg",
            "network.bytes received --by source,interface --counter",
        ),
        field="must",
        options=(
            _option("to", "The limit; 100 for a percentage.", type=float),
            _COUNTER, _EVERY, _MOST, _CONFIDENCE,
            _option("lead", "Of the rule: how long before the limit is reached, 6h say."), _A_DAY,
        ),
        rule=("lead", "alerts_per_day"),
    ),
    "season": Look(
        "What is usual at which hour.",
        "How much the hour of the day and the day of the week say about a field, and what is usual then. The rule"
        " alerts of what is far from that.",
        ("cpu.usage used_pct --since 28d --zone Europe/Berlin", "http.requests count --side low --rule quiet.yaml"),
        field="must",
        options=(
            _option("zone", "Whose hours, as in Europe/Berlin; default UTC."), _COUNTER, _EVERY, _MOST, _A_DAY,
            _option("side", "Of the rule: of which values to alert; default high.", type=click.Choice(SIDES[:2])),
        ),
        rule=("alerts_per_day", "side"),
    ),
    "top": Look(
        "The most frequent values of a field, and newcomers.",
        "The heavy hitters of a FIELD, or of several (source_ip,destination_port), who is new and who has gone. The"
        " rule alerts of a value that is seen too often, as for bans.",
        (
            "firewall.drop source_ip --since 30d",
            "firewall.drop source_ip --over 10m --alerts-per-day 2 --rule bans.yaml",
            "process.usage name --weight cpu_pct",
        ),
        field="must",
        by="Count in each group of these fields, as in source; default in all.",
        options=(_option("n", "How many to show; default 10.", type=int), _LAST, _WEIGHT, _OVER, _A_DAY),
        rule=("over", "alerts_per_day"),
    ),
    "templates": Look(
        "The templates of log lines: new, bursting, vanished.",
        "The templates that log lines are made of, and which are new, burst or have vanished. FIELD is message unless"
        " said. The rule counts lines of one template.",
        ("'log.#' --since 7d", "log.nginx --template 2 --over 10m --rule timeouts.yaml"),
        field="may",
        options=(
            _LAST, _option("template", "Of the rule: the row of the template, from 0 on; default the foremost that is"
            " new or bursts.", type=int), _OVER, _A_DAY,
        ),
        rule=("template", "over", "alerts_per_day"),
    ),
    "incidents": Look(
        "Bursts of events or alerts, and how they spread.",
        "Runs of unusually many events, those of several sources joined where they overlap: where each began and whom"
        " it reached.",
        ("http.requests --weight errors --since 7d", "'alert.#' --since 30d"),
        options=(
            _option("gap", "Bursts no further apart are one incident: 5m, say; default what is learnt."),
            _option("over", "The width of a bucket; default what is learnt."), _WEIGHT, _A_DAY,
        ),
        rule=("alerts_per_day",),
    ),
    "together": Look(
        "What moves in concert with what, and who is first.",
        "Which series move together or leave their usual level together, with what lag, beyond chance. Several kinds"
        " are looked at side by side; a kind without a field is counted.",
        ("http.requests:latency_ms --since 7d", "cpu.usage:used_pct http.requests:errors log.nginx --within 10m"),
        given="scans",
        options=(
            _EVERY, _option("within", "How long after the other one a series may follow; default 10 buckets."), _MOST,
        ),
    ),
    "suggest": Look(
        "Rules for a field, the best first.",
        "Rules that would raise about so many alerts a day, the best first: a line, a rate of change, what is usual, a"
        " forecast, absence, a count. Lines are chosen on the past and measured on what came later.",
        (
            "cpu.usage used_pct --alerts-per-day 0.5",
            "disk.usage used_pct --by source,mount --since 90d --rule disk.yaml --chart disk.svg",
        ),
        given="archive",
        field="must",
        options=(
            _A_DAY,
            _option("side", "Of which values to alert; default both.", type=click.Choice(SIDES)),
            _option("shapes", "Those to try, as in constant,rate; default all."),
            _option("over", "The window; default what suits."),
            _option("every", "Its step; default what suits."),
            _option("wait", "How long the line must be crossed; default what suits."),
            _option("to", "The limit that a forecast is about; 100 for a percentage.", type=float),
            _option("zone", "The time zone of usual hours, as in Europe/Berlin; default UTC."),
            _option("most", "How many to give; default 5.", type=int),
        ),
    ),
}  # fmt: skip
