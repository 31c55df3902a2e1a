"""What is asked of a file or of data: columns, scale, filters; resolved against what is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from promontory import tables
from promontory.errors import BadInput, Place
from promontory.library.periods import DERIVED, Period
from promontory.measurement import Metric, metrics
from promontory.measurement.metrics import Group
from promontory.tables.recognition import Question, Recognition
from promontory.tables.values import InstantRule, Scale

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How answers are to be read; whatever is left out is recognised, or asked."""

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: Scale | None = None
    zone: str | None = None
    order: str | None = None
    numbers: str | None = None
    where: tuple[tuple[str, bool, tuple[str, ...]], ...] = ()
    period: Period | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | int | None = None
    errors: str = "count"
    progress: Progress | None = None

    def __post_init__(self) -> None:
        if self.errors not in ("count", "refuse"):
            raise BadInput(
                f"errors=“{self.errors}” is not known.", remedy="Use “count” or “refuse”."
            )


@dataclass(frozen=True, slots=True)
class Request:
    """A table with every column that takes part named, and what was decided or is still open."""

    table: tables.Table
    metric: Metric
    scale: Scale
    score: str
    by: tuple[str, ...]
    cluster: str | None
    cluster_declared: bool
    weight: str | None
    at: str | None
    rule: InstantRule
    options: Options
    recognition: Recognition
    taken: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def needs_days(self) -> bool:
        """Whether the answers' dates are needed: for a period, or to group by month."""
        return self.options.period is not None or any(name in DERIVED for name in self.by)


def resolve(
    source: Any,
    *,
    by: str | Sequence[str] | None,
    weights: str | None,
    cluster: str | None,
    metric: Metric | str,
    options: Options,
) -> Request:
    """Open the source and name its columns; refuse what is missing or must be asked first."""
    table = (
        source
        if isinstance(source, tables.Table)
        else tables.open(
            source, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet
        )
    )
    chosen = metric_of(metric, options.scale)
    natural = Scale(*chosen.scale)
    if options.scale is not None and options.scale != natural:
        raise BadInput(
            f"Answers on {options.scale} make no {chosen.name}, which is asked on {natural};"
            " nothing is rescaled.",
            remedy=_metrics_on(options.scale),
            place=Place(file=table.name),
        )
    # A metric of another scale than 0–10 was named on purpose: that declares the scale.
    declared_scale = options.scale or (natural if natural != Scale(0, 10) else None)
    declared = {role: _column(table, name) for role, name in options.columns.items()}
    if weights is not None:
        declared["weight"] = _column(table, weights)
    by_names = tuple([by] if isinstance(by, str) else by or ())
    where = tuple((_column(table, name), is_, values) for name, is_, values in options.where)
    options = replace(options, where=where)
    recognition = tables.recognise(
        table.columns, table.sample(), declared=declared, scale=declared_scale
    )
    needed = [q for q in recognition.questions if q.needed]
    if needed:
        raise BadInput(
            needed[0].text, remedy=_how_to_answer(needed[0]), place=Place(file=table.name)
        )
    score = recognition.column("score")
    if score is None:
        raise BadInput(
            "No column of answers was found.", remedy="Name it.", place=Place(file=table.name)
        )
    grouped = tuple(
        name if name in DERIVED and name not in table.columns else _column(table, name)
        for name in by_names
    )
    named_cluster = _column(table, cluster) if cluster else None
    # An id of people makes answers depend on each other, whether or not anybody asked.
    clustered = named_cluster or recognition.column("person")
    weight = declared.get("weight")
    at = recognition.column("at")
    request = Request(
        table=table,
        metric=chosen,
        scale=declared_scale or natural,
        score=score,
        by=grouped,
        cluster=None if clustered == score else clustered,
        cluster_declared=named_cluster is not None,
        weight=weight,
        at=at,
        rule=_rule(recognition, options),
        options=options,
        recognition=recognition,
        taken=tuple(_taken(recognition, grouped, clustered, weight)),
        questions=(),
    )
    if request.needs_days and at is None:
        raise BadInput(
            "No column says when it was answered.",
            remedy="Name it: --column at=NAME.",
            place=Place(file=table.name),
        )
    return request


def _taken(
    recognition: Recognition, by: Iterable[str], cluster: str | None, weight: str | None
) -> Iterable[str]:
    yield str(recognition.roles["score"])
    for name in by:
        yield f"by: “{name}”"
    if cluster:
        yield f"cluster: “{cluster}”"
    if weight:
        yield f"weight: “{weight}”"
    elif found := recognition.column("weight"):
        yield f"“{found}” looks like a weight and was not used; name it to use it"
    if at := recognition.roles.get("at"):
        yield str(at)


def _rule(recognition: Recognition, options: Options) -> InstantRule:
    reading = recognition.instants
    found = reading.rule if reading else InstantRule()
    return InstantRule(
        zone=options.zone,
        order=options.order or found.order,  # type: ignore[arg-type]
        numbers=options.numbers or found.numbers,  # type: ignore[arg-type]
    )


def _column(table: tables.Table, name: str) -> str:
    """The table's column of this name; another case or punctuation will do if only one fits."""
    if name in table.columns:
        return name
    from promontory.tables.synonyms import plain

    alike = [column for column in table.columns if plain(column) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    return tables.columns_named(table, [name])[0]


def _metrics_on(scale: Scale) -> str:
    fitting = [key for key in list(metrics.keys()) if Scale(*metrics.get(key).scale) == scale]
    return "Ask for a metric of that scale: " + ", ".join([*fitting, "mean"]) + "."


def metric_of(metric: Metric | str, scale: Scale | None) -> Metric:
    """The metric of this key; "mean" is the mean answer on whatever scale was declared."""
    if metric != "mean":
        return metrics.get(metric)
    if scale is None:
        raise BadInput("The mean needs a scale.", remedy="Declare it, such as 1-10.")
    answers = range(scale.low, scale.high + 1)
    return Metric(
        key="mean",
        name=f"Mean answer on {scale}",
        code=0,
        points={answer: answer for answer in answers},
        groups=tuple(Group(str(answer), str(answer), (answer,)) for answer in answers),
        decimals=2,
    )


def _how_to_answer(question: Question) -> str:
    choices = ", ".join(question.choices[:12])
    if question.slug == "scale":
        return f"Declare it with --scale ({choices or '0-10'}), or another column with --column."
    return f"Name it with --column score=NAME ({choices})."


def parse_where(texts: Sequence[str]) -> tuple[tuple[str, bool, tuple[str, ...]], ...]:
    """Filters written as "region=North,South" or "channel!=phone"."""
    found = []
    for text in texts:
        match = re.match(r"^(.+?)(!=|=)(.*)$", text)
        if not match:
            raise BadInput(
                f"“{text}” is no filter.", remedy="Write it as region=North or channel!=phone."
            )
        found.append(
            (match[1].strip(), match[2] == "=", tuple(v.strip() for v in match[3].split(",")))
        )
    return tuple(found)
