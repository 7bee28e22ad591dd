"""The templates that log lines are made of, and which of them are new, burst or have gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from minerlib.errors import MineError, SettingError
from minerlib.event.moment import rfc3339, to_datetime, words
from minerlib.mine.finding import Finding
from minerlib.mine.given import Given, given
from minerlib.mine.progress import Progress
from minerlib.mine.spoken import count, percent, value
from minerlib.mine.suggesting.counted import Counted, count_rule, window
from minerlib.mine.suggesting.spans import extent, last_span
from minerlib.mine.tables import as_polars
from minerlib.mine.wording.burst import STATES, judged
from minerlib.mine.wording.drained import Drained
from minerlib.mine.wording.like import expression, pattern, regex, variables
from minerlib.mine.wording.masks import LONGEST, cleaned, masked
from minerlib.rule.expression import quoted

if TYPE_CHECKING:
    import altair as alt

    from minerlib.rule import Rule

_AGES = 60  # spans before the last one that are compared with it
_SHOWN = 3  # different values of a variable part


@dataclass(frozen=True)
class Templates(Finding):
    """Log templates, the most frequent first.

    `frame` has `template`, `count`, `share`, `first`, `last`, `sources` (how many), `example`, `variables` (for each
    `<*>` up to three of its values), `recent` (lines in the last span), `usual` (the median of the spans before) and
    `state`: `new`, `bursting`, `vanished` or `usual`. `by_source` has `template`, the columns of `by`, `count`.
    """

    by_source: Any = field(repr=False)
    column: str = field(repr=False)
    by: tuple[str, ...] = field(repr=False)
    examples: dict[str, list[str]] = field(repr=False)
    drained: Drained = field(repr=False)
    words: dict[int, Any] = field(repr=False)

    def of(self, messages: Any) -> pl.Series:
        """The template of each message of a series or list, null where none is known."""
        texts = pl.Series("message", messages, dtype=pl.String)
        said = texts.to_frame().select(masked(cleaned(pl.col("message")))).to_series()
        found = {text: self._template(text) for text in said.unique().drop_nulls()}
        return said.replace_strict(found, default=None, return_dtype=pl.String).alias("template")

    def chart(self) -> "alt.LayerChart":
        """The most frequent templates and all that changed, as bars. Raises MineError where there are none."""
        from minerlib.mine.charts.templates import chart

        return chart(self)

    def rule(
        self,
        template: str | int | None = None,
        over: str = "10m",
        alerts_per_day: float = 1.0,
        kind: str | None = None,
        scope: str | None = None,
        name: str | None = None,
    ) -> "Rule":
        """Alert when one source says this template more than so often within `over`.

        `template` is its text or its row in `frame`; left out, it is the foremost that bursts, else the foremost new
        one. The line is chosen on the past so that about `alerts_per_day` are raised in all; `evidence` says what a
        backtest raised. Raises MineError where no template changed and none was named, or no pattern tells its lines.
        """
        text = self._chosen(template)
        like = pattern(text, self.examples[text])
        column = pl.col(self.column)
        label = " ".join(word for word in text.split() if word.isalpha())[:40]
        counted = Counted(
            name=name or f"log {label}",
            about=f"Lines like {text.replace('{', '(').replace('}', ')')}: more than {{line}} within {{over}}",
            by=tuple(self.given.column(each) for each in self.by if each != "source" or "source" in self.given.schema),
            over=window(over),
            select=column.str.contains(regex(like)) if like else column == "",
            where=expression(quoted(self.column), like),
            columns=(self.column,),
            least=0,
        )
        return count_rule(self.given, counted, alerts_per_day, kind, scope)

    def _chosen(self, template: str | int | None) -> str:
        rows = as_polars(self.frame)
        if isinstance(template, int):
            if not 0 <= template < rows.height:
                raise SettingError(f"There is no row {template}; there are {rows.height} templates, from row 0 on.")
            return str(rows["template"][template])
        if template is not None:
            if template not in self.examples:
                raise SettingError(f"There is no template {template!r}; take one from the frame, or its row's number.")
            return template
        for state in ("bursting", "new"):
            found = rows.filter(pl.col("state") == state).sort("recent", descending=True, maintain_order=True)
            if found.height:
                return str(found["template"][0])
        raise MineError("No template is new or bursting: say which one to watch, .rule(0) for the most frequent.")

    def _template(self, text: str) -> str | None:
        number = self.drained.find(text)
        return None if number not in self.words else self.words[number].of(text)


def templates(
    data: Any,
    field: str = "message",
    by: str | Sequence[str] = "source",
    since_last: str | timedelta = "1d",
    *,
    max_clusters: int = 10_000,
    progress: Progress = None,
) -> Templates:
    """What the messages have in common: their templates, with `<*>` where they vary.

    `data` is a frame or a scan (`archive.scan("log.#", since="7d")`). Times, addresses, paths and numbers are masked,
    drain3's tree finds the templates of what is left, and where only few words vary ("opened", "closed") each makes a
    template of its own. A template is new whose first line lies within `since_last` of the last line of all; it bursts
    where the last span has more than any before and more than chance allows (one in a hundred, over all templates); it
    has vanished where at least three lines were to be expected and none came. Memory is bounded: 2,000 characters a
    message, `max_clusters` templates, of which those not used for the longest are forgotten (`numbers["forgotten"]`).

        templates(archive.scan("log.sshd", since="30d")).frame

    Raises MineError where the field is not there or holds no text.
    """
    if max_clusters < 1:
        raise SettingError("max_clusters has to be at least 1; 10000 is usual.")
    by = (by,) if isinstance(by, str) else tuple(by)
    data = given(data)
    column = data.column(field)
    if data.schema[column] not in (pl.String, pl.Null, pl.Categorical):
        raise MineError(f"The field {field!r} holds {data.schema[column]}, not text; templates are of texts.")
    keys = data.keys(by)
    begin, end = extent(data)
    span, shortened = last_span(since_last, begin, end)
    drained = Drained(max_clusters)
    counted, texts, numbers = _read(data, column, keys, drained, begin, end, span, progress)
    if not counted.height:
        raise MineError(f"There is nothing to read: {field!r} is empty in all of these events.")

    alive = drained.alive
    named = {number: drained.named(number) for number in alive}
    gone = counted.filter(~pl.col("number").is_in(alive))
    numbers["forgotten"] = {"templates": drained.made - len(alive), "lines": int(gone["count"].sum())}
    keyed = texts.filter(pl.col("number").is_in(alive)).with_columns(
        pl.struct("number", "variant")
        .map_elements(lambda row: named[row["number"]].of(row["variant"]), pl.String)
        .alias("template")
    )
    counted = counted.join(keyed.select("number", "variant", "template"), ["number", "variant"], nulls_equal=True)
    examples = _examples(keyed)
    spans = max((end - begin) // span - 1, 0) if span else 0
    frame = judged(counted, keyed, min(spans, _AGES), to_datetime(end - span))
    frame = frame.with_columns(
        pl.col("template").replace_strict({text: some[0][:300] for text, some in examples.items()}).alias("example"),
        pl.Series("variables", [_values(text, examples[text]) for text in frame["template"]], pl.List(pl.String)),
    )
    whole = numbers["lines"]
    frame = frame.with_columns((pl.col("count") / whole).alias("share")).select(
        "template", "count", "share", "first", "last", "sources", "example", "variables", "recent", "usual", "state"
    )
    numbers |= {
        "templates": frame.height, "top_share": int(frame["count"].head(10).sum()) / whole,
        "since": rfc3339(begin), "until": rfc3339(end), "since_last": words(span), "shortened": shortened,
        **{state: frame.filter(pl.col("state") == state).height for state in STATES},
    }  # fmt: skip
    names = [f"by.{name}" for name in keys]
    sources = counted.group_by("template", *names).agg(pl.col("count").sum())
    sources = sources.sort("count", "template", *names, descending=[True] + [False] * (1 + len(names)))
    sources = sources.rename({f"by.{name}": name for name in keys if name not in ("template", "count")})
    says = _says(numbers, frame)
    back = data.back(frame), data.back(sources)
    return Templates(back[0], numbers, says, data, back[1], column, by, examples, drained, named)


def _read(
    data: Given, column: str, keys: dict[str, pl.Expr], drained: Drained, begin: int, end: int, span: int,
    progress: Progress,
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:  # fmt: skip
    """Counts by template, variant, keys and age (0 is the last span); texts by template and variant; what was read."""
    text = pl.col(column).cast(pl.String)
    names = [f"by.{name}" for name in keys]
    age = ((end - pl.col("time").dt.epoch("us")) // max(span, 1)).clip(0, _AGES + 1).cast(pl.Int32)

    def part(rows: pl.LazyFrame) -> pl.LazyFrame:
        return (
            rows.select("time", text.alias("text"), *(key.alias(f"by.{name}") for name, key in keys.items()))
            .with_row_index("row")
            .with_columns(masked(cleaned(pl.col("text"))).alias("variant"), age.alias("age"))
            .group_by("variant", "age", *names)
            .agg(
                pl.len().cast(pl.Int64).alias("count"),
                pl.col("time").min().alias("first"),
                pl.col("time").max().alias("last"),
                pl.col("row").min(),
                (pl.col("text").str.len_chars() > LONGEST).sum().cast(pl.Int64).alias("long"),
                pl.col("text").str.slice(0, LONGEST + 1).min().alias("least"),
                pl.col("text").str.slice(0, LONGEST + 1).max().alias("most"),
            )
        )

    counted, texts = pl.DataFrame(), pl.DataFrame()
    numbers = {"lines": 0, "empty": 0, "long": 0}
    for found in data.each(part, progress):
        numbers["empty"] += int(found.filter(pl.col("variant").is_null())["count"].sum())
        found = found.drop_nulls("variant")
        numbers["lines"] += int(found["count"].sum())
        numbers["long"] += int(found["long"].sum())
        order = found.group_by("variant").agg(pl.col("first").min(), pl.col("row").min()).sort("first", "row")
        order = order.with_columns(pl.Series("number", drained.add(order["variant"]), pl.Int64))
        found = found.join(order.select("variant", "number"), "variant")
        counted = _folded(counted, found, drained, ["number", "variant", "age", *names], [pl.col("count").sum()])
        ends = [pl.col("first").min(), pl.col("last").max(), pl.col("least").min(), pl.col("most").max()]
        texts = _folded(texts, found, drained, ["number", "variant"], [*ends, pl.col("count").sum()])
    return counted, texts, numbers


def _folded(
    before: pl.DataFrame, found: pl.DataFrame, drained: Drained, keys: list[str], sums: list[pl.Expr]
) -> pl.DataFrame:
    """Both together; the messages of a template that has too many kinds of them are no longer told apart."""
    columns = [*keys, *(expr.meta.output_name() for expr in sums)]
    rows = found.select(columns) if before.is_empty() else pl.concat([before, found.select(columns)])
    varied = [number for number in rows["number"].unique() if drained.varied(number)]
    variant = pl.when(~pl.col("number").is_in(varied)).then(pl.col("variant"))
    return rows.with_columns(variant.alias("variant")).group_by(keys).agg(sums).sort(keys)


def _examples(texts: pl.DataFrame) -> dict[str, list[str]]:
    """A few messages of each template, as they came."""
    found: dict[str, list[str]] = {}
    for text, least, most in texts.sort("count", descending=True).select("template", "least", "most").iter_rows():
        some = found.setdefault(text, [])
        some += [one for one in dict.fromkeys((least, most)) if len(some) < 10 and one not in some]
    return found


def _values(template: str, examples: list[str]) -> list[str]:
    """For each `<*>` of a template up to three of its values, told apart by ` | `."""
    rows = [row for row in (variables(template, one) for one in examples) if row]
    return [" | ".join([value(one) for one in dict.fromkeys(column)][:_SHOWN]) for column in zip(*rows, strict=True)]


def _says(numbers: dict[str, Any], frame: pl.DataFrame) -> str:
    lines, many = numbers["lines"], numbers["templates"]
    said = f"{count(lines, 'line')} {'is' if lines == 1 else 'are'} of {count(many, 'template')}"
    said += f", the ten most frequent of which hold {percent(numbers['top_share'])}. " if many > 10 else ". "
    shorter = ", a quarter of this short history" if numbers["shortened"] else ""
    parts: list[str] = []
    for state in ("new", "bursting", "vanished"):
        rows = frame.filter(pl.col("state") == state)
        if not rows.height:
            continue
        most = rows.sort("recent" if state != "vanished" else "count", descending=True, maintain_order=True)
        row = most.row(0, named=True)
        verb = {"new": "new", "bursting": "bursting", "vanished": "gone"}[state]
        known = f"{row['recent']:,} instead of {row['usual']:,.0f}" if state == "bursting" else f"{row['count']:,}"
        parts.append(f'{rows.height:,} {verb}, foremost "{value(row["template"])}" ({known})')
    if numbers["since"] == numbers["until"]:
        said += "All at one moment, so none can be called new."
    else:
        said += f"In the last {numbers['since_last']}{shorter}: {'; '.join(parts) or 'nothing new, bursting or gone'}."
    if numbers["forgotten"]["lines"]:
        said += f" {count(numbers['forgotten']['lines'], 'line')} of forgotten templates are left out."
    return said
