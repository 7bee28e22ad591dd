"""CrowdSec's scenarios as rules: a bucket of so many drops, of which one leaks away in so long, as a window.

A bucket of capacity c that loses a drop every l runs over with the last of n events that lie within d if n > c + d / l.
`wide` is one window: then more than c of them lie within some c * l, so that it misses nothing. `ladder` is a window
for every k: then c + k of them lie within k * l for some k, and where they do it runs over, so that it adds nothing.
The names of fields are CrowdSec's, without `evt.Meta` before them.
"""

import re
from typing import Any

from minerlib.event.moment import SECOND, duration, words
from minerlib.rule import Rule

EVERY = SECOND

_FIELD = re.compile(r"evt\.(?:Meta|Parsed|Enriched|Unmarshaled\.cloudtrail\.responseElements)\.(\w+)")
_VALUE = r"(?:\w+\()*(?:\"\w+\"|'[^']*')\)*"
_LITERAL = re.compile(r'"([^"]*)"')
_WORDS = {"&&": "and", "||": "or", "==": "="}
_NAMES = {"contains": "contains", "startsWith": "starts_with", "endsWith": "ends_with"}

# What stands in another place than elsewhere: who is told of; and two kinds of programs in one bucket, counted as such.
CHANGED: dict[str, dict[str, Any]] = {
    "crowdsecurity/CVE-2023-4911": {"groupby": "evt.Meta.exe"},
    "crowdsecurity/auditd-base64-exec-behavior": {"type": "leaky", "capacity": 1, "distinct": "evt.Meta.program"},
}

# What a condition says that ours cannot: a regex, or a list in a file that is not among the data. For a list there
# stands what the lines of its case have of it.
BY_HAND = {
    "crowdsecurity/CVE-2022-44877":
        "contains(lower(http_path), '/index.php') and upper(verb) = 'POST' and http_status = '302' "
        "and (lower(http_args) like '%login=%$%(%)%' or lower(http_args) like '%login=%24%28%29%')",
    "crowdsecurity/CVE-2023-22515":
        "lower(file_ext) = '.action' and (contains(lower(file_dir), '/setup') or lower(file_frag) = 'server-info')",
    "crowdsecurity/aws-cloudtrail-bf-console-login": "event_name = 'ConsoleLogin' and result = 'Failure'",
    "crowdsecurity/http-dos-random-uri":
        "log_type = 'http_access-log' and http_verb = 'GET' and static_ressource = 'false' "
        "and upper(file_frag) = file_frag and length(file_frag) = 6 and http_args_len = 0",
    "cbrandlehner/mailscanner-highscore-spam": "log_type = 'mailscanner_spam' and cast(spam_score as double) > 20",
    "crowdsecurity/netgear_rce": "starts_with(lower(http_path), '/setup.cgi?next_file=netgear.cfg&todo=syscmd&cmd=')",
    "crowdsecurity/vmware-vcenter-vmsa-2021-0027":
        "http_path like '%/ui/vcav-bootstrap/rest/vcav-providers/provider-logo?url=file%' "
        "or http_path like '%/ui/vcav-bootstrap/rest/vcav-providers/provider-logo?url=http%'",
    "cyrille37/sympa_ww-http-scan":
        "service = 'wwsympa' and sympa_warn <> '' and not (ends_with(sympa_message, 'robots.txt') "
        "or ends_with(sympa_message, 'sitemap.xml') or ends_with(sympa_message, 'favicon.ico'))",
    "baudneo/zoneminder_cve-2022-39290":
        "log_type = 'http_access-log' and upper(http_verb) = 'GET' and contains(upper(http_path), 'ACTION=')",
}  # fmt: skip
LISTS = {
    "crowdsecurity/http-cve-probing":
        "http_status in ('404', '403') and (contains(http_path, '/ztp_gate.php/') "
        "or ends_with(http_path, 'execute-solution'))",
    "crowdsecurity/http-bad-user-agent": "contains(http_user_agent, 'Nikto') or contains(http_user_agent, 'zgrab')",
    "crowdsecurity/http-sensitive-files":
        "request like '%/.%' or request like '%.sql' or request like '%.bak' or request like '%.old'",
    "crowdsecurity/http-technology-probing":
        "http_status in ('404', '403') "
        "and http_path in ('/cgi-bin/videoconfiguration.cgi', '/crx/packmgr/service.jsp')",
    "crowdsecurity/http-backdoors-attempts": "ends_with(file_name, 'Shell.php')",
    "crowdsecurity/http-path-traversal-probing":
        "contains(lower(http_path), '%2fetc%2f') or contains(lower(http_path), '%252e%252e%252f') "
        "or contains(http_path, 'c:/')",
    "crowdsecurity/http-sqli-probbing-detection":
        "contains(http_args, 'schema') or contains(http_args, 'select') or ends_with(http_args, '%28') "
        "or ends_with(http_args, 'null%2cnull')",
    "crowdsecurity/http-xss-probbing":
        "contains(http_args, '<') or contains(upper(http_args), '%3C') or ends_with(http_args, '(') "
        "or ends_with(http_args, '%28') or ends_with(http_args, '%3A')",
    "crowdsecurity/thinkphp-cve-2018-20062": "contains(lower(http_path), 'think')",
}  # fmt: skip


