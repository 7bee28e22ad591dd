"""The words of an explanation: one or a few sentences for each thing that a rule can say, and its reason."""

from minerlib.event.moment import words
from minerlib.rule.explained import Facts
from minerlib.rule.parts import Measure
from minerlib.rule.report import count, moment
from minerlib.rule.rule import Rule


def told(facts: Facts) -> list[str]:
    """Why it was said, in sentences."""
    said = facts.said
    if facts.rule.by and not said.instance:
        return _of_the_stream(facts)
    if said.what == "flapping":
        return _flapping(facts)
    by_reason = {
        "value": _value, "missing": _missing, "returned": _returned, "primed": _primed, "replaced": _replaced,
        "unseen": _retired, "event": _retired, "settled": _settled,
    }  # fmt: skip
    return by_reason[said.reason](facts)


def _value(facts: Facts) -> list[str]:
    rule, said = facts.rule, facts.said
    since = facts.since or said.due
    lines = [f"{measured(rule)} was {_number(said.value)} at {moment(said.due)}{_line(facts)}."]
    wait = rule.clears.wait if said.what == "cleared" and rule.clears else rule.levels[facts.level].wait
    asks = "clear" if said.what == "cleared" else said.severity
    if wait:
        lines.append(
            f"That had held since {moment(since)}, for {words(said.due - since)}: {asks} asks for {words(wait)}."
        )
    else:
        lines.append(f"For {asks} one observation is enough.")
    instance = facts.before.instance
    if said.what == "escalated" and instance and instance.firing >= 0:
        lines.append(f"It fired already, at {rule.levels[instance.firing].severity}.")
    if said.what == "cleared" and rule.clear is None:
        lines.append("The rule has no clear of its own: it clears where its lowest level does not hold.")
    return lines


def _missing(facts: Facts) -> list[str]:
    rule, said, instance = facts.rule, facts.said, facts.before.instance
    after = rule.missing.after if rule.missing else 0
    last = facts.before.last if instance else said.due - after
    lines = [f"Its last event was at {moment(last)}; the rule waits {words(after)} for the next one."]
    if last + after < said.due:
        lines.append(f"It was waited for anew from {moment(said.due - after)} on, when the whole stream spoke again.")
    ending = {
        "raised": f"None came until {moment(said.due)}, and that alerts.",
        "cleared": f"None came until {moment(said.due)}, and that ends what fires.",
        "unknown": f"None came until {moment(said.due)}: state ({said.was}) and timers stand still.",
    }  # fmt: skip
    return [*lines, ending.get(said.what, f"None came until {moment(said.due)}.")]


def _returned(facts: Facts) -> list[str]:
    said, instance = facts.said, facts.before.instance
    since = instance.missing if instance and instance.missing is not None else said.due
    away = said.due - since
    lines = [f"An event of it came at {moment(said.due)}{_at(facts)}, after it had been missing for {words(away)}."]
    if said.what == "cleared":
        return [*lines, "It fired only because it was missing."]
    return [*lines, f"It goes on as {said.now}; its timers were moved on by {words(away)}."]


def _primed(facts: Facts) -> list[str]:
    instance = facts.before.instance
    lines = [f"It fired already when the rule began, at {moment(facts.said.due)}: its past was evaluated in silence."]
    held = instance.held[facts.level] if instance and facts.level >= 0 else None
    if instance and instance.missed:
        lines.append(f"It was missing: its last event was at {moment(facts.before.last)}.")
    elif held is not None:
        lines.append(f"{facts.said.severity} has held since {moment(held)}, as far as that past goes.")
    elif instance:
        lines.append(f"{facts.said.severity} does not hold any more, but it has not cleared yet.")
    return lines


def _replaced(facts: Facts) -> list[str]:
    lines = [f"The rule was withdrawn or replaced at {moment(facts.said.due)}, and takes back what it raised."]
    return [*lines, "It still fired then."]


def _settled(facts: Facts) -> list[str]:
    rule, said, instance = facts.rule, facts.said, facts.before.instance
    per = rule.flap.per if rule.flap else 0
    last = instance.turned if instance else said.due - per
    lines = [
        f"It was latched because it flapped; its last change was at {moment(last)}, and none came for {words(per)}."
    ]
    return [*lines, "It fires on." if said.what == "returned" else "It does not fire any more."]


def _flapping(facts: Facts) -> list[str]:
    rule, said, instance = facts.rule, facts.said, facts.before.instance
    most, per = (rule.flap.most, rule.flap.per) if rule.flap else (0, 0)
    turns = [at for at, _, counts in instance.turns if counts and at > said.due - per] if instance else []
    changes = f"It was raised and cleared {count(len(turns) + 1, 'time')} in {words(per)}, and {most} are allowed: at"
    lines = [f"{changes} {', '.join(moment(at) for at in [*turns, said.due])}."]
    if said.value is not None:
        lines.append(f"The last time {measured(rule)[0].lower()}{measured(rule)[1:]} was {_number(said.value)}.")
    return [*lines, f"It counts as firing at {said.severity} until it has not changed for {words(per)}."]


def _retired(facts: Facts) -> list[str]:
    rule, said, before = facts.rule, facts.said, facts.before
    last = f"Its last event was at {moment(before.last if before.instance else said.due)}."  # or it was new just then
    if said.reason == "event":
        return [f"An event at {moment(said.due)}{_at(facts)} says that it is to be forgotten.", last]
    return [last, f"The rule forgets what it has not seen for {words(rule.retire)}."]


def _of_the_stream(facts: Facts) -> list[str]:
    rule, said, before = facts.rule, facts.said, facts.before
    after = rule.missing.after if rule.missing else 0
    if said.reason == "missing":
        return [
            f"None of the {before.known} instances has had an event since {moment(before.latest)}, and one of them was "
            f"due to be missed at {moment(said.due)}, {words(after)} after its last.",
            "Where nobody has spoken for half of that, one alert speaks for the stream.",
        ]
    if said.reason == "returned":
        since = before.silence if before.silence is not None else said.due
        return [f"An event came at {moment(said.due)}{_at(facts)}: the stream had been silent since {moment(since)}."]
    if said.reason == "primed":
        return [f"The whole stream was silent already when the rule began, at {moment(said.due)}."]
    return _replaced(facts)


def _line(facts: Facts) -> str:
    condition, said = facts.condition, facts.said
    if condition is None or said.threshold is None:
        return ""
    text = f", which is {condition.sign} {_number(said.threshold)}"
    if facts.rule.usual and condition.number != condition.number:
        usual = facts.rule.usual.at(facts.key, said.due)
        known = ", ".join(f"{name} was {_number(value)}" for name, value in usual.items() if value is not None)
        text += f" ({condition.threshold}; {known} in that hour)"
    return text


def _at(facts: Facts) -> str:
    return f" (offset {facts.said.positions[0][0]})" if facts.said.positions else ""


def measured(rule: Rule) -> str:
    """What the rule measures, as the subject of a sentence."""
    measure = rule.measure
    if measure is None:
        return "Its silence"
    if measure.ratio:
        return f"The ratio of {measure.ratio.of} to {measure.ratio.to or 'all events'} over {words(measure.over)}"
    if measure.agg is None:
        return f"{measure.of}"
    return f"{_aggregate(measure)} over {words(measure.over)}"


def _aggregate(measure: Measure) -> str:
    of = measure.of or "events"
    if measure.agg == "forecast":
        return f"The time (in seconds) until {of} reaches {_number(measure.to)}, by its line"
    if measure.agg == "distinct":
        return f"The number of different {of}"
    return f"The {measure.agg} of {of}"


def _number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"
