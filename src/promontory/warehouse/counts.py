"""The doors of the warehouse's questions: `ask` one, or several at once."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc
from sqlglot import exp

from promontory.warehouse.engine import Engine
from promontory.warehouse.plan import Plan, points_of, total, weight_of
from promontory.warehouse.question import Cells, ClusteredCells, Question


def ask(engine: Engine, questions: Sequence[Question]) -> list[Cells | ClusteredCells]:
    """Answer several questions as of one manifest; clustered ones with `ClusteredCells`."""
    return [
        cells(engine, question) if question.cluster is None else clustered(engine, question)
        for question in questions
    ]


def cells(engine: Engine, question: Question) -> Cells:
    """Return how many answers of each kind are in each group."""
    plan = Plan(question, engine.snapshot())
    keys = {name: plan.key(by) for name, by in plan.by.items()} | {"y": exp.column("answer")}
    names = [*question.names, "answer"]
    if question.weighted:
        keys |= {"base_weight": plan.key("d"), "weight_cell": plan.key("g")}
        names += ["d", "g"]
    select = plan.group(keys, {"n": plan.count()})
    table = plan.run(engine, select, [*names, "n"])
    return Cells(question, plan.position, table.filter(pc.not_equal(table["n"], 0)))


def clustered(engine: Engine, question: Question) -> ClusteredCells:
    """Return how many clusters have each pair (T, W) in each group."""
    assert question.cluster is not None
    plan = Plan(question, engine.snapshot())
    cluster = exp.column(question.cluster)
    own = exp.Case().when(cluster.eq(0), -exp.column("response")).else_(cluster.copy())
    keys = {name: plan.key(by) for name, by in plan.by.items()}
    weight = exp.column("sign") * weight_of(question)
    sums = {"t": total(weight * exp.paren(points_of(question))), "w": total(weight.copy())}
    inner = plan.group({**keys, "cluster": own}, sums)
    outer = exp.select(*keys, "t", "w", exp.alias_(exp.Count(this=exp.Star()), "clusters"))
    outer = outer.from_(inner.subquery("by_cluster")).where("t <> 0 OR w <> 0")
    outer = outer.group_by(*keys, "t", "w")
    table = plan.run(engine, outer, [*question.names, "T", "W", "count"])
    return ClusteredCells(question, plan.position, table)
