"""The score weighted by how likely each answer's customer was to be drawn, beside the raw one."""

from __future__ import annotations

from dataclasses import replace

from promontory.measurement import Estimate, Tally
from promontory.measurement.clusters import ClusterTally
from promontory.measurement.inference.one_score import score
from promontory.program.scores.queries.source import Source
from promontory.program.scores.rules.periods import Period
from promontory.warehouse import Cells, ClusteredCells, ask
from promontory.warehouse.schema import UNIT_WEIGHT


def weighted(source: Source, period: Period | None) -> Estimate | None:
    """Return the weighted score of a period; None where all were equally likely to be drawn.

    The weight is the inverse of the inclusion probability, kept with each answer.
    """
    if source.manifest.bound("d") == (UNIT_WEIGHT, UNIT_WEIGHT):
        return None
    plain = source.question((), source.where(period))
    asked = [replace(plain, weighted=True)]
    if source.cluster is not None:
        asked.append(replace(plain, weighted=True, cluster=source.cluster))
    found = ask(source.engine, asked)
    assert isinstance(found[0], Cells)
    _, n, w, w2 = found[0].pivot_weighted()
    if not len(n):
        return None
    answers = source.metric.answers
    rows = (dict(zip(answers, part[0].tolist(), strict=True)) for part in (n, w, w2))
    tally = Tally(*rows)
    if not _unequal(tally):
        return None
    clusters = None
    if source.cluster is not None:
        assert isinstance(found[1], ClusteredCells)
        _, _, T, W, count = found[1].pivot()
        clusters = ClusterTally(T, W, count)
    return score(
        tally,
        source.metric,
        level=source.rules.level,
        method=source.rules.interval,
        clusters=clusters,
    )


def _unequal(tally: Tally) -> bool:
    """Say whether the weights differ: as many equally weighted answers would tell more."""
    return tally.base > 0 and tally.effective_base < tally.base * (1 - 1e-9)
