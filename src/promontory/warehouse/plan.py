"""From a question to a query: which files, which conditions, which sums.

What the files' bounds decide is not asked: a condition that holds for a whole file is dropped, a
grouping column with one value everywhere is not grouped by, rows that are all +1 are counted.
"""

from __future__ import annotations

import itertools
import math

import pyarrow as pa
from sqlglot import exp

from promontory.errors import BadInput
from promontory.warehouse.engine import Engine, Query
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.question import ANY_EXCLUSION, By, Periods, Question, integers
from promontory.warehouse.scan import Clear, Condition, In, Range, portions
from promontory.warehouse.schema import UNIT_WEIGHT, column_type

ELSEWHERE = -1
"""The period of a day that is in none."""


def number(value: int) -> exp.Expr:
    return exp.Literal.number(value) if value >= 0 else exp.Neg(this=exp.Literal.number(-value))


def total(what: exp.Expr) -> exp.Expr:
    """Return the sum as a 64-bit integer, whatever the engine would make of it."""
    return exp.cast(exp.Sum(this=what), exp.DataType.Type.BIGINT)


class Plan:
    """One question over one manifest."""

    def __init__(self, question: Question, manifest: Manifest) -> None:
        self.question, self.manifest = question, manifest
        self.position = position_of(question, manifest)
        self.conditions = conditions_of(question)
        self.by = {f"b{index}": by for index, by in enumerate(question.by)}
        read = {name for by in question.by for name in [_source(by)]}
        read |= {condition.column for condition in self.conditions} | {"sign", "answer"}
        read |= {"d", "g"} if question.weighted else set()
        if question.cluster:
            read |= {question.cluster, "response"}
        for name in read:
            column_type(name)
        self.portions = portions(manifest.files, sorted(read), self.conditions)
        self.files = [file for portion in self.portions for file in portion.files]

    @property
    def most_groups(self) -> int:
        """Return how many groups the files' bounds allow at most, calendar words by their days."""
        spans = [[file.bound(_source(by)) for file in self.files] for by in self.question.by]
        ends = [(min(low for low, _ in s), max(high for _, high in s)) for s in spans if s]
        return math.prod(high - low + 1 for low, high in ends)

    def constant(self, column: str) -> int | None:
        """Return the value that every row of the asked files has in the column, if there is one."""
        bounds = {file.bound(column) for file in self.files}
        low, high = bounds.pop() if len(bounds) == 1 else (0, 1)
        return low if low == high else None

    def key(self, by: By) -> exp.Expr:
        """Return the expression of a grouping; a literal where the files have one value."""
        fixed = self.constant(_source(by))
        column = exp.column(_source(by)) if fixed is None else number(fixed)
        if isinstance(by, Periods):
            return _case([(first, last, i) for i, (first, last) in enumerate(by.stretches)], column)
        if by == "week":
            return column - exp.paren(column + 3) % 7
        if by in ("quarter", "year"):
            return column - column % (3 if by == "quarter" else 12)
        return column

    def cluster(self) -> exp.Expr:
        """Return the cluster of a row; a response of nobody known is a cluster of its own."""
        name = self.question.cluster
        if name is None:
            raise BadInput("The question names no cluster.")
        cluster = exp.column(name)
        if all(file.bound(name)[0] > 0 for file in self.files):
            return cluster
        return exp.Case().when(cluster.eq(0), -exp.column("response")).else_(cluster.copy())

    def count(self) -> exp.Expr:
        """Return Σ sign."""
        sign = self.constant("sign")
        if sign == 1:
            return exp.cast(exp.Count(this=exp.Star()), exp.DataType.Type.BIGINT)
        return total(exp.column("sign"))

    def group(self, keys: dict[str, exp.Expr], sums: dict[str, exp.Expr]) -> exp.Select:
        """Return the select of sums by keys; keys that are literals are not grouped by."""
        select = exp.select(*(exp.alias_(what, name) for name, what in (keys | sums).items()))
        grouped = [what for what in keys.values() if list(what.find_all(exp.Column))]
        periods = [name for name, by in self.by.items() if isinstance(by, Periods)]
        inside = [keys[name].neq(number(ELSEWHERE)) for name in periods]
        select = select.from_("facts").where(*(what.copy() for what in inside))
        if not grouped:  # one group at most, and none when there are no rows
            return select.having(exp.Count(this=exp.Star()) > 0)
        return select.group_by(*(what.copy() for what in grouped))

    def run(self, engine: Engine, select: exp.Select, names: list[str]) -> pa.Table:
        """Return the select's result under these names, all int64."""
        used = sorted({column.name for column in select.find_all(exp.Column)} & self._read())
        return engine.run(
            Query(tuple(used) or ("sign",), tuple(self.portions), select, integers(names))
        )

    def _read(self) -> set[str]:
        names = {_source(by) for by in self.question.by}
        return names | {"sign", "answer", "d", "g", "response", "person", "account"}


