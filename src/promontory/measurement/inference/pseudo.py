"""Pseudo-counts: what is added to each class before an interval or test is made.

Three-valued metrics (NPS): Rocks (2016), 0.75 / 1.5 / 0.75 for one score and 0.5 / 1 / 0.5 for
each group of a difference. Two-valued metrics: Agresti and Coull (1998), 2 / 2, and Agresti and
Caffo (2000), 1 / 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promontory.measurement.metrics import Metric

Floats = NDArray[np.float64]


def for_one_score(metric: Metric) -> Floats:
    """Return the pseudo-counts per level for the interval of one score."""
    k = len(metric.levels)
    if k == 2:
        return np.array([2.0, 2.0])
    if k == 3:
        return np.array([0.75, 1.5, 0.75])
    return np.full(k, 3.0 / k)


def for_difference(metric: Metric) -> Floats:
    """Return the pseudo-counts per level added to each group of a difference."""
    k = len(metric.levels)
    if k == 2:
        return np.array([1.0, 1.0])
    if k == 3:
        return np.array([0.5, 1.0, 0.5])
    return np.full(k, 2.0 / k)
