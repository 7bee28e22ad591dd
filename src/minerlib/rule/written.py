"""A rule as the data of its document, defaults written out; reading it gives the same rule."""

from typing import TYPE_CHECKING, Any

import msgspec

from minerlib.event.moment import words
from minerlib.rule.parts import Measure
from minerlib.rule.usual import Table, Usual

if TYPE_CHECKING:
    from minerlib.rule.rule import Rule


def written(rule: "Rule") -> dict[str, Any]:
    """The document: maps, lists, texts and numbers, in the order in which people write it."""
    found: dict[str, Any] = {"rule": rule.name, "version": rule.version, "scope": rule.scope}
    if rule.about:
        found["about"] = rule.about
    found["kind"] = rule.kind
    if rule.where:
        found["where"] = str(rule.where)
    found["by"] = list(rule.by)
    if rule.measure:
        found["measure"] = _measure(rule.measure)
    if rule.usual:
        found["usual"] = _usual(rule.usual, rule.by)
    if rule.levels:
        found["levels"] = [{"severity": x.severity, "when": str(x.when), "for": words(x.wait)} for x in rule.levels]
    if rule.clear:
        found["clear"] = {"when": str(rule.clear.when), "for": words(rule.clear.wait)}
    if rule.missing:
        found["missing"] = {"after": words(rule.missing.after), "then": rule.missing.then}
    if rule.flap:
        found["flap"] = {"most": rule.flap.most, "per": words(rule.flap.per)}
    found |= {"retire": words(rule.retire), "instances": rule.instances}
    found |= {"lateness": words(rule.lateness), "ahead": words(rule.ahead)}
    if rule.budget is not None:
        found["budget"] = {"per_day": rule.budget}
    if rule.notify:
        found["notify"] = list(rule.notify)
    if rule.evidence:
        found["evidence"] = rule.evidence
    return found


def _measure(measure: Measure) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if measure.ratio:
        found["ratio"] = {"of": str(measure.ratio.of)} | ({"to": str(measure.ratio.to)} if measure.ratio.to else {})
    elif measure.of:
        found["of"] = str(measure.of)
    if measure.agg:
        found |= {} if measure.ratio else {"agg": measure.agg}
        found |= {"over": words(measure.over), "every": words(measure.every)}
    if measure.to is not None:
        found["to"] = measure.to
    return found


def _usual(usual: Usual, by: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"zone": usual.zone}
    if usual.shared:
        found["shared"] = _table(usual.shared)
    if usual.tables:
        found["of"] = [
            {"instance": dict(zip(by, msgspec.json.decode(key), strict=True)), **_table(table)}
            for key, table in usual.tables.items()
        ]
    return found


def _table(table: Table) -> dict[str, Any]:
    return {"centre": list(table.centre), "spread": list(table.spread)}