def position_of(question: Question, manifest: Manifest) -> int:
    """Return the position a question is answered as of; refuse one not yet reached."""
    if question.as_of is None:
        return manifest.position
    if question.as_of > manifest.position:
        raise BadInput(
            f"The warehouse holds positions up to {manifest.position}, not {question.as_of}.",
            remedy="Wait for the next refresh.",
        )
    return question.as_of


def conditions_of(question: Question) -> tuple[Condition, ...]:
    """Return everything that must hold for a row to be counted."""
    if not question.answers:
        raise BadInput("A question names the answers that count.")
    answers = sorted(question.answers)
    asked: list[Condition] = [*question.where]
    if answers == list(range(answers[0], answers[-1] + 1)):
        asked.append(Range("answer", answers[0], answers[-1]))
    else:
        asked.append(In("answer", tuple(answers)))
    if question.excluding == ANY_EXCLUSION:
        asked.append(In("mask", (0,)))
    elif question.excluding:
        asked.append(Clear("mask", question.excluding))
    if question.as_of is not None:
        asked.append(Range("position", None, question.as_of))
    spans = (_span(by) for by in question.by if isinstance(by, Periods))
    return (*asked, *spans)


def points_of(question: Question, factor: int = 1, plus: int = 0) -> exp.Expr:
    """Return points × factor + plus of an answer, runs of equal points told by their ends."""
    missing = set(question.answers) - question.points.keys()
    if missing:
        raise BadInput(f"The answers {sorted(missing)} have no points.")
    ordered = sorted((answer, question.points[answer]) for answer in question.answers)
    runs = [
        (answers[0][0], answers[-1][0], worth * factor + plus)
        for worth, run in itertools.groupby(ordered, key=lambda pair: pair[1])
        for answers in [list(run)]
    ]
    return _case(runs, exp.column("answer"), otherwise=0)


def weight_of(question: Question) -> exp.Expr:
    """Return the weight of an answer in 10⁻¹²; 1 when the question is not weighted."""
    if not question.weighted:
        return number(1)
    factor: exp.Expr = number(UNIT_WEIGHT)
    if question.factors:
        case = exp.Case()
        for cell, worth in sorted(question.factors.items()):
            case = case.when(exp.column("g").eq(cell), number(worth))
        factor = exp.cast(case.else_(factor), exp.DataType.Type.BIGINT)
    return exp.column("d") * factor


def _source(by: By) -> str:
    if isinstance(by, Periods) or by == "week":
        return "day"
    return "month" if by in ("quarter", "year") else by


def _span(periods: Periods) -> Range:
    ordered = sorted(periods.stretches)
    if not ordered or any(first > last for first, last in ordered):
        raise BadInput("A period ends on or after the day it begins.")
    if any(before[1] >= after[0] for before, after in itertools.pairwise(ordered)):
        raise BadInput("Periods that are compared in one question may not overlap.")
    return Range("day", ordered[0][0], ordered[-1][1])


def _case(
    runs: list[tuple[int, int, int]], column: exp.Expr, otherwise: int = ELSEWHERE
) -> exp.Expr:
    case = exp.Case()
    for first, last, worth in sorted(runs):
        case = case.when(exp.and_(column.copy() >= first, column.copy() <= last), number(worth))
    return exp.cast(case.else_(number(otherwise)), exp.DataType.Type.BIGINT)
