"""The share of a group (promoters, the satisfied, the bottom box) with its interval."""

from __future__ import annotations

from collections.abc import Collection

from promontory.errors import BadInput
from promontory.measurement.estimate import Estimate
from promontory.measurement.inference.one_score import score
from promontory.measurement.metrics import NPS, Group, Metric, get
from promontory.measurement.tally import Tally


def share(
    tally: Tally, answers: Collection[int], metric: Metric | str = NPS, *, level: float = 0.95
) -> Estimate:
    """Return the percentage (0…100) that gave one of `answers`, with its interval.

    A share is the score of the metric that gives those answers 100 points and the others none,
    so weights and intervals are those of any score.
    """
    metric = get(metric)
    wanted = set(answers)
    if not wanted <= set(metric.answers):
        low, high = metric.scale
        raise BadInput(f"A share is of answers on the scale {low}–{high}.")
    if not wanted or wanted == set(metric.answers):
        raise BadInput("The share of none or of all answers is no estimate.")
    rest = tuple(a for a in metric.answers if a not in wanted)
    two_valued = Metric(
        key=f"{metric.key}_share",
        name=f"Share of {metric.name}",
        code=metric.code,
        points={a: 100 if a in wanted else 0 for a in metric.answers},
        groups=(Group("in", "In", tuple(sorted(wanted))), Group("out", "Out", rest)),
        unit="percentage points",
    )
    return score(tally, two_valued, level=level)


def group_shares(
    tally: Tally, metric: Metric | str = NPS, *, level: float = 0.95
) -> dict[str, Estimate]:
    """Return the share of each group of the metric by its key."""
    metric = get(metric)
    return {g.key: share(tally, g.answers, metric, level=level) for g in metric.groups}
