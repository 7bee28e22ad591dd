"""The outcome of test files as JUnit XML, as CI systems read it."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from minerlib.rule.cases.run import Outcome

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(outcomes: Mapping[Path, Sequence[Outcome]], faults: Sequence[str] = ()) -> bytes:
    """A test suite a file, a test case a case and each of its perturbations; an error each for files with faults."""
    root = ElementTree.Element("testsuites", name="minerlib rules test")
    if faults:
        count = str(len(faults))
        suite = ElementTree.SubElement(root, "testsuite", name="files", tests=count, failures="0", errors=count)
        for fault in faults:
            place, _, said = fault.partition(": ")
            case = ElementTree.SubElement(suite, "testcase", name=_clean(place), classname="files")
            ElementTree.SubElement(case, "error", message=_clean(said))
    for file, each in outcomes.items():
        suite = ElementTree.SubElement(root, "testsuite", name=str(file))
        tests = failures = 0
        for outcome in each:
            name, line = outcome.case.name, outcome.case.line
            said = "" if outcome.expected else "\n".join([*outcome.diff, *outcome.notes])
            found = [(name, said, outcome.seconds)]
            found += [(f"{name}, {one.name}", one.said, 0.0) for one in outcome.disturbed]
            for title, text, seconds in found:
                case = ElementTree.SubElement(
                    suite, "testcase", name=_clean(title), classname=str(file), file=str(file), line=str(line),
                    time=f"{seconds:.3f}",
                )  # fmt: skip
                tests += 1
                if text:
                    failures += 1
                    failure = ElementTree.SubElement(case, "failure", message=_clean(_summary(outcome, text)))
                    failure.text = _clean(text)
        suite.attrib |= {
            "tests": str(tests), "failures": str(failures), "errors": "0",
            "time": f"{sum(outcome.seconds for outcome in each):.3f}",
        }  # fmt: skip
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _summary(outcome: Outcome, text: str) -> str:
    first = text.splitlines()[0]
    if first[:2] not in ("- ", "+ ", "  "):
        return first
    return f"{len(outcome.missing)} expected and missing, {len(outcome.unexpected)} not expected"


def _clean(text: str) -> str:
    """Without what XML cannot hold."""
    return _ILLEGAL.sub("\ufffd", text)
