"""The doors of the warehouse's questions: `ask` one, or several at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from promontory.errors import Broken
from promontory.warehouse.clusters import count_clusters
from promontory.warehouse.cube import Cube, load_cube
from promontory.warehouse.engine import Engine, Moved
from promontory.warehouse.manifest import Manifest
from promontory.warehouse.plan import Plan, points_of, position_of, total, weight_of
from promontory.warehouse.question import Cells, ClusteredCells, Periods, Question, integers
from promontory.warehouse.scan import Range

ATTEMPTS, PAUSE = 20, 0.05
"""How often, and how many seconds apart, a question is asked anew when its files are replaced."""

MOST_GROUPS = 100_000
"""Groups up to which several groupings are counted as one and folded afterwards."""

LARGEST = 1 << 62
"""Sums stay below this, so that no engine overflows 64 bits."""


def ask(engine: Engine, questions: Sequence[Question]) -> list[Cells | ClusteredCells]:
    """Answer several questions as of one manifest, in their order.

    A clustered question is answered with `ClusteredCells`, any other with `Cells`.
    """
    for _ in range(ATTEMPTS):
        manifest = engine.snapshot()
        try:
            return _answers(engine, manifest, questions)
        except Moved:
            time.sleep(PAUSE)
    raise Broken("The warehouse's files are not where its manifest says; rebuild the warehouse.")


def _answers(
    engine: Engine, manifest: Manifest, questions: Sequence[Question]
) -> list[Cells | ClusteredCells]:
    """Answer each question; those that differ in their grouping alone, in one pass if they can."""
    answered: dict[int, Cells | ClusteredCells] = {}
    for together in _batches(engine, manifest, questions):
        first = questions[together[0]]
        union = tuple(dict.fromkeys(by for place in together for by in questions[place].by))
        whole = _answer(engine, manifest, replace(first, by=union))
        for place in together:
            folded = whole.fold(questions[place]) if isinstance(whole, Cells) else whole
            answered[place] = folded
    return [answered[place] for place in range(len(questions))]


def _batches(
    engine: Engine, manifest: Manifest, questions: Sequence[Question]
) -> Iterator[list[int]]:
    """Yield the places of questions to be asked together; cells add, clusters do not."""
    cube = _cube(engine, manifest)
    alike: dict[tuple[object, ...], list[int]] = {}
    for place, question in enumerate(questions):
        periods = any(isinstance(by, Periods) for by in question.by)
        if question.cluster or periods or (cube is not None and cube.answers(question)):
            yield [place]
        else:
            shared: tuple[object, ...] = (
                *(question.answers, question.where, question.as_of),
                *(question.excluding, question.weighted),
            )
            alike.setdefault(shared, []).append(place)
    for places in alike.values():
        by = {name for place in places for name in questions[place].by}
        if Plan(replace(questions[places[0]], by=tuple(by)), manifest).most_groups <= MOST_GROUPS:
            yield places
        else:
            yield from ([place] for place in places)


def _answer(engine: Engine, manifest: Manifest, question: Question) -> Cells | ClusteredCells:
    if question.cluster is not None:
        return _clustered(engine, manifest, question)
    position = position_of(question, manifest)
    cube = _cube(engine, manifest)
    if cube is None or not cube.answers(question):
        return Cells(question, position, _cells(engine, manifest, question))
    since = Range("position", cube.position + 1, None)
    delta = _cells(engine, manifest, replace(question, where=(*question.where, since)))
    counted = cube.cells(question)
    if delta.num_rows:
        keys = counted.schema.names[:-1]
        both = pa.concat_tables([counted, delta]).group_by(keys).aggregate([("n", "sum")])
        both = both.rename_columns(counted.schema.names)
        counted = both.filter(pc.not_equal(both["n"], 0))
    return Cells(question, position, counted, "cube")


def _cube(engine: Engine, manifest: Manifest) -> Cube | None:
    try:
        return load_cube(engine.facts, manifest)
    except FileNotFoundError:
        raise Moved from None


def _cells(engine: Engine, manifest: Manifest, question: Question) -> pa.Table:
    """Return how many answers of each kind are in each group, from the facts."""
    plan = Plan(question, manifest)
    keys = {name: plan.key(by) for name, by in plan.by.items()} | {"y": exp.column("answer")}
    names = [*question.names, "answer"]
    if question.weighted:
        keys |= {"base_weight": plan.key("d"), "weight_cell": plan.key("g")}
        names += ["d", "g"]
    select = plan.group(keys, {"n": plan.count()})
    table = plan.run(engine, select, [*names, "n"])
    return table.filter(pc.not_equal(table["n"], 0))


def _clustered(engine: Engine, manifest: Manifest, question: Question) -> ClusteredCells:
    """Return how many clusters have each pair (T, W) in each group."""
    plan = Plan(question, manifest)
    if engine.in_place:
        try:
            table = count_clusters(engine.facts, plan)
        except FileNotFoundError:
            raise Moved from None
        if table is not None:
            return ClusteredCells(question, plan.position, table)
    radix = _radix(plan)
    sign = exp.column("sign")
    if radix:  # T and W travel in one integer: one sum to keep per cluster instead of two
        sums = {"s": total(sign * points_of(question, radix, 1))}
    else:
        weight = sign * weight_of(question)
        sums = {"t": total(weight * points_of(question)), "w": total(weight.copy())}
    keys = {name: plan.key(by) for name, by in plan.by.items()}
    inner = plan.group({**keys, "cluster": plan.cluster()}, sums)
    outer = exp.select(*keys, *sums, exp.alias_(exp.Count(this=exp.Star()), "clusters"))
    outer = outer.from_(inner.subquery("by_cluster"))
    outer = outer.where(exp.or_(*(exp.column(name).neq(0) for name in sums)))
    outer = outer.group_by(*keys, *sums)
    table = plan.run(
        engine,
        outer,
        [*question.names, *(name if radix else name.upper() for name in sums), "count"],
    )
    return ClusteredCells(question, plan.position, _unpacked(table, radix) if radix else table)


def _radix(plan: Plan) -> int:
    """Return the factor that keeps T and W apart in one integer, 0 when they might not fit."""
    question, rows = plan.question, sum(portion.rows for portion in plan.portions)
    radix = 1 << (2 * rows + 1).bit_length()
    most = max((abs(points) for points in question.points.values()), default=0)
    return 0 if question.weighted or (most + 1) * radix * rows >= LARGEST else radix


def _unpacked(table: pa.Table, radix: int) -> pa.Table:
    packed = table["s"].to_numpy()
    half = radix >> 1
    weight = (packed + half) % radix - half
    place = table.schema.get_field_index("s")
    names = [*table.schema.names[:place], "T", "W", "count"]
    columns = [*table.columns[:place], (packed - weight) // radix, weight, table["count"]]
    return pa.table(columns, schema=integers(names))
