"""The few special functions inference needs, on arrays, without SciPy.

Accuracy (tested against SciPy): 1e-12 relative for the incomplete beta function and the tail
probabilities built on it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)


def log_gamma(x: ArrayLike) -> Floats:
    """Return ln Γ(x) for x > 0."""
    x = np.asarray(x, dtype=np.float64)
    shift = np.zeros_like(x)
    y = x.copy()
    # Stirling's series is exact to a double from 10 on; smaller arguments are lifted there.
    for _ in range(10):
        low = y < 10
        if not low.any():
            break
        shift = np.where(low, shift + np.log(y), shift)
        y = np.where(low, y + 1, y)
    series = sum(c / y ** (2 * i + 1) for i, c in enumerate(_STIRLING))
    return np.asarray((y - 0.5) * np.log(y) - y + 0.5 * np.log(2 * np.pi) + series - shift)


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Return the regularised incomplete beta function I_x(a, b), 0 ≤ x ≤ 1, a, b > 0."""
    x, a, b = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x, a, b)))
    flip = x > (a + 1) / (a + b + 2)
    xx = np.where(flip, 1 - x, x)
    aa, bb = np.where(flip, b, a), np.where(flip, a, b)
    # Ends are set apart below; inside the logarithm they only must not be zero.
    inner = np.clip(xx, 1e-300, 1.0)
    other = np.maximum(np.where(flip, x, 1 - x), 1e-300)
    log_front = aa * np.log(inner) + bb * np.log(other) - _log_beta(aa, bb) - np.log(aa)
    tail = np.exp(log_front) * _fraction(xx, aa, bb)
    result = np.where(flip, 1 - tail, tail)
    return np.clip(np.where(x <= 0, 0.0, np.where(x >= 1, 1.0, result)), 0.0, 1.0)


def _log_beta(a: Floats, b: Floats) -> Floats:
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b)


def _fraction(x: Floats, a: Floats, b: Floats) -> Floats:
    """Evaluate the continued fraction of the incomplete beta function (modified Lentz)."""
    tiny = 1e-300
    c = np.ones_like(x)
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / np.where(np.abs(d) < tiny, tiny, d)
    h = d.copy()
    for m in range(1, 20_000):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + top * d
            d = 1 / np.where(np.abs(d) < tiny, tiny, d)
            c = 1 + top / c
            c = np.where(np.abs(c) < tiny, tiny, c)
            step = c * d
            h = h * step
        if np.all(np.abs(step - 1) < 1e-14):
            break
    return h
