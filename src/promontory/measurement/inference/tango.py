"""The score interval: Tango (1998) for three-valued metrics, Wilson (1927) for shares.

Asked for as method "score". On n* answers, so weighted and clustered cells are served as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promontory.errors import BadInput
from promontory.measurement.inference.moments import Cells
from promontory.measurement.inference.quantiles import normal_quantile

Floats = NDArray[np.float64]


def score_interval(cells: Cells, star: Floats, level: float) -> tuple[Floats, Floats]:
    """Return low and high per cell, in points; refuse metrics of more than three values."""
    z = normal_quantile(0.5 + level / 2)
    levels = cells.metric.levels
    floor, ceiling = cells.metric.bounds
    if len(levels) == 2:
        low, high = _wilson(cells.shares[:, 1], star, z)
        return floor + (ceiling - floor) * low, floor + (ceiling - floor) * high
    if len(levels) != 3 or levels[1] - levels[0] != levels[2] - levels[1]:
        raise BadInput(
            f"The score interval is for metrics of two or three values, not {cells.metric.name}.",
            remedy="Use “rocks-t”.",
        )
    up, down = star * cells.shares[:, 2], star * cells.shares[:, 0]
    half, middle = (ceiling - floor) / 2, (ceiling + floor) / 2
    high = _tango_upper(up, down, star, z)
    low = -_tango_upper(down, up, star, z)
    return middle + half * low, middle + half * high


def _wilson(p: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    n = np.maximum(n, 1e-9)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return centre - reach, centre + reach


def _tango_upper(up: Floats, down: Floats, n: Floats, z: float) -> Floats:
    """Return the largest θ in −1…1 that the score test does not reject, by bisection."""
    n = np.maximum(n, 1e-9)
    low, high = (up - down) / n, np.ones_like(n)
    for _ in range(60):
        theta = (low + high) / 2
        # The restricted estimate of the share of detractors, given S − D = θ.
        a = 2 * n
        b = -up - down + (2 * n - up + down) * theta
        c = -down * theta * (1 - theta)
        share = (np.sqrt(np.maximum(b * b - 4 * a * c, 0)) - b) / (2 * a)
        variance = np.maximum(n * (2 * share + theta * (1 - theta)), 0)
        kept = n * theta - (up - down) <= z * np.sqrt(variance)
        low, high = np.where(kept, theta, low), np.where(kept, high, theta)
    return np.where(np.isclose(high, 1.0, atol=1e-12), 1.0, (low + high) / 2)
