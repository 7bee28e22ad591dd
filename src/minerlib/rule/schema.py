"""The JSON Schema of a rule document, for editors: what may stand where, with words about it.

An editor that knows it completes keys and underlines what cannot be; what only a reading finds (an expression that is
none, a level that can never fire) it does not say.
"""

from typing import Any

from minerlib.rule.measures import AGGREGATES
from minerlib.rule.rule import INSTANCES
from minerlib.rule.transition import SEVERITIES
from minerlib.rule.usual import SIZES

Schema = dict[str, Any]
_DURATION: Schema = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^\s*(\d+(\.\d+)?\s*(us|ms|s|m|h|d|w)\s*)+$",
            "examples": ["90s", "5m", "1h30m"],
        },
        {"const": 0},
    ]
}
_EXPRESSION: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
_WHEN: Schema = {
    "type": "string",
    "pattern": r"^\s*(>=|<=|==|!=|>|<)\s*\S",
    "examples": ["> 80", "> usual + 5 * spread"],
    "description": "An operator and a number, or what an expression makes of usual and spread.",
}
_NUMBERS: Schema = {"type": "array", "items": {"type": ["number", "null"]}, "anyOf": [
    {"minItems": size, "maxItems": size} for size in SIZES
]}  # fmt: skip
_WORDS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string", "minLength": 1}}]}


def schema() -> Schema:
    """The schema, as data for `json.dumps`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A minerlib rule",
        **_object(
            {
                "rule": _said("Its name.", type="string", pattern="^[a-z0-9]+([-_][a-z0-9]+)*$"),
                "version": _said("For people.", type="integer", minimum=1),
                "scope": _said(
                    "company.system.environment; the last two may be *.",
                    type="string", pattern=r"^[^.*#]+\.[^.#]+\.[^.#]+$", examples=["acme.web.prod"],
                ),
                "about": _said("What it is for.", type="string"),
                "kind": _said("An AMQP pattern of kinds.", type="string", pattern=r"^[^\s.]+(\.[^\s.]+)*$"),
                "where": _EXPRESSION | {"description": "SQL; events of which it is not true are left out."},
                "by": _WORDS | {"description": "What one instance is; [] is one in all.", "default": ["source"]},
                "measure": _measure(),
                "usual": _usual(),
                "levels": _said("When it fires.", type="array", items=_object(
                    {"severity": {"enum": list(SEVERITIES)}, "when": _WHEN, "for": _DURATION}, ["severity", "when"])),
                "clear": _object({"when": _WHEN, "for": _DURATION}),
                "missing": _object({"after": _DURATION, "then": {"enum": ["hold", "clear", "alert"]}}, ["after"]),
                "flap": _object({"most": {"type": "integer", "minimum": 0}, "per": _DURATION}, ["most", "per"]),
                "retire": _DURATION | {"description": "How long unseen it is forgotten.", "default": "30d"},
                "instances": _said("How many at once.", type="integer", minimum=1, maximum=10**6, default=INSTANCES),
                "lateness": _DURATION | {"description": "How late an event may come.", "default": "5s"},
                "ahead": _DURATION | {"description": "How far its clock may be ahead.", "default": "1m"},
                "budget": _object({"per_day": {"type": "number", "exclusiveMinimum": 0}}, ["per_day"]),
                "notify": _WORDS,
                "act": {"type": "object", "maxProperties": 0},
                "evidence": {"type": "object", "description": "Written by export."},
            },
            ["rule", "kind"],
        ),
    }  # fmt: skip


def _measure() -> Schema:
    window = {"over": _DURATION, "every": _DURATION}
    agg: Schema = {"anyOf": [{"enum": list(AGGREGATES)}, {"type": "string", "pattern": r"^p(?!0+$)\d{2,3}$"}]}
    ratio = _object({"of": _EXPRESSION, "to": _EXPRESSION}, ["of"])
    found = _object({"of": _EXPRESSION, "agg": agg, **window, "to": {"type": "number"}, "ratio": ratio})
    return found | {
        "description": "What is observed: `of` of each event, or `agg` of it over a window, or a ratio.",
        "anyOf": [{"required": ["of"]}, {"required": ["agg"]}, {"required": ["ratio"]}],
        "dependentRequired": {"agg": ["over"], "ratio": ["over"], "to": ["agg"]},
    }


def _usual() -> Schema:
    table = {"centre": _NUMBERS, "spread": _NUMBERS}
    of = _object({"instance": {"type": "object"}, **table}, ["instance", "centre", "spread"])
    found = _object({
        "zone": {"type": "string", "examples": ["Europe/Berlin"]}, "shared": _object(table, list(table)),
        "of": {"type": "array", "items": of},
    })  # fmt: skip
    return found | {"anyOf": [{"required": ["shared"]}, {"required": ["of"]}]}


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _said(description: str, **more: Any) -> Schema:
    return {"description": description, **more}
