"""Quantiles and tail probabilities of the normal, Student's t and F distributions, on arrays."""

from __future__ import annotations

from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from promontory.errors import BadInput
from promontory.measurement.inference.special import beta_cdf, log_gamma

Floats = NDArray[np.float64]

_NORMAL = NormalDist()
# From here on the expansions in 1/df are good to 1e-10 of the value (tested against SciPy), and
# much faster than the continued fraction.
_EXPANDS = 200.0


def normal_quantile(p: float) -> float:
    """Return z with P(Z ≤ z) = p, 0 < p < 1."""
    return _NORMAL.inv_cdf(p)


def normal_upper(z: ArrayLike) -> Floats:
    """Return P(Z > z), accurate far into the tail."""
    z = np.asarray(z, dtype=np.float64)
    values = np.array([0.5 * erfc(v / sqrt(2)) for v in z.ravel().tolist()])
    return values.reshape(z.shape)


def t_upper(t: ArrayLike, df: ArrayLike) -> Floats:
    """Return P(T > t) of Student's t with `df` > 0 degrees of freedom; infinite df is normal."""
    t, df = np.broadcast_arrays(np.asarray(t, dtype=np.float64), np.asarray(df, dtype=np.float64))
    few = df < _EXPANDS
    if not few.any():
        return _upper_of_many(t, df)
    nu, x = df[few], t[few]
    half = 0.5 * beta_cdf(nu / (nu + x * x), nu / 2, 0.5)
    upper = np.empty(t.shape)
    upper[few] = np.where(x >= 0, half, 1 - half)
    upper[~few] = _upper_of_many(t[~few], df[~few])
    return upper


def _upper_of_many(t: Floats, df: Floats) -> Floats:
    """Hill's normalising transform (Communications of the ACM 13, 1970, algorithm 395)."""
    nu = np.minimum(df, 1e12)  # the normal, to a double
    a = nu - 0.5
    b = 48 * a * a
    y = a * np.log1p(t * t / nu)
    top = ((((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b) + y + 3) / b + 1
    return normal_upper(np.sign(t) * top * np.sqrt(y))


def t_quantile(p: float, df: ArrayLike) -> Floats:
    """Return t with P(T ≤ t) = p, 0.5 ≤ p < 1, for each of the degrees of freedom (above 0)."""
    df = np.asarray(df, dtype=np.float64)
    if df.size == 0:
        return np.empty(df.shape)
    distinct, place = np.unique(df, return_inverse=True)
    return np.asarray(_t_quantile_of_distinct(p, distinct)[place].reshape(df.shape))


def _t_quantile_of_distinct(p: float, df: Floats) -> Floats:
    z = normal_quantile(p)
    t = _expanded(z, df)
    few = df < _EXPANDS
    if not few.any():
        return t
    nu = df[few]
    # Newton on the logarithm of the tail converges from below for every df.
    x = np.minimum(t[few], z + 30.0)
    x = np.where(nu < 3, _cauchy_like(p, nu), x)
    log_density = log_gamma((nu + 1) / 2) - log_gamma(nu / 2) - 0.5 * np.log(nu * np.pi)
    for _ in range(60):
        tail = t_upper(x, nu)
        density = np.exp(log_density - (nu + 1) / 2 * np.log1p(x * x / nu))
        step = (np.log(tail) - np.log(1 - p)) * tail / density
        x = np.maximum(x + step, x / 4)
        if np.all(np.abs(step) <= 1e-14 * np.maximum(np.abs(x), 1.0)):
            break
    t[few] = x
    return t


def _cauchy_like(p: float, nu: Floats) -> Floats:
    """Return a start for very heavy tails: the exact quantile at df = 1, raised to 1/df."""
    cauchy = np.tan(np.pi * (p - 0.5))
    heavy = np.maximum(cauchy, 1e-3) ** (1 / np.maximum(nu, 0.05))
    return np.asarray(np.where(cauchy > 1, heavy, cauchy))


def _expanded(z: float, df: Floats) -> Floats:
    """Cornish–Fisher expansion, Abramowitz & Stegun 26.7.5."""
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    i = 1 / df
    return z + i * (g1 + i * (g2 + i * (g3 + i * g4)))


def f_upper(f: ArrayLike, df1: ArrayLike, df2: ArrayLike) -> Floats:
    """Return P(F > f) of the F distribution with df1 and df2 degrees of freedom."""
    f, df1, df2 = (np.asarray(v, dtype=np.float64) for v in (f, df1, df2))
    return beta_cdf(df2 / (df2 + df1 * np.maximum(f, 0.0)), df2 / 2, df1 / 2)


def check_level(level: float) -> float:
    """Return the confidence level if it is between 0.5 and 1 (exclusive); refuse others."""
    if not 0.5 <= level < 1:
        raise BadInput(
            f"A confidence level of {level} makes no sense.",
            remedy="Give a share between 0.5 and 0.999, such as 0.95.",
        )
    return level