def where(name: str, scenario: dict[str, Any]) -> str:
    """A scenario's filter in SQL: written by hand, or word for word."""
    if name in BY_HAND or name in LISTS:
        return BY_HAND.get(name) or LISTS[name]
    said = _LITERAL.sub(r"'\1'", " ".join(scenario["filter"].split()))
    said = _FIELD.sub(r'"\1"', said)
    said = re.sub(r"\[([^\]]*)\]", r"(\1)", said)
    said = re.sub(
        rf"({_VALUE}) (contains|startsWith|endsWith) ({_VALUE})", lambda f: f"{_NAMES[f[2]]}({f[1]}, {f[3]})", said
    )
    for old, new in _WORDS.items():
        said = said.replace(old, new)
    return re.sub(r"\b(Upper|Lower)\(", lambda found: found[0].lower(), said)


def wide(name: str, scenario: dict[str, Any]) -> Rule:
    """A scenario as one rule: more than its capacity within the time in which a full bucket runs empty."""
    scenario = scenario | CHANGED.get(name, {})
    capacity = scenario.get("capacity", 0)
    return _rule(name, scenario, capacity, capacity * _leak(scenario) + EVERY)


def ladder(name: str, scenario: dict[str, Any]) -> list[Rule]:
    """A scenario as a rule for each of the times in which so many more drops have leaked, as far as a bucket holds."""
    scenario = scenario | CHANGED.get(name, {})
    capacity = scenario.get("capacity", 0)
    steps = range(1, max(1, capacity) + 1)
    return [_rule(name, scenario, capacity + k - 1, k * _leak(scenario)) for k in steps]


def _leak(scenario: dict[str, Any]) -> int:
    return duration(scenario["leakspeed"]) if "leakspeed" in scenario else EVERY


def _rule(name: str, scenario: dict[str, Any], most: int, over: int) -> Rule:
    of = _FIELD.search(scenario.get("distinct", ""))
    measure = {"agg": "distinct", "of": f'"{of[1]}"'} if of and most else {"agg": "count"}
    return Rule.from_dict({
        "rule": re.sub(r"[^a-z0-9_-]", "-", name.lower()), "scope": "acme.web.prod", "kind": "log.line",
        "where": where(name, scenario), "by": _FIELD.findall(scenario.get("groupby", "")),
        "measure": measure | {"over": words(over), "every": words(min(EVERY, over))},
        "levels": [{"severity": "warning", "when": f"> {most}"}],
        "clear": {"for": scenario.get("blackhole", "0s")},
    })  # fmt: skip
