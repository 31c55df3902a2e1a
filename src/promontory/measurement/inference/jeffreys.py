"""The Bayesian interval under Jeffreys's prior, Dirichlet(½, …), exactly and without drawing.

The posterior of Σ pₖ yₖ is below t just when Σ (yₖ − t) Gₖ is below 0 for independent gamma
variables Gₖ, whose characteristic function is inverted numerically (Gil-Pelaez; Imhof 1961).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from promontory.measurement.inference.moments import Cells

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


def jeffreys_interval(cells: Cells, star: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the equal-tailed interval per cell, in points."""
    alpha = cells.shares * star[:, None] + 0.5
    return dirichlet_interval(alpha, cells.points, level)


def dirichlet_interval(alpha: Floats, points: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the equal-tailed interval of Σ pₖ yₖ for Dirichlet weights `alpha` (rows, levels)."""
    tail = (1 - level) / 2
    return _quantile(alpha, points, tail), _quantile(alpha, points, 1 - tail)


def _quantile(alpha: Floats, points: Floats, p: float) -> Floats:
    low = np.full(len(alpha), points[0])
    high = np.full(len(alpha), points[-1])
    for _ in range(45):
        middle = (low + high) / 2
        below = posterior_cdf(alpha, points, middle) < p
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def posterior_cdf(alpha: Floats, points: Floats, t: Floats) -> Floats:
    """Return P(Σ pₖ yₖ ≤ t) per row for Dirichlet weights `alpha` (rows, levels)."""
    gaps = points - t[:, None]
    scale = 1 / np.sqrt((alpha * gaps**2).sum(axis=1))
    # u runs over 0…∞ as x over 0…1; the power gathers nodes where the integrand lives.
    x = (_NODES + 1) / 2
    u = scale[:, None] * (x / (1 - x)) ** 2
    slope = 2 * x / (1 - x) ** 3 * _WEIGHTS / 2 * scale[:, None]
    turn = np.zeros_like(u)
    shrink = np.zeros_like(u)
    for k in range(len(points)):
        product = gaps[:, k, None] * u
        turn += alpha[:, k, None] * np.arctan(product)
        shrink += alpha[:, k, None] / 2 * np.log1p(product**2)
    integral = (np.sin(turn) * np.exp(-shrink) / u * slope).sum(axis=1)
    return np.asarray(np.clip(0.5 - integral / np.pi, 0.0, 1.0))
