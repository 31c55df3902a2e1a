"""Before asking: how many answers are needed, or what would a number of answers show?"""

from __future__ import annotations

from typing import Any

from promontory.errors import BadInput
from promontory.library.results import Plan
from promontory.library.scoring import score
from promontory.measurement import Metric, Tally, metrics
from promontory.measurement.sampling import (
    answers_for_change,
    answers_for_width,
    smallest_detectable_change,
)


def plan(
    *,
    half_width: float | None = None,
    detect: float | None = None,
    answers: int | None = None,
    expected: Any = None,
    metric: Metric | str = "nps",
    level: float = 0.95,
    power: float = 0.8,
    design_effect: float = 1.0,
    population: int | None = None,
    response_rate: float | None = None,
) -> Plan:
    """Return how many answers are needed, or what a number of answers would show.

    Exactly one of: `half_width` (the interval reaches at most so many points either way),
    `detect` (a true change of so many points is found with probability `power`; answers are per
    group), `answers` (the smallest change that two groups of so many would show). `expected` is a
    source of typical answers (else the widest spread is assumed); `population` takes answers for a
    random sample of it; `response_rate` adds the invitations.

    >>> import promontory as pm
    >>> pm.plan(detect=5).answers > pm.plan(detect=10).answers
    True
    """
    chosen = metrics.get(metric)
    if sum(value is not None for value in (half_width, detect, answers)) != 1:
        raise BadInput(
            "A plan has one aim.", remedy="Give half_width, or detect, or answers, and no other."
        )
    tally: Tally | None = None if expected is None else score(expected, metric=chosen).tally
    if half_width is not None:
        size = answers_for_width(
            half_width, chosen, expected=tally, level=level, design_effect=design_effect,
            population=population, response_rate=response_rate,
        )  # fmt: skip
        return Plan(size, None, chosen, level)
    if population is not None:
        raise BadInput(
            "A population only narrows the interval of one score.", remedy="Use half_width."
        )
    if detect is not None:
        size = answers_for_change(
            detect, chosen, expected=tally, level=level, power=power,
            design_effect=design_effect, response_rate=response_rate,
        )  # fmt: skip
        return Plan(size, None, chosen, level)
    change = smallest_detectable_change(
        answers or 0, answers or 0, chosen, expected=tally, level=level, power=power,
        design_effect=design_effect,
    )  # fmt: skip
    return Plan(None, change, chosen, level)
