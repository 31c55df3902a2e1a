"""Pseudo-answers: what is added to the answers before an interval or a test is made.

Three to a single score, two to each group of a difference, spread a quarter on each end of the
points and half on the middle; on a two-valued metric, which has no middle, half on each end.
On NPS that is Rocks (2016), 0.75 / 1.5 / 0.75 and 0.5 / 1 / 0.5; on a share the difference is
that of Agresti and Caffo (2000), 1 / 1, and the single score 1.5 / 1.5, which covers better at
90 % and 99 % than Agresti and Coull's 2 / 2 (benchmarks/coverage).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from promontory.measurement.inference.moments import Cells
from promontory.measurement.metrics import Metric

Floats = NDArray[np.float64]

ONE_SCORE = 3.0
EACH_GROUP = 2.0


@dataclass(frozen=True, eq=False, slots=True)
class Adjusted:
    """Scores after the pseudo-answers: their centre, the variance of one answer, and the base."""

    centre: Floats
    v: Floats
    total: Floats


def adjusted(cells: Cells, star: Floats, added: float) -> Adjusted:
    """Return the cells as if n* answers had been given and `added` pseudo-answers joined them."""
    middle, variance = _shape(cells.metric)
    total = star + added
    gap = np.nan_to_num(cells.theta - middle)
    offset = star * gap / total
    second = (star * (cells.v + gap**2) + added * variance) / total
    return Adjusted(middle + offset, second - offset**2, total)


def _shape(metric: Metric) -> tuple[float, float]:
    """Return the mean and the variance of the pseudo-answers' points."""
    low, high = metric.bounds
    half = (high - low) / 2
    return (low + high) / 2, half**2 * (1.0 if len(metric.levels) == 2 else 0.5)
