"""A rule and a test file beside it, in a folder of the test's own."""

from pathlib import Path

from minerlib.rule.cases import Case, Outcome, load, run

RULE = """\
rule: disk-filling
scope: acme.web.prod
kind: disk.usage
by: [source, mount]
measure: {of: used_pct}
levels:
  - {severity: warning, when: "> 80", for: 2m}
  - {severity: critical, when: "> 90"}
clear: {when: "< 75", for: 1m}
"""


def write(folder: Path, cases: str, rule: str = RULE) -> Path:
    """The test file; `cases` is all of its text, or the inside of its only case, where it begins with a space."""
    (folder / "disk.yaml").write_text(rule)
    file = folder / "disk.test.yaml"
    file.write_text(f"cases:\n  - name: it\n{cases}" if cases.startswith(" ") else cases)
    return file


def made(folder: Path, cases: str, rule: str = RULE) -> Case:
    """The first case of what is written."""
    return load(write(folder, cases, rule)).cases[0]


def ran(folder: Path, series: str, *expect: str, more: str = "", rule: str = RULE) -> Outcome:
    """What a series of `used_pct` on web-1 /data comes to."""
    lines = "".join(f"      - {{{each}}}\n" for each in expect)
    text = (
        f"    series: {{source: web-1, mount: /data, used_pct: {series}}}\n    expect:{'' if lines else ' []'}\n{lines}"
    )
    return run(made(folder, text + more, rule))
